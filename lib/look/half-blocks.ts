/** An image as text: each letter is a half block whose two colours are those of two pixels, one above the other. */
export class HalfBlocks {
  readonly #columns: number;
  #above: Uint8Array | undefined;

  constructor(columns: number) {
    this.#columns = columns;
  }

  /** A row of RGB pixels; the line of text where it is the second of two. */
  row(pixels: Uint8Array): string | undefined {
    if (!this.#above) {
      this.#above = pixels.slice();
      return undefined;
    }
    const text = this.#text(this.#above, pixels);
    this.#above = undefined;
    return text;
  }

  /** The last line, of an image of an odd number of rows. */
  end(): string | undefined {
    return this.#above && this.#text(this.#above, undefined);
  }

  /** Colours are written only where they change. */
  #text(above: Uint8Array, below: Uint8Array | undefined): string {
    let text = '';
    let [top, bottom] = ['', ''];
    for (let column = 0; column < this.#columns; column++) {
      const ink = colourAt(above, column);
      const paper = below ? colourAt(below, column) : '';
      if (ink !== top) text += `\x1b[38;2;${ink}m`;
      if (paper !== bottom) text += `\x1b[48;2;${paper}m`;
      text += '\u2580';
      [top, bottom] = [ink, paper];
    }
    return `${text}\x1b[0m`;
  }
}

function colourAt(pixels: Uint8Array, column: number): string {
  return `${pixels[column * 3]};${pixels[column * 3 + 1]};${pixels[column * 3 + 2]}`;
}
