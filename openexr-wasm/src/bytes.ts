// The byte-level step of RLE and ZIP(S) alone, for deep parts.
import { checkByteCount, mostPacked } from './byte-count.js';
import { CodecError, STATUS_OUTPUT_FULL, statusError } from './errors.js';
import { checkOptions } from './options.js';
import type { Runtime } from './runtime.js';
import type { AnyLengthOptions } from './types.js';

const METHODS = {
  rle: { unpack: 'rleUnpack', pack: 'rlePack' },
  zips: { unpack: 'zipUnpack', pack: 'zipPack' },
  zip: { unpack: 'zipUnpack', pack: 'zipPack' },
} as const;

export type ByteCompression = keyof typeof METHODS;

/** See Codecs.unpackBytes. */
export function unpackBytes(
  { run }: Runtime,
  compression: ByteCompression,
  packed: Uint8Array,
  size: number,
  { anyLength = false }: AnyLengthOptions = {},
): Uint8Array {
  checkByteCount(size);
  if (packed.length === size && (!anyLength || size === 0)) return new Uint8Array(packed);
  if (!anyLength && packed.length > size)
    throw new CodecError('too-large', `${packed.length} packed bytes for ${size} bytes`);
  return run((instance) => {
    const source = instance.place(packed);
    const output = instance.allocate(size);
    const status = instance.kernel(methodOf(compression).unpack)(source, packed.length, output, size);
    if (status < 0) throw statusError(status, `cannot unpack ${compression} bytes`);
    return instance.view(output, size).slice();
  });
}

/** See Codecs.packBytes. */
export function packBytes(
  { run }: Runtime,
  compression: ByteCompression,
  raw: Uint8Array,
  options: AnyLengthOptions & { readonly level?: number } = {},
): Uint8Array {
  const size = raw.length;
  if (size === 0) return new Uint8Array(0);
  const { level } = checkOptions(options);
  const capacity = options.anyLength ? mostPacked(size) : size - 1;
  checkByteCount(capacity);
  return run((instance) => {
    const source = instance.place(raw);
    const output = instance.allocate(capacity);
    const written = instance.kernel(methodOf(compression).pack)(source, size, output, capacity, level);
    if (written === STATUS_OUTPUT_FULL) return new Uint8Array(raw);
    if (written < 0) throw statusError(written, `cannot pack ${compression} bytes`);
    return instance.view(output, written).slice();
  });
}

function methodOf(compression: ByteCompression): { readonly unpack: string; readonly pack: string } {
  if (!Object.hasOwn(METHODS, compression)) {
    throw new CodecError('unsupported', `compression ${String(compression)} packs no bytes`);
  }
  return METHODS[compression];
}
