/**
 * Reads PNG line by line (ISO/IEC 15948): no more of the image is in memory than two lines and what the decompressor holds, so that
 * hundreds of masks can be read side by side. (The libraries on npm give whole images.) Interlaced images are refused: their lines
 * do not come in order.
 */
import { ExrError } from '../model/error.js';
import { crc32 } from './crc32.js';
import { type PngBytes, type PngHead, readPngHead } from './png-head.js';
import { unfilter } from './png-unfilter.js';

/** Bytes read at once. */
const pieceBytes = 64 << 10;

/** A PNG whose head has been read. */
export class PngReader {
  readonly head: PngHead;
  readonly #bytes: PngBytes;

  private constructor(bytes: PngBytes, head: PngHead) {
    this.#bytes = bytes;
    this.head = head;
  }

  /** @throws ExrError `invalid` for a file that is not a PNG or is damaged, `unsupported` for an interlaced one. */
  static async open(bytes: PngBytes): Promise<PngReader> {
    return new PngReader(bytes, await readPngHead(bytes));
  }

  /**
   * The lines of one channel from the top, as values from 0 to 1, without a curve. A line is valid until the next is requested.
   *
   * @throws ExrError `invalid` for a damaged or unfinished image.
   */
  async *lines(channel: string): AsyncGenerator<Float32Array<ArrayBuffer>> {
    const { width, height, depth, samples, palette, channels } = this.head;
    const at = channels.indexOf(channel);
    if (at < 0) throw new RangeError(`no channel ${channel}`);
    const lineBytes = Math.ceil((width * samples * depth) / 8);
    const pixelBytes = Math.max(1, (samples * depth) >> 3);
    const most = 2 ** depth - 1;
    const value = palette
      ? (sample: number) => (palette[Math.min(sample, palette.length - 1)]?.[at] ?? 255) / 255
      : (sample: number) => sample / most;
    const sampleAt = palette ? 0 : at;
    const values = new Float32Array(width);
    const above = new Uint8Array(lineBytes);
    const line = new Uint8Array(lineBytes + 1);
    let held = 0;
    let count = 0;
    for await (const piece of this.#inflated()) {
      for (let from = 0; from < piece.length && count < height; ) {
        const taken = Math.min(line.length - held, piece.length - from);
        line.set(piece.subarray(from, from + taken), held);
        held += taken;
        from += taken;
        if (held < line.length) continue;
        const own = line.subarray(1);
        unfilter(line[0] as number, own, above, pixelBytes);
        readSamples(own, { depth, samples, at: sampleAt }, value, values);
        yield values;
        above.set(own);
        held = 0;
        count += 1;
      }
      if (count === height) return;
    }
    throw damaged(`it ends after ${count} of ${height} lines`);
  }

  /** The pixels' bytes with their filters. */
  async *#inflated(): AsyncGenerator<Uint8Array> {
    const inflate = new DecompressionStream('deflate');
    const writer = inflate.writable.getWriter();
    const feed = async (): Promise<void> => {
      for await (const piece of this.#packed()) await writer.write(piece);
      await writer.close();
    };
    let failure: unknown;
    const feeding = feed().catch(async (error) => {
      failure ??= error;
      await writer.abort(error).catch(() => {});
    });
    const reader = inflate.readable.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        yield value;
      }
    } catch (error) {
      if (failure instanceof ExrError) throw failure;
      throw damaged('its pixels cannot be unpacked', error);
    } finally {
      await reader.cancel().catch(() => {});
      await writer.abort().catch(() => {});
      await feeding;
    }
  }

  /** The bytes of all IDAT chunks, which must follow each other. Their checksums are checked. */
  async *#packed(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const { size } = this.#bytes;
    for (let position = this.head.pixels; ; ) {
      if (position + 12 > size) throw damaged('it is cut off');
      const leader = await this.#bytes.read(position, 8);
      const length = new DataView(leader.buffer, leader.byteOffset).getUint32(0);
      const type = leader.subarray(4);
      if (String.fromCharCode(...type) !== 'IDAT') return;
      if (position + 12 + length > size) throw damaged('it is cut off');
      let sum = crc32(type);
      for (let at = 0; at < length; at += pieceBytes) {
        const piece = await this.#bytes.read(position + 8 + at, Math.min(pieceBytes, length - at));
        sum = crc32(piece, sum);
        yield new Uint8Array(piece);
      }
      const stored = await this.#bytes.read(position + 8 + length, 4);
      if (new DataView(stored.buffer, stored.byteOffset).getUint32(0) !== sum)
        throw damaged('a checksum of its pixels is wrong');
      position += 12 + length;
    }
  }
}

interface SampleShape {
  readonly depth: number;
  /** Samples of a pixel. */
  readonly samples: number;
  /** Which of them. */
  readonly at: number;
}

function readSamples(
  line: Uint8Array,
  { depth, samples, at }: SampleShape,
  value: (sample: number) => number,
  out: Float32Array,
): void {
  for (let x = 0; x < out.length; x++) {
    const index = x * samples + at;
    if (depth === 8) out[x] = value(line[index] as number);
    else if (depth === 16) out[x] = value(((line[index * 2] as number) << 8) | (line[index * 2 + 1] as number));
    else {
      // Several samples a byte, the first in the high bits.
      const bit = index * depth;
      const shift = 8 - depth - (bit & 7);
      out[x] = value(((line[bit >> 3] as number) >> shift) & (2 ** depth - 1));
    }
  }
}

function damaged(what: string, cause?: unknown): ExrError {
  return new ExrError('invalid', 'BAD_PNG', `the PNG is damaged: ${what}`, {
    ...(cause !== undefined && { cause }),
    hint: 'Export it again.',
  });
}
