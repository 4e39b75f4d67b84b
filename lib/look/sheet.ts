/** Contact sheets: small images in rows, each with a line of text under it. */
import { advise, optionNamed } from '../model/advice.js';
import { ExrError } from '../model/error.js';
import { Canvas, fitText, lineHeight, type Rgb, textWidth } from './canvas.js';

const paper: Rgb = [40, 40, 40];
const empty: Rgb = [24, 24, 24];
const ink: Rgb = [224, 224, 224];
const alarm: Rgb = [224, 64, 48];
const gap = 8;

/** Pixels of a sheet beyond which hardly anyone opens it; it is in memory whole. */
const mostPixels = 1 << 27;

/** Rows of RGB pixels, as a preview has them. */
interface SheetImage {
  readonly columns: number;
  readonly rows: number;
  readonly channels: 3;
  lines(): AsyncGenerator<Uint8Array>;
}

/** Cells of one size, filled from left to right, line by line. */
export class Sheet {
  readonly #canvas: Canvas;
  readonly #columns: number;
  readonly #cell: { readonly width: number; readonly height: number };

  /** @throws ExrError of kind `usage` for a sheet that is too large. */
  constructor(count: number, cell: { readonly width: number; readonly height: number }, columns: number) {
    this.#columns = columns;
    this.#cell = cell;
    const width = columns * (cell.width + gap) + gap;
    const height = Math.ceil(count / columns) * (cell.height + lineHeight + gap) + gap;
    if (width * height > mostPixels)
      throw new ExrError('usage', 'SHEET_SIZE', `a sheet of ${width} x ${height} pixels is too large`, {
        hint: advise`Make the images smaller with ${optionNamed('size')}, or choose fewer ${optionNamed('frames')}.`,
      });
    this.#canvas = new Canvas(width, height, paper);
    for (let at = 0; at < count; at++) {
      const { x, y } = this.#corner(at);
      this.#canvas.fill(x, y, cell.width, cell.height, empty);
    }
  }

  /** Writes the text under an image, in place of what is there. */
  label(at: number, text: string, colour = ink): void {
    const { x, y } = this.#corner(at);
    const { width, height } = this.#cell;
    this.#canvas.fill(x, y + height, width, lineHeight, paper);
    const label = fitText(text, width);
    const left = x + Math.max(0, Math.floor((width - textWidth(label)) / 2));
    this.#canvas.text(left, y + height + 3, label, colour);
  }

  /** Pixels of an image, from a place in it on to the right. The image, of so many pixels, is in the middle of its cell. */
  paste(
    at: number,
    image: { readonly columns: number; readonly rows: number },
    place: { readonly x: number; readonly row: number },
    pixels: Uint8Array,
  ): void {
    const { x, y } = this.#corner(at);
    const left = x + Math.floor((this.#cell.width - image.columns) / 2);
    const top = y + Math.floor((this.#cell.height - image.rows) / 2);
    this.#canvas.paste(left + place.x, top + place.row, pixels);
  }

  /** Strikes out a cell whose image is missing or broken, with a text that says so. */
  strike(at: number, text: string): void {
    this.label(at, text, alarm);
    const { x, y } = this.#corner(at);
    const { width, height } = this.#cell;
    for (const [left, top, wide, high] of [
      [x, y, width, 2],
      [x, y + height - 2, width, 2],
      [x, y, 2, height],
      [x + width - 2, y, 2, height],
    ] as const)
      this.#canvas.fill(left, top, wide, high, alarm);
    for (let step = 0; step < width; step++)
      this.#canvas.fill(x + step, y + Math.floor((step * (height - 1)) / width), 1, 2, alarm);
  }

  /** The whole sheet. */
  get image(): SheetImage {
    const canvas = this.#canvas;
    return {
      columns: canvas.width,
      rows: canvas.height,
      channels: 3,
      async *lines() {
        for (let y = 0; y < canvas.height; y++) yield canvas.line(y);
      },
    };
  }

  #corner(at: number): { readonly x: number; readonly y: number } {
    const column = at % this.#columns;
    const line = Math.floor(at / this.#columns);
    return {
      x: gap + column * (this.#cell.width + gap),
      y: gap + line * (this.#cell.height + lineHeight + gap),
    };
  }
}
