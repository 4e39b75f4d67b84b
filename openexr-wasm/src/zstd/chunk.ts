// A chunk of ZSTD as OpenEXR 3.5 stores it: a header of 24 bytes and one zstd frame (OpenEXRCore, internal_zstd.c). The
// frame contains the stream of assembly/zstd.ts.
import { CodecError } from '../errors.js';
import { pixelBytes, planarSize } from '../layout.js';
import type { ChunkLayout, PixelType } from '../types.js';
import { checkFrame } from './frame.js';
import type { ZstdHeap } from './library.js';

/** "zstd-exr" */
const MAGIC = [0x7a, 0x73, 0x74, 0x64, 0x2d, 0x65, 0x78, 0x72];
const FORMAT_AT = 8;
const FLAGS_AT = 12;
const FRAME_BYTES_AT = 16;
const HEADER_BYTES = 24;

/** Rows are differences of neighbouring samples. */
const DELTA = 1;

/** Bytes before each segment of the stream: its length. */
const SEGMENT_LENGTH_BYTES = 8;

/**
 * Levels when none is given. OpenEXR's own is 5. Measured on frames of 4 to 105 channels, 64 to 1920 wide: level 3 takes half
 * the time of level 5 and makes files 0 to 2.4 % larger, except where streams are short (up to 5 %, and level 5 takes only a
 * third longer there) and where they hold next to nothing (4.5 % of a frame that packs to a 200th, which takes no time either
 * way). Level 2 is no faster than level 3; level 1 is by a tenth, with files 2 to 5 % larger.
 */
const FASTER = 3;
const SMALLER = 5;

/** Streams up to this size are short: the library has other parameters for them. */
const SMALL_STREAM = 16384;

/** A longer stream that packs to less than this fraction of it holds next to nothing. */
const REPETITIVE = 32;

/** Bytes of samples of each kind. */
export interface Segments {
  readonly halves: number;
  readonly words: number;
}

export interface OpenedChunk {
  readonly frame: Uint8Array;
  readonly delta: boolean;
}

/** The segments of a flat chunk. Throws as planarSize does. */
export function segmentsOf(layout: ChunkLayout): Segments {
  const total = planarSize(layout);
  const pixel = pixelBytes(layout.channels);
  if (pixel)
    return { halves: layout.width * layout.height * pixel.halves, words: layout.width * layout.height * pixel.words };
  const halves = planarSize({ ...layout, channels: layout.channels.filter(({ type }) => bytesPerSample(type) === 2) });
  return { halves, words: total - halves };
}

export function bytesPerSample(type: PixelType): 2 | 4 {
  return type === 'half' ? 2 : 4;
}

/** Bytes of the stream. */
export function streamBytes({ halves, words }: Segments): number {
  return halves + words + (halves > 0 ? SEGMENT_LENGTH_BYTES : 0) + (words > 0 ? SEGMENT_LENGTH_BYTES : 0);
}

/**
 * Parses a chunk that is not stored raw. OpenEXR 3.5.3 accepts format 2 with and without differences and format 1, which has
 * none, for flat chunks and deep ones; frames with a checksum, and frames that do not state their size; and no others.
 * @throws CodecError for a chunk that is not exactly one frame of `size` bytes, as far as that can be checked without unpacking it.
 */
export function openChunk(packed: Uint8Array, size: number): OpenedChunk {
  if (packed.length < HEADER_BYTES) {
    throw new CodecError('truncated', `a zstd chunk of ${packed.length} bytes ends within its header`);
  }
  if (!MAGIC.every((byte, at) => packed[at] === byte)) {
    throw new CodecError('corrupt', 'a zstd chunk does not begin with "zstd-exr"');
  }
  const view = new DataView(packed.buffer, packed.byteOffset, HEADER_BYTES);
  const format = view.getUint32(FORMAT_AT, true);
  const flags = view.getUint32(FLAGS_AT, true);
  if (!((format === 1 && flags === 0) || (format === 2 && flags <= DELTA))) {
    throw new CodecError('corrupt', `a zstd chunk has format ${format} with flags ${flags}, which does not exist`);
  }
  const frameBytes = view.getBigUint64(FRAME_BYTES_AT, true);
  const frame = packed.subarray(HEADER_BYTES);
  if (frameBytes !== BigInt(frame.length)) {
    const code = frameBytes > BigInt(frame.length) ? 'truncated' : 'corrupt';
    throw new CodecError(code, `a zstd chunk declares a frame of ${frameBytes} bytes, but has ${frame.length}`);
  }
  checkFrame(frame, size);
  return { frame, delta: flags === DELTA };
}

/**
 * Packs a stream that is in memory into a chunk: format 2 with differences, or format 1 as in deep chunks. The default level
 * makes it at most 3 % larger than OpenEXR's level 5.
 */
export function packChunk(heap: ZstdHeap, stream: PlacedBytes, level: number | undefined, delta: boolean): Uint8Array {
  const pack = (at: number): Uint8Array => heap.pack(stream.address, stream.length, at, HEADER_BYTES);
  let chunk = pack(level ?? (stream.length <= SMALL_STREAM ? SMALLER : FASTER));
  if (level === undefined && stream.length > SMALL_STREAM && chunk.length * REPETITIVE < stream.length) {
    const smaller = pack(SMALLER);
    if (smaller.length < chunk.length) chunk = smaller;
  }
  const view = new DataView(chunk.buffer);
  chunk.set(MAGIC);
  view.setUint32(FORMAT_AT, delta ? 2 : 1, true);
  view.setUint32(FLAGS_AT, delta ? DELTA : 0, true);
  view.setBigUint64(FRAME_BYTES_AT, BigInt(chunk.length - HEADER_BYTES), true);
  return chunk;
}

interface PlacedBytes {
  readonly address: number;
  readonly length: number;
}

/** Writes the lengths of a stream's segments. `stream` has its bytes. */
export function writeSegmentLengths(stream: Uint8Array, { halves, words }: Segments): void {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  if (halves > 0) view.setBigUint64(0, BigInt(halves), true);
  if (words > 0) view.setBigUint64(halves > 0 ? SEGMENT_LENGTH_BYTES + halves : 0, BigInt(words), true);
}

/** Checks the lengths of a stream's segments. */
export function checkSegmentLengths(stream: Uint8Array, { halves, words }: Segments): void {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  const isRight =
    (halves === 0 || view.getBigUint64(0, true) === BigInt(halves)) &&
    (words === 0 || view.getBigUint64(halves > 0 ? SEGMENT_LENGTH_BYTES + halves : 0, true) === BigInt(words));
  if (!isRight) throw new CodecError('corrupt', 'the segments of a zstd chunk do not have the size of its samples');
}

/** Where a segment's bytes begin in the stream. */
export function segmentStart({ halves }: Segments, sampleBytes: 2 | 4): number {
  return SEGMENT_LENGTH_BYTES + (sampleBytes === 4 && halves > 0 ? SEGMENT_LENGTH_BYTES + halves : 0);
}
