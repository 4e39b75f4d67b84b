// ZIP, ZIPS and PXR24 chunks made of channels of others at the level of deflate's tokens: see assembly/splice/index.ts.
import { STATUS_OUTPUT_FULL, statusError } from './errors.js';
import type { Instance } from './instance.js';
import { placeChannelTable } from './layout.js';
import type { ChannelPick, ChunkSource, SpliceTarget } from './types.js';

/** The order of bytes before zlib, see assembly/splice/runs.ts. */
export type StreamForm = 'zip' | 'pxr24';
const FORM: Readonly<Record<StreamForm, number>> = { zip: 0, pxr24: 1 };

/** Lets the module choose how much of each run is re-encoded, see assembly/splice/read.ts. */
const CHOOSE = -1;

/** For logBytes: all tokens are re-encoded, and those that cannot be moved are matched again, see assembly/splice/renew.ts. */
export const RENEW = -2;

/** A source or target with its planar size, which is computed once. */
export type SizedSource = ChunkSource & { readonly size: number };
export type SizedTarget = SpliceTarget & { readonly size: number };

export interface TokenOptions {
  /** zlib level for sources that are stored raw. */
  readonly level: number;
  /** Packed bytes at the start of each run whose tokens are re-encoded instead of copied; chosen by default. */
  readonly logBytes?: number;
  /** Called with each source's bytes once they are no longer needed outside the module. */
  readonly release?: ((packed: Uint8Array) => void) | undefined;
  /** Memory for a chunk. */
  readonly allocate?: (length: number) => Uint8Array;
}

export interface SplicedChunks {
  /** One for each target. */
  readonly chunks: readonly Spliced[];
  /** The sources' bytes again, from the module's memory, until that is next used. */
  readonly sources: () => Uint8Array[];
}

export interface Spliced {
  /** The chunk; undefined when it would not be smaller than the raw one. */
  readonly packed: Uint8Array | undefined;
  /** The bytes that its channels took in the sources. */
  readonly share: number;
}

/** Splices chunks. Sources of PXR24 are not stored raw, and neither sources nor targets empty. */
export function spliceTokens(
  instance: Instance,
  form: StreamForm,
  sources: readonly SizedSource[],
  targets: readonly SizedTarget[],
  { level, logBytes = CHOOSE, release, allocate = fresh }: TokenOptions,
): SplicedChunks {
  const check = (status: number): number => {
    if (status < 0) throw statusError(status, `cannot splice ${form} chunk`);
    return status;
  };
  const call = (name: string, ...args: number[]): number => check(instance.kernel(name)(...args));
  const { y, height } = targets[0]?.layout ?? { y: 0, height: 0 };
  call('spliceStart', FORM[form], sources.length, targets.length, y, height);
  const places = sources.map(({ packed }) => ({ address: instance.place(packed), length: packed.length }));
  if (release) for (const { packed } of sources) release(packed);
  for (const [i, { layout, size }] of sources.entries()) {
    const table = placeChannelTable(instance, layout);
    let { address: stream, length } = places[i] as (typeof places)[number];
    if (length === size) {
      // Stored raw: packed as it would have been.
      const capacity = deflateBound(size);
      const deflated = instance.allocate(capacity);
      length = call('zipPack', stream, size, deflated, capacity, level);
      stream = deflated;
    }
    call('spliceAddSource', stream, length, size, table, layout.channels.length);
  }
  for (const { layout, size, from } of targets) {
    const table = placeChannelTable(instance, layout);
    call('spliceAddTarget', size, table, layout.channels.length, placeOrigins(instance, from));
  }
  call('splicePlan');
  sources.forEach((_, i) => void call('spliceRead', i, logBytes));
  // Only a result smaller than the raw chunk is of use.
  const capacities = targets.map(({ size }) => size - 1);
  const output = instance.allocate(Math.max(0, ...capacities));
  const chunks = capacities.map((capacity, i) => {
    const written = instance.kernel('spliceWrite')(i, output, capacity);
    if (written === STATUS_OUTPUT_FULL) return { packed: undefined, share: call('spliceShare', i) };
    const packed = allocate(check(written));
    packed.set(instance.view(output, written));
    return { packed, share: call('spliceShare', i) };
  });
  return { chunks, sources: () => places.map(({ address, length }) => instance.view(address, length).slice()) };
}

export function fresh(length: number): Uint8Array {
  return new Uint8Array(length);
}

/** Places a target's origins as assembly/splice/runs.ts reads them: u32 source, u32 channel. */
function placeOrigins(instance: Instance, from: readonly ChannelPick[]): number {
  const origins = new Uint32Array(from.length * 2);
  from.forEach(({ source, channel }, i) => {
    origins[2 * i] = source;
    origins[2 * i + 1] = channel;
  });
  return instance.place(new Uint8Array(origins.buffer));
}

/** Stored blocks of a deflater cost 5 bytes each and hold far more than a hundred; header and checksum cost 6. */
function deflateBound(size: number): number {
  return size + Math.ceil(size / 100) + 64;
}
