import { BlendError, corrupt, truncated } from './error.js';
import { type BlendSource, BufferedSource } from './source.js';
import { BlockDecoder, type BlockOutput, maxBlockBytes } from './zstd-block.js';

/** First four bytes of a zstd frame, little-endian (RFC 8878, section 3.1.1). */
export const zstdMagic = 0xfd2fb528;
/** Skippable frames have this number with any last digit (RFC 8878, section 3.1.2). */
const skippableMagic = 0x184d2a50;
/** First number of the skippable frame that holds a seek table, and last number of the file that has one. */
const seekTableMagic = 0x184d2a5e;
const seekTableEnd = 0x8f92eab1;

/** At Blender's frame size, a million frames are a terabyte. */
const maxFrames = 2 ** 20;

/** Where the frames of a file begin, packed and unpacked; one more entry than frames, for the end. */
export interface SeekTable {
  readonly packed: readonly number[];
  readonly unpacked: readonly number[];
}

/**
 * Reads the seek table at a file's end, if there is one.
 *
 * Blender (3.0 and later) cuts a file into frames of up to about two megabytes and ends it with such a table
 * (blender/source/blender/blenloader/intern/writefile.cc, `ZstdWriteWrap::write_seekable_frames`; the format is
 * zstd's contrib/seekable_format). A table that does not agree with the file is as good as none: the frames can be
 * read in order without it.
 */
export async function readSeekTable(source: BlendSource): Promise<SeekTable | undefined> {
  const footerBytes = 9;
  if (source.size < footerBytes + 8) return undefined;
  const footer = viewOf(await source.read(source.size - footerBytes, footerBytes));
  const descriptor = footer.getUint8(4);
  if (footer.getUint32(5, true) !== seekTableEnd || (descriptor & 0x7c) !== 0) return undefined;
  const count = footer.getUint32(0, true);
  if (count > maxFrames) return undefined;
  const entryBytes = descriptor & 0x80 ? 12 : 8;
  const contentBytes = count * entryBytes + footerBytes;
  const start = source.size - contentBytes - 8;
  if (start < 0) return undefined;
  const table = viewOf(await source.read(start, contentBytes + 8 - footerBytes));
  if (table.getUint32(0, true) !== seekTableMagic || table.getUint32(4, true) !== contentBytes) return undefined;
  const packed = [0];
  const unpacked = [0];
  for (let i = 0; i < count; i++) {
    packed.push((packed[i] as number) + table.getUint32(8 + i * entryBytes, true));
    unpacked.push((unpacked[i] as number) + table.getUint32(12 + i * entryBytes, true));
  }
  return packed[count] === start ? { packed, unpacked } : undefined;
}

/**
 * Unpacks zstd frames one after the other, from a frame's beginning to the file's end. Checksums are not verified:
 * Blender writes none.
 *
 * @param windowLimit bytes of window that a frame may ask for
 * @returns pieces of at most 128 KiB, each valid only until the next one is asked for
 */
export async function* unpackZstd(
  source: BlendSource,
  from: number,
  windowLimit: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const input = new BufferedSource(source, maxBlockBytes);
  let at = from;
  while (at < source.size) {
    const magic = viewOf(await input.readAt(at, 4)).getUint32(0, true);
    if ((magic & 0xfffffff0) >>> 0 === skippableMagic) {
      at += 8 + viewOf(await input.readAt(at, 8)).getUint32(4, true);
      if (at > source.size) throw truncated('zstd: the file ends within a frame');
      continue;
    }
    if (magic !== zstdMagic) throw corrupt(`zstd: no frame begins at byte ${at}`);
    const header = readFrameHeader(await input.readAt(at + 4, Math.min(14, source.size - at - 4)), windowLimit);
    at += 4 + header.length;
    const frame = new Frame(header);
    for (let last = false; !last; ) {
      const head = u24(await input.readAt(at, 3));
      last = (head & 1) === 1;
      const type = (head >> 1) & 3;
      const size = head >> 3;
      if (type === 3 || size > maxBlockBytes) throw corrupt('zstd: unknown kind of block');
      // A block of one repeated byte holds that byte alone.
      const packedSize = type === 1 ? 1 : size;
      yield frame.block(type, size, await input.readAt(at + 3, packedSize));
      at += 3 + packedSize;
    }
    frame.finish();
    at += header.checksum ? 4 : 0;
    if (at > source.size) throw truncated('zstd: the file ends within a frame');
  }
}

interface FrameHeader {
  readonly length: number;
  readonly windowBytes: number;
  readonly contentBytes: number | undefined;
  readonly checksum: boolean;
}

/** Frame header without its magic number (RFC 8878, section 3.1.1.1). */
function readFrameHeader(bytes: Uint8Array, windowLimit: number): FrameHeader {
  const view = viewOf(bytes);
  const need = (length: number): void => {
    if (length > bytes.length) throw truncated('zstd: the file ends within a frame');
  };
  need(1);
  const descriptor = view.getUint8(0);
  const single = (descriptor & 0x20) !== 0;
  if ((descriptor & 0x08) !== 0) throw corrupt('zstd: a reserved bit of a frame is set');
  if ((descriptor & 0x03) !== 0) throw new BlendError('BLEND_UNSUPPORTED', 'zstd: the frame needs a dictionary');
  const sizeCode = descriptor >> 6;
  const sizeBytes = sizeCode === 0 ? (single ? 1 : 0) : 1 << sizeCode;
  const length = 1 + (single ? 0 : 1) + sizeBytes;
  need(length);
  const sizeAt = length - sizeBytes;
  let contentBytes: number | undefined;
  if (sizeBytes === 1) contentBytes = view.getUint8(sizeAt);
  if (sizeBytes === 2) contentBytes = view.getUint16(sizeAt, true) + 256;
  if (sizeBytes === 4) contentBytes = view.getUint32(sizeAt, true);
  if (sizeBytes === 8) contentBytes = Number(view.getBigUint64(sizeAt, true));
  let windowBytes = contentBytes ?? 0;
  if (!single) {
    const window = view.getUint8(1);
    const power = 2 ** (10 + (window >> 3));
    windowBytes = power + (power / 8) * (window & 7);
  }
  if (windowBytes > windowLimit)
    throw new BlendError('BLEND_LIMIT', `zstd: a frame needs a window of ${windowBytes} bytes`);
  return { length, windowBytes, contentBytes, checksum: (descriptor & 0x04) !== 0 };
}

/** Unpacks the blocks of one frame, keeping as much of what was unpacked as matches may reach back to. */
class Frame implements BlockOutput {
  bytes = new Uint8Array(0);
  end = 0;
  readonly reach: number;
  readonly #header: FrameHeader;
  readonly #blockLimit: number;
  readonly #decoder: BlockDecoder;
  #total = 0;

  constructor(header: FrameHeader) {
    this.reach = header.windowBytes;
    this.#header = header;
    this.#blockLimit = Math.min(header.windowBytes, maxBlockBytes);
    this.#decoder = new BlockDecoder(this.#blockLimit);
  }

  /** What the block unpacks to, valid until the next block. */
  block(type: number, size: number, packed: Uint8Array): Uint8Array {
    if (type !== 2 && size > this.#blockLimit) throw corrupt('zstd: a block is larger than its window');
    this.#makeRoom();
    const start = this.end;
    if (type === 2) this.#decoder.decode(packed, this);
    else {
      if (type === 1) this.bytes.fill(packed[0] as number, start, start + size);
      else this.bytes.set(packed, start);
      this.end += size;
    }
    this.#total += this.end - start;
    if (this.#total > (this.#header.contentBytes ?? Number.POSITIVE_INFINITY))
      throw corrupt('zstd: a frame is longer than it says');
    return this.bytes.subarray(start, this.end);
  }

  /** To be called after the last block. */
  finish(): void {
    if (this.#total !== (this.#header.contentBytes ?? this.#total))
      throw corrupt('zstd: a frame is shorter than it says');
  }

  /**
   * Room for a block. While the window fills, the buffer grows with what has really been unpacked, so that a header
   * that lies about its window costs nothing; then its content slides, at most once for every window's worth.
   */
  #makeRoom(): void {
    if (this.end + this.#blockLimit <= this.bytes.length) return;
    const kept = this.bytes.subarray(Math.max(0, this.end - this.reach), this.end);
    const needed = kept.length + this.#blockLimit;
    if (needed > this.bytes.length / 2) this.bytes = new Uint8Array(needed * 2);
    this.bytes.set(kept);
    this.end = kept.length;
  }
}

function u24(bytes: Uint8Array): number {
  const view = viewOf(bytes);
  return view.getUint16(0, true) | (view.getUint8(2) << 16);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
