import { blendError, corrupt } from './error.js';

/** The format of a file's numbers and block heads, from its first bytes. */
export interface Layout {
  readonly pointerBytes: 4 | 8;
  readonly littleEndian: boolean;
  /** Blender's version times 100: 279, 304, 500. */
  readonly version: number;
  /** Bytes of the file header. */
  readonly headerBytes: number;
  readonly blockHeadBytes: 20 | 24 | 32;
}

/** Bytes of the older and of the newer file header. */
const oldHeaderBytes = 12;
const newHeaderBytes = 17;
/** Bytes to pass to {@link readLayout}: enough for either header. */
export const layoutBytes = newHeaderBytes;

/**
 * Reads the file header (blender/source/blender/blenloader_core/intern/blo_core_blend_header.cc).
 *
 * - Until Blender 5: `BLENDER`, `_` or `-` for pointers of 4 or 8 bytes, `v` or `V` for little or big endian, three
 *   digits of version: `BLENDER-v304`.
 * - Blender 5: `BLENDER`, two digits for the header's own length, `-`, two digits for the format version (1), `v`,
 *   four digits of version: `BLENDER17-01v0500`. Pointers have 8 bytes.
 */
export function readLayout(bytes: Uint8Array): Layout {
  const text = String.fromCharCode(...bytes.subarray(0, layoutBytes));
  const old = /^BLENDER([_-])([vV])(\d{3})/.exec(text);
  if (old) {
    const pointerBytes = old[1] === '-' ? 8 : 4;
    return {
      pointerBytes,
      littleEndian: old[2] === 'v',
      version: Number(old[3]),
      headerBytes: oldHeaderBytes,
      blockHeadBytes: pointerBytes === 8 ? 24 : 20,
    };
  }
  const recent = /^BLENDER17-01v(\d{4})/.exec(text);
  if (recent)
    return {
      pointerBytes: 8,
      littleEndian: true,
      version: Number(recent[1]),
      headerBytes: newHeaderBytes,
      blockHeadBytes: 32,
    };
  if (text.startsWith('BLENDER'))
    throw blendError('BLEND_UNSUPPORTED', `unknown .blend header "${text.replace(/[^ -~]/g, '?')}"`);
  throw blendError('NOT_BLEND', 'the file does not begin as a .blend file does');
}

/** The address of something in Blender's memory when it was saved, which pointers refer to. 0 is not an address. */
export type Address = bigint;

/** The head of each block (blender/source/blender/blenloader_core/BLO_core_bhead.hh). */
export interface BlockHead {
  /** Two letters for a datablock (`OB`), four for the rest (`DATA`, `DNA1`, `ENDB`). */
  readonly code: string;
  /** Bytes after the head. */
  readonly length: number;
  readonly address: Address;
  /** Number of the block's struct in the catalogue. */
  readonly struct: number;
}

/**
 * Reads a block head. The forms differ in field order and width: code, length, address, struct, count with lengths of
 * 4 bytes, and from format version 1 on code, struct, address, length, count with lengths of 8.
 */
export function readBlockHead(bytes: Uint8Array, layout: Layout): BlockHead {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = layout.littleEndian;
  const long = layout.blockHeadBytes === 32;
  // A two-letter code is a 16-bit number written as a 32-bit one, so in big-endian files its letters come last.
  const code = String.fromCharCode(...bytes.subarray(0, 4)).replace(/^\0\0|\0+$/g, '');
  const length = long ? Number(view.getBigInt64(16, little)) : view.getInt32(4, little);
  if (length < 0 || !Number.isSafeInteger(length)) throw corrupt(`a block declares ${length} bytes`);
  return {
    code,
    length,
    address: readAddress(view, 8, layout),
    struct: view.getInt32(long ? 4 : 8 + layout.pointerBytes, little),
  };
}

export function readAddress(view: DataView, at: number, layout: Layout): Address {
  return layout.pointerBytes === 8
    ? view.getBigUint64(at, layout.littleEndian)
    : BigInt(view.getUint32(at, layout.littleEndian));
}
