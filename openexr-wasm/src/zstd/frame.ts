// The outside of a zstd frame (RFC 8878, section 3.1.1): its header, and where it ends. Nothing is unpacked for that.
import { CodecError } from '../errors.js';

/** First four bytes of a frame, little-endian. */
export const ZSTD_MAGIC = 0xfd2fb528;

/** Bytes a header can have, magic number included. */
export const MOST_HEADER_BYTES = 18;

/** Bytes of a block's header. */
const BLOCK_HEADER_BYTES = 3;

/** A block unpacks to this many bytes at most. */
export const MOST_BLOCK_BYTES = 1 << 17;

export interface FrameHeader {
  /** Bytes of the header, magic number included. */
  readonly length: number;
  /** Bytes that matches may reach back. */
  readonly windowBytes: number;
  /** Bytes the frame declares to unpack to; undefined where it does not. */
  readonly contentBytes: number | undefined;
  /** Its four bytes follow the last block. */
  readonly checksum: boolean;
}

export interface BlockHeader {
  readonly last: boolean;
  /** Bytes of the block after its header. */
  readonly packed: number;
  /** The most bytes it unpacks to. */
  readonly most: number;
}

/**
 * The header of the frame that `bytes` begin with.
 * @throws CodecError `truncated` where it does not end in these bytes, `corrupt` where there is none, `unsupported` where the
 *   frame needs a dictionary.
 */
export function readFrameHeader(bytes: Uint8Array): FrameHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const need = (length: number): void => {
    if (length > bytes.length) throw new CodecError('truncated', 'zstd: a frame ends within its header');
  };
  need(5);
  if (view.getUint32(0, true) !== ZSTD_MAGIC) throw new CodecError('corrupt', 'zstd: no frame begins here');
  const descriptor = view.getUint8(4);
  if ((descriptor & 0x08) !== 0) throw new CodecError('corrupt', 'zstd: a reserved bit of a frame is set');
  if ((descriptor & 0x03) !== 0) throw new CodecError('unsupported', 'zstd: the frame needs a dictionary');
  const single = (descriptor & 0x20) !== 0;
  const sizeCode = descriptor >> 6;
  const sizeBytes = sizeCode === 0 ? (single ? 1 : 0) : 1 << sizeCode;
  const sizeAt = single ? 5 : 6;
  need(sizeAt + sizeBytes);
  const contentBytes = contentSize(view, sizeAt, sizeBytes);
  return {
    length: sizeAt + sizeBytes,
    windowBytes: single ? (contentBytes ?? 0) : windowSize(view.getUint8(5)),
    contentBytes,
    checksum: (descriptor & 0x04) !== 0,
  };
}

function contentSize(view: DataView, at: number, bytes: number): number | undefined {
  if (bytes === 1) return view.getUint8(at);
  if (bytes === 2) return view.getUint16(at, true) + 256;
  if (bytes === 4) return view.getUint32(at, true);
  return bytes === 8 ? Number(view.getBigUint64(at, true)) : undefined;
}

function windowSize(descriptor: number): number {
  const power = 2 ** (10 + (descriptor >> 3));
  return power + (power / 8) * (descriptor & 7);
}

/**
 * The header of a block, from its three bytes.
 * @throws CodecError `corrupt` for a kind of block that does not exist, or one that is too large.
 */
export function readBlockHeader(bytes: Uint8Array): BlockHeader {
  const head = (bytes[0] as number) | ((bytes[1] as number) << 8) | ((bytes[2] as number) << 16);
  const type = (head >> 1) & 3;
  const size = head >> 3;
  if (type === 3 || size > MOST_BLOCK_BYTES) throw new CodecError('corrupt', 'zstd: unknown kind of block');
  return {
    last: (head & 1) === 1,
    // A block of one repeated byte holds that byte alone.
    packed: type === 1 ? 1 : size,
    most: type === 2 ? MOST_BLOCK_BYTES : size,
  };
}

/**
 * Checks that `bytes` are one frame and nothing else, and that it does not declare a content size other than `size`.
 * Its contents may still be damaged.
 */
export function checkFrame(bytes: Uint8Array, size: number): void {
  const { length, contentBytes = size, checksum } = readFrameHeader(bytes);
  if (contentBytes !== size) {
    throw new CodecError('corrupt', `zstd: the frame declares ${contentBytes} bytes where ${size} are expected`);
  }
  let at = length;
  let last = false;
  while (!last) {
    if (at + BLOCK_HEADER_BYTES > bytes.length) throw new CodecError('truncated', 'zstd: the frame ends too early');
    const block = readBlockHeader(bytes.subarray(at, at + BLOCK_HEADER_BYTES));
    last = block.last;
    at += BLOCK_HEADER_BYTES + block.packed;
  }
  at += checksum ? 4 : 0;
  if (at > bytes.length) throw new CodecError('truncated', 'zstd: the frame ends too early');
  if (at < bytes.length) throw new CodecError('corrupt', `zstd: ${bytes.length - at} bytes follow the frame`);
}
