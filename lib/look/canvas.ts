/** A small image in memory, to lay out labels, legends and sheets: RGB, three bytes a pixel. */
import { glyph, glyphHeight, glyphWidth } from './font.js';

export type Rgb = readonly [number, number, number];

/** A letter and the gap behind it. */
const advance = glyphWidth + 1;

/** Height of a line of text with some room above and below. */
export const lineHeight = glyphHeight + 4;

export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;

  constructor(width: number, height: number, background: Rgb) {
    this.width = width;
    this.height = height;
    this.bytes = new Uint8Array(width * height * 3);
    this.fill(0, 0, width, height, background);
  }

  /** One line of pixels. */
  line(y: number): Uint8Array {
    return this.bytes.subarray(y * this.width * 3, (y + 1) * this.width * 3);
  }

  /** What lies outside is cut off. */
  fill(x: number, y: number, width: number, height: number, colour: Rgb): void {
    for (let row = Math.max(0, y); row < Math.min(this.height, y + height); row++)
      for (let column = Math.max(0, x); column < Math.min(this.width, x + width); column++)
        this.bytes.set(colour, (row * this.width + column) * 3);
  }

  /** Writes text with its top left corner here, each dot so many pixels wide and high. */
  text(x: number, y: number, text: string, colour: Rgb, scale = 1): void {
    let left = x;
    for (const letter of text) {
      for (const [column, dots] of glyph(letter).entries())
        for (let row = 0; row < glyphHeight; row++)
          if (dots & (1 << row)) this.fill(left + column * scale, y + row * scale, scale, scale, colour);
      left += advance * scale;
    }
  }

  /** Pastes a row of pixels. */
  paste(x: number, y: number, row: Uint8Array): void {
    if (y < 0 || y >= this.height) return;
    const room = Math.min(row.length, (this.width - x) * 3);
    this.bytes.set(row.subarray(0, room), (y * this.width + x) * 3);
  }
}

/** How wide text is, in pixels. */
export function textWidth(text: string, scale = 1): number {
  return Math.max(0, [...text].length * advance - 1) * scale;
}

/** Text cut in its middle so that it is no wider than that. */
export function fitText(text: string, width: number, scale = 1): string {
  const room = Math.max(1, Math.floor((width / scale + 1) / advance));
  const letters = [...text];
  if (letters.length <= room) return text;
  if (room < 5) return letters.slice(0, room).join('');
  const tail = Math.floor((room - 2) / 2);
  return [...letters.slice(0, room - 2 - tail), '..', ...letters.slice(-tail)].join('');
}
