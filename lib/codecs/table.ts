/**
 * The only table of codecs: everything that depends on a part's compression uses it. A new codec takes a file beside this one
 * with its record, its name in model/compression.ts, and a row here.
 */
import type { Compression, KnownCompression, UnknownCompression } from '../model/compression.js';
import { b44, b44a } from './b44.js';
import { type Codec, losesNothing } from './codec.js';
import { dwaa, dwab } from './dwa.js';
import { htj2k32, htj2k256 } from './htj2k.js';
import { lj2k } from './lj2k.js';
import { none, piz, rle, zip, zips } from './lossless.js';
import { pxr24 } from './pxr24.js';
import { zstd } from './zstd.js';

const byName: { readonly [Name in KnownCompression]: Codec } = {
  none,
  rle,
  zips,
  zip,
  piz,
  pxr24,
  b44,
  b44a,
  dwaa,
  dwab,
  htj2k256,
  htj2k32,
  lj2k,
  zstd,
};

/** All codecs that exrpipe knows, by their ids in a file. */
export const codecs: readonly Codec[] = Object.values(byName).toSorted((a, b) => a.id - b.id);

/** The codec of a compression. An unknown one has a record too: its chunks can be forwarded. */
export function codecOf(compression: Compression): Codec {
  return isKnown(compression) ? byName[compression] : unknownCodec(compression);
}

/** The compression of an id in a file, one byte. */
export function compressionOf(id: number): Compression {
  return codecs.find((codec) => codec.id === id)?.name ?? `unknown (${id})`;
}

function isKnown(compression: Compression): compression is KnownCompression {
  return Object.hasOwn(byName, compression);
}

function unknownCodec(name: UnknownCompression): Codec {
  return { id: Number(/\d+/.exec(name)?.[0]), name, lines: undefined, loses: losesNothing };
}

/** Codecs that deep parts can be stored with. */
export const deepCodecs: readonly Codec[] = codecs.filter(({ deep }) => deep !== undefined);
