import {
  MOST_BLOCK_BYTES,
  MOST_HEADER_BYTES,
  readBlockHeader,
  readFrameHeader,
  ZSTD_MAGIC as zstdMagic,
} from 'openexr-wasm/core';
import { type BlendErrorCode, blendError, corrupt, truncated } from './error.js';
import { type BlendSource, BufferedSource } from './source.js';

export { zstdMagic };

/**
 * Unpacks one zstd frame, which unpacks to at most `most` bytes: openexr-wasm's `Zstd.decompress`. What it throws for a damaged
 * frame has its codes (`CodecError`).
 */
export type Unzstd = (frame: Uint8Array, most: number) => Uint8Array;

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
 * zstd's contrib/seekable_format). A table that does not match the file counts as none: the frames can be
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

/** The limits of a frame. */
export interface FrameLimits {
  /** Bytes that its matches may reach back. */
  readonly windowBytes: number;
  /** Bytes that it may unpack to. */
  readonly frameBytes: number;
  /** The name of the limit behind `frameBytes`, if it is one for files of any kind. */
  readonly limit?: 'claimBytes' | undefined;
}

/**
 * Unpacks zstd frames one after the other, from a frame's beginning to the file's end.
 *
 * @returns what each frame unpacks to
 */
export async function* unpackZstd(
  source: BlendSource,
  from: number,
  limits: FrameLimits,
  unzstd: Unzstd,
): AsyncGenerator<Uint8Array, void, undefined> {
  const input = new BufferedSource(source, MOST_BLOCK_BYTES);
  let at = from;
  while (at < source.size) {
    const magic = viewOf(await input.readAt(at, 4)).getUint32(0, true);
    if ((magic & 0xfffffff0) >>> 0 === skippableMagic) {
      at += 8 + viewOf(await input.readAt(at, 8)).getUint32(4, true);
      if (at > source.size) throw truncated('zstd: the file ends within a frame');
      continue;
    }
    if (magic !== zstdMagic) throw corrupt(`zstd: no frame begins at byte ${at}`);
    const { bytes, most } = await readFrame(input, at, limits);
    yield explained(() => unzstd(bytes, most));
    at += bytes.length;
  }
}

/** A frame as stored in the file, and how many bytes it can unpack to. */
interface Frame {
  readonly bytes: Uint8Array;
  readonly most: number;
}

/** Reads a frame block by block, as its end is not recorded anywhere. Its limits are checked before much is held. */
async function readFrame(input: BufferedSource, from: number, limits: FrameLimits): Promise<Frame> {
  const head = (await input.readAt(from, Math.min(MOST_HEADER_BYTES, input.size - from))).slice();
  const { length, windowBytes, contentBytes, checksum } = explained(() => readFrameHeader(head));
  if (windowBytes > limits.windowBytes)
    throw blendError('BLEND_LIMIT', `zstd: a frame needs a window of ${windowBytes} bytes`);
  checkSize(contentBytes ?? 0, limits);
  const pieces = [head.subarray(0, length)];
  let at = from + length;
  let most = 0;
  for (let last = false; !last; ) {
    const block = explained(readBlockHeader, await input.readAt(at, 3));
    last = block.last;
    most += block.most;
    // If the frame does not declare it, its blocks give an upper bound.
    if (contentBytes === undefined) checkSize(most, limits);
    const ending = last && checksum ? 4 : 0;
    pieces.push((await input.readAt(at, 3 + block.packed + ending)).slice());
    at += 3 + block.packed + ending;
  }
  return { bytes: joined(pieces), most: contentBytes ?? most };
}

function checkSize(bytes: number, { frameBytes, limit }: FrameLimits): void {
  if (bytes <= frameBytes) return;
  throw blendError('BLEND_LIMIT', `zstd: a frame unpacks to more than ${frameBytes} bytes`, undefined, limit);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

const codes: Readonly<Record<string, BlendErrorCode>> = {
  truncated: 'BLEND_TRUNCATED',
  corrupt: 'BLEND_CORRUPT',
  'too-large': 'BLEND_CORRUPT',
  unsupported: 'BLEND_UNSUPPORTED',
  'out-of-memory': 'BLEND_LIMIT',
};

/** Turns the decoder's errors into ours. */
function explained<Args extends unknown[], Result>(work: (...args: Args) => Result, ...args: Args): Result {
  try {
    return work(...args);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? codes[String(error.code)] : undefined;
    if (code === undefined || !(error instanceof Error)) throw error;
    throw blendError(code, error.message, error);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
