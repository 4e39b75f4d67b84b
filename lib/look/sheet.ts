/** Contact sheets: small images in rows, each with a line of text under it. */
import { advise, optionNamed } from '../model/advice.js';
import { ExrError } from '../model/error.js';
import { Canvas, fitText, lineHeight, type Rgb, textWidth } from './canvas.js';

const paper: Rgb = [40, 40, 40];
const empty: Rgb = [24, 24, 24];
const ink: Rgb = [224, 224, 224];
const alarm: Rgb = [224, 64, 48];
const gap = 8;
const scale = 1;

/** Pixels of a sheet beyond which hardly anyone opens it; it is in memory whole. */
const mostPixels = 1 << 27;

/** The text under the image of a cell. */
export interface CellLabel {
  readonly text: string;
  /** Marked: the image is missing or broken. */
  readonly isBad: boolean;
}

/** Cells of one size, filled from left to right, line by line. */
export class Sheet {
  readonly canvas: Canvas;
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
    this.canvas = new Canvas(width, height, paper);
  }

  /** Marks the place of an image that is not there, and writes its label. */
  begin(at: number, { text, isBad }: CellLabel): void {
    const { x, y } = this.#corner(at);
    const { width, height } = this.#cell;
    this.canvas.fill(x, y, width, height, empty);
    const label = fitText(text, width, scale);
    const left = x + Math.max(0, Math.floor((width - textWidth(label, scale)) / 2));
    this.canvas.text(left, y + height + 3, label, isBad ? alarm : ink, scale);
  }

  /** One row of an image of so many pixels, in the middle of its cell. */
  row(at: number, row: number, image: { readonly columns: number; readonly rows: number }, pixels: Uint8Array): void {
    const { x, y } = this.#corner(at);
    const left = x + Math.floor((this.#cell.width - image.columns) / 2);
    const top = y + Math.floor((this.#cell.height - image.rows) / 2);
    this.canvas.paste(left, top + row, pixels);
  }

  /** Frames a cell whose image is missing or broken, and strikes it out. */
  strike(at: number): void {
    const { x, y } = this.#corner(at);
    const { width, height } = this.#cell;
    for (const [left, top, wide, high] of [
      [x, y, width, 2],
      [x, y + height - 2, width, 2],
      [x, y, 2, height],
      [x + width - 2, y, 2, height],
    ] as const)
      this.canvas.fill(left, top, wide, high, alarm);
    for (let step = 0; step < width; step++)
      this.canvas.fill(x + step, y + Math.floor((step * (height - 1)) / width), 1, 2, alarm);
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
