/**
 * PNG, line by line (ISO/IEC 15948, "Portable Network Graphics"): grey, RGB or RGBA of 8 or 16 bits, or numbers of a palette. No
 * more of the image is in memory than a few lines and what the compressor holds.
 */
import { advise, optionNamed } from '../model/advice.js';
import { ExrError } from '../model/error.js';
import { encodeText } from '../model/text.js';
import { crc32 } from './crc32.js';

/** Samples of a pixel: grey, grey with alpha, RGB, RGBA. */
export type PngChannels = 1 | 2 | 3 | 4;

export interface PngFormat {
  readonly width: number;
  readonly height: number;
  readonly channels: PngChannels;
  readonly depth: 8 | 16;
  /** Up to 256 colours, three bytes each: pixels are their numbers then, one channel of 8 bits. */
  readonly palette?: Uint8Array;
  /** Whether colours are sRGB; values of a mask or an ID are not colours. */
  readonly srgb: boolean;
  /** Words for `tEXt` and `iTXt` chunks by their keys. */
  readonly text?: ReadonlyMap<string, string>;
}

/** Width and height beyond which hardly any program opens a PNG (libpng's own limit is a million). */
export const longestSide = 65_535;

/** Bytes handed to the compressor at once. */
const batchBytes = 256 << 10;

const colourTypes: Readonly<Record<PngChannels, number>> = { 1: 0, 2: 4, 3: 2, 4: 6 };

/** Writes one image. Lines come from the top; 16-bit samples are big-endian, as the format has them. */
export class PngWriter {
  readonly #format: PngFormat;
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  readonly #filter: LineFilter;
  readonly #deflate = new CompressionStream('deflate');
  readonly #packed: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #draining: Promise<void>;
  #batch: Uint8Array<ArrayBuffer>;
  #held = 0;
  #lines = 0;

  /** @throws ExrError of kind `usage` for an image that no program would open. */
  constructor(format: PngFormat, write: (bytes: Uint8Array) => Promise<void>) {
    const { width, height, channels, depth, palette } = format;
    if (width < 1 || height < 1 || width > longestSide || height > longestSide)
      throw new ExrError('usage', 'PNG_SIZE', `a PNG cannot be ${width} x ${height} pixels`, {
        hint: advise`Make it smaller with ${optionNamed('size')}; at most ${longestSide} pixels a side.`,
      });
    this.#format = format;
    this.#write = write;
    const pixelBytes = (channels * depth) / 8;
    this.#filter = new LineFilter(width * pixelBytes, pixelBytes, palette === undefined);
    this.#batch = new Uint8Array(Math.max(batchBytes, width * pixelBytes + 1));
    this.#packed = this.#deflate.writable.getWriter();
    this.#draining = this.#drain();
    // A caller that gives up ignores this promise; without a handler its error would end the process.
    this.#draining.catch(() => {});
  }

  /** Bytes of a line. */
  get lineBytes(): number {
    return this.#filter.length;
  }

  /** The next line; the bytes may be used again afterwards. */
  async line(bytes: Uint8Array): Promise<void> {
    this.#lines += 1;
    if (this.#held + this.lineBytes + 1 > this.#batch.length) await this.#flush();
    this.#filter.next(bytes, this.#batch.subarray(this.#held, this.#held + this.lineBytes + 1));
    this.#held += this.lineBytes + 1;
  }

  /** All lines have come. */
  async end(): Promise<void> {
    if (this.#lines !== this.#format.height) throw new RangeError(`${this.#lines} lines of ${this.#format.height}`);
    await this.#flush();
    await Promise.all([this.#packed.close(), this.#draining]);
    await this.#write(chunk('IEND', new Uint8Array()));
  }

  /** Gives up. Never throws. */
  async abort(): Promise<void> {
    await this.#packed.abort().catch(() => {});
    await this.#draining.catch(() => {});
  }

  async #flush(): Promise<void> {
    if (this.#held === 0) return;
    // The compressor keeps what it is given, so the next lines get a buffer of their own.
    const batch = this.#batch.subarray(0, this.#held);
    this.#batch = new Uint8Array(this.#batch.length);
    this.#held = 0;
    await Promise.race([this.#packed.write(batch), this.#draining]);
  }

  async #drain(): Promise<void> {
    for (const bytes of beginning(this.#format)) await this.#write(bytes);
    const reader = this.#deflate.readable.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      if (value.length > 0) await this.#write(chunk('IDAT', value));
    }
  }
}

/** Everything before the pixels. */
function beginning({ width, height, channels, depth, palette, srgb, text }: PngFormat): Uint8Array[] {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([depth, palette ? 3 : colourTypes[channels], 0, 0, 0], 8);
  return [
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', header),
    // Rendering intent: perceptual.
    ...(srgb ? [chunk('sRGB', Uint8Array.of(0))] : []),
    ...(palette ? [chunk('PLTE', palette)] : []),
    ...[...(text ?? [])].map(([key, value]) => textChunk(key, value)),
  ];
}

/** `tEXt` where the words are ASCII, else `iTXt`, which is UTF-8. */
function textChunk(key: string, value: string): Uint8Array {
  const ascii = /^[\n\x20-\x7e]*$/.test(value);
  const head = encodeText(ascii ? `${key}\0` : `${key}\0\0\0\0\0`);
  const words = encodeText(value.toWellFormed());
  const bytes = new Uint8Array(head.length + words.length);
  bytes.set(head);
  bytes.set(words, head.length);
  return chunk(ascii ? 'tEXt' : 'iTXt', bytes);
}

/** Length, type, bytes, checksum of type and bytes. */
export function chunk(type: string, bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length + 12);
  const view = new DataView(out.buffer);
  view.setUint32(0, bytes.length);
  for (let i = 0; i < 4; i++) out[4 + i] = type.charCodeAt(i);
  out.set(bytes, 8);
  view.setUint32(bytes.length + 8, crc32(out.subarray(4, bytes.length + 8)));
  return out;
}

/**
 * The filter that makes a line easy to pack: none, the difference to the left, to the line above, or to the mean of both. Which,
 * the smallest sum of absolute differences decides (the specification's own heuristic, "Filter selection"). Numbers of a
 * palette have no differences, and stay.
 */
class LineFilter {
  readonly length: number;
  readonly #pixel: number;
  readonly #tries: boolean;
  #above: Uint8Array;

  constructor(length: number, pixel: number, tries: boolean) {
    this.length = length;
    this.#pixel = pixel;
    this.#tries = tries;
    this.#above = new Uint8Array(length);
  }

  next(line: Uint8Array, out: Uint8Array): void {
    const kind = this.#tries ? this.#best(line) : 0;
    const above = this.#above;
    const pixel = this.#pixel;
    const own = line.subarray(0, this.length);
    out[0] = kind;
    // Most lines of most masks are empty.
    if (kind === 0) out.set(own, 1);
    else
      for (let i = 0; i < this.length; i++) {
        const left = i < pixel ? 0 : (line[i - pixel] as number);
        const up = above[i] as number;
        const guess = kind === 1 ? left : kind === 2 ? up : (left + up) >> 1;
        out[i + 1] = (line[i] as number) - guess;
      }
    above.set(own);
  }

  /** Every eighth byte tells enough. */
  #best(line: Uint8Array): number {
    const pixel = this.#pixel;
    const sums = [0, 0, 0, 0];
    for (let i = 0; i < this.length; i += 7) {
      const own = line[i] as number;
      const left = i < pixel ? 0 : (line[i - pixel] as number);
      const up = this.#above[i] as number;
      sums[0] = (sums[0] as number) + distance(own);
      sums[1] = (sums[1] as number) + distance(own - left);
      sums[2] = (sums[2] as number) + distance(own - up);
      sums[3] = (sums[3] as number) + distance(own - ((left + up) >> 1));
    }
    return sums.indexOf(Math.min(...sums));
  }
}

/** A difference of bytes, which wraps around, as a distance. */
function distance(difference: number): number {
  const byte = difference & 0xff;
  return byte < 128 ? byte : 256 - byte;
}
