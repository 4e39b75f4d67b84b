import { isExrError } from '../../model/error.js';
import { blendError, truncated } from './error.js';
import type { BlendLimits } from './limits.js';
import { type BlendSource, BufferedSource } from './source.js';
import { readSeekTable, type Unzstd, unpackZstd, zstdMagic } from './zstd.js';

/**
 * Unpacks gzip. Given the file's bytes in order, it yields the content's bytes in order; it may be closed early. In Node
 * that is a pipeline through `zlib.createGunzip()`, in a browser a `DecompressionStream('gzip')`.
 */
export type Gunzip = (packed: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

/** Decompressors for packed files. */
export interface Unpackers {
  readonly gunzip?: Gunzip | undefined;
  readonly unzstd?: Unzstd | undefined;
}

/** The content of a .blend file, however it was packed. */
export interface Content {
  /** How the file was packed as a whole. */
  readonly compression: Compression;
  /** `length` bytes from `offset`, valid until the next call. Cheapest when the offsets ascend. */
  readAt(offset: number, length: number): Promise<Uint8Array>;
  /** Bytes of the content, if known without unpacking all of it. */
  readonly size: number | undefined;
  /** Releases what a decompressor holds. */
  close(): Promise<void>;
}

/** How a .blend file is packed. */
export type Compression = 'none' | 'gzip' | 'zstd';

const gzipMagic = 0x8b1f;
/** The least size of a packed .blend file, and of the header of an unpacked one. */
const smallestBlend = 12;
/** Bytes read around a position in an uncompressed file. */
const readAhead = 1 << 14;
/** Bytes handed to the gzip decompressor at a time. */
const gzipPiece = 1 << 16;

/**
 * Recognises how a file is packed by its first bytes: Blender up to 2.93 wrote gzip, 3.0 and later zstd
 * (blender/source/blender/blenloader/intern/readfile.cc, `blo_filedata_from_file_descriptor`).
 */
export async function openContent(
  source: BlendSource,
  limits: BlendLimits,
  { gunzip, unzstd }: Unpackers,
): Promise<Content> {
  if (source.size < smallestBlend) throw blendError('NOT_BLEND', `a file of ${source.size} bytes is not a .blend file`);
  const first = await source.read(0, 4);
  if (first.length !== 4) throw truncated('the file returned fewer bytes than its size');
  const magic = new DataView(first.buffer, first.byteOffset, 4).getUint32(0, true);
  if (magic === zstdMagic) {
    if (unzstd === undefined)
      throw blendError('BLEND_UNSUPPORTED', 'the file is packed with zstd and no zstd decompressor was given');
    const table = await readSeekTable(source);
    const starts = table?.unpacked ?? [0];
    const packedStarts = table?.packed ?? [0];
    const most = mostUnpacked(source, limits);
    const frameLimits =
      most.bytes < limits.frameBytes ? { ...limits, frameBytes: most.bytes, limit: most.limit } : limits;
    const open = (start: number) => unpackZstd(source, packedStarts[start] as number, frameLimits, unzstd);
    return new UnpackedContent('zstd', { starts, size: table?.unpacked.at(-1), open }, most);
  }
  if ((magic & 0xffff) === gzipMagic) {
    if (gunzip === undefined)
      throw blendError('BLEND_UNSUPPORTED', 'the file is packed with gzip and no gzip decompressor was given');
    const open = () => gunzip(pieces(source))[Symbol.asyncIterator]();
    return new UnpackedContent('gzip', { starts: [0], size: undefined, open }, mostUnpacked(source, limits));
  }
  const plain = new BufferedSource(source, readAhead);
  return {
    compression: 'none',
    size: source.size,
    readAt: (offset, length) => plain.readAt(offset, length),
    close: async () => {},
  };
}

/** How much may be unpacked, and the limit that determines it. */
interface Most {
  readonly bytes: number;
  readonly limit: 'claimBytes' | undefined;
}

/** How many times its own size a file may unpack to before `claimBytes` applies. */
const soberShare = 100;

function mostUnpacked({ size }: BlendSource, { inflatedBytes, claimBytes }: BlendLimits): Most {
  const claim = Math.max(claimBytes, soberShare * size);
  return claim < inflatedBytes ? { bytes: claim, limit: 'claimBytes' } : { bytes: inflatedBytes, limit: undefined };
}

/** Content that can only be read in order, from certain positions on. */
interface Unpacker {
  /** Offsets in the content where unpacking can begin, ascending, the first one 0. */
  readonly starts: readonly number[];
  readonly size: number | undefined;
  /** Pieces from the start of that number on, each valid until the next is requested. */
  open(start: number): AsyncIterator<Uint8Array>;
}

class UnpackedContent implements Content {
  readonly compression: Compression;
  readonly size: number | undefined;
  readonly #unpacker: Unpacker;
  readonly #most: Most;
  #pieces: AsyncIterator<Uint8Array> | undefined;
  #piece: Uint8Array = new Uint8Array(0);
  /** Offset of the piece in the content. */
  #start = 0;
  #unpacked = 0;

  constructor(compression: Compression, unpacker: Unpacker, most: Most) {
    this.compression = compression;
    this.size = unpacker.size;
    this.#unpacker = unpacker;
    this.#most = most;
  }

  async readAt(offset: number, length: number): Promise<Uint8Array> {
    await this.#goTo(offset);
    const from = offset - this.#start;
    if (from + length <= this.#piece.length) return this.#piece.subarray(from, from + length);
    const whole = new Uint8Array(length);
    for (let filled = 0; filled < length; ) {
      await this.#goTo(offset + filled);
      const part = this.#piece.subarray(offset + filled - this.#start).subarray(0, length - filled);
      whole.set(part, filled);
      filled += part.length;
    }
    return whole;
  }

  async close(): Promise<void> {
    const pieces = this.#pieces;
    this.#pieces = undefined;
    await pieces?.return?.();
  }

  /** Makes the piece that holds the byte at `offset` the current one. */
  async #goTo(offset: number): Promise<void> {
    const end = this.#start + this.#piece.length;
    if (this.#pieces !== undefined && offset >= this.#start && offset < end) return;
    const { starts } = this.#unpacker;
    const nearest = lastAtOrBelow(starts, offset);
    if (this.#pieces === undefined || offset < this.#start || (starts[nearest] as number) > end) {
      await this.close();
      this.#pieces = this.#unpacker.open(nearest);
      this.#piece = new Uint8Array(0);
      this.#start = starts[nearest] as number;
    }
    while (offset >= this.#start + this.#piece.length) await this.#next(offset);
  }

  async #next(wanted: number): Promise<void> {
    this.#start += this.#piece.length;
    const next = await this.#pull();
    if (next.done === true)
      throw truncated(`the file ends after ${this.#start} unpacked bytes, byte ${wanted} is needed`);
    this.#piece = next.value;
    this.#unpacked += next.value.length;
    const { bytes, limit } = this.#most;
    if (this.#unpacked > bytes)
      throw blendError('BLEND_LIMIT', `the file unpacks to more than ${bytes} bytes`, undefined, limit);
  }

  async #pull(): Promise<IteratorResult<Uint8Array>> {
    if (this.#pieces === undefined) return { done: true, value: undefined };
    if (this.compression === 'zstd') return this.#pieces.next();
    try {
      return await this.#pieces.next();
    } catch (error) {
      if (isExrError(error)) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw blendError('BLEND_CORRUPT', `gzip: ${reason}`, error);
    }
  }
}

/** Number of the last of the ascending values that is not above `limit`. */
function lastAtOrBelow(values: readonly number[], limit: number): number {
  let low = 0;
  let high = values.length;
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) <= limit) low = middle;
    else high = middle;
  }
  return low;
}

async function* pieces(source: BlendSource): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < source.size; at += gzipPiece)
    yield await source.read(at, Math.min(gzipPiece, source.size - at));
}
