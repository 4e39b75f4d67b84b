// The kernels of the module by compression method.
import { deflatesAc } from './dwa.js';
import { CodecError } from './errors.js';
import type { CheckedOptions } from './options.js';
import type { Compression } from './types.js';

/** How a compression method is run: the module's exports, and what its encoder takes besides the common arguments. */
export interface Method {
  readonly decode: string;
  readonly encode: string;
  readonly encodeArguments?: (options: CheckedOptions) => number[];
  /** Decodes some channels of a chunk, in less time than all of them and in little memory. */
  readonly pick?: string;
  /** Both exports take the channels' names last: address and size of zero-terminated UTF-8. */
  readonly takesNames?: boolean;
}

const ZIP: Method = {
  decode: 'zipDecode',
  pick: 'zipPick',
  encode: 'zipEncode',
  encodeArguments: ({ level }) => [level],
};

export const NONE: Method = { decode: 'noneDecode', encode: 'noneEncode' };

function dwa(name: 'dwaa' | 'dwab'): Method {
  return {
    decode: 'dwaDecode',
    encode: 'dwaEncode',
    encodeArguments: ({ level, losslessLevel, dwaLevel, tiled }) => [
      losslessLevel,
      level,
      dwaLevel,
      deflatesAc(name, tiled) ? 1 : 0,
    ],
    takesNames: true,
  };
}

const METHODS: Readonly<Partial<Record<Compression, Method>>> = {
  none: NONE,
  rle: { decode: 'rleDecode', encode: 'rleEncode' },
  zips: ZIP,
  zip: ZIP,
  piz: { decode: 'pizDecode', encode: 'pizEncode' },
  pxr24: { decode: 'pxr24Decode', encode: 'pxr24Encode', encodeArguments: ({ level }) => [level] },
  b44: { decode: 'b44Decode', encode: 'b44Encode', encodeArguments: () => [0] },
  b44a: { decode: 'b44Decode', encode: 'b44Encode', encodeArguments: () => [1] },
  dwaa: dwa('dwaa'),
  dwab: dwa('dwab'),
  // Packed chunks are the zstd library's, see zstd/flat.ts; this is for chunks stored raw.
  zstd: NONE,
};

/** @throws CodecError `unsupported` for a compression that no kernel of this kind exists for. */
export function methodOf(compression: Compression): Method {
  const method = Object.hasOwn(METHODS, compression) ? METHODS[compression] : undefined;
  if (method === undefined) throw new CodecError('unsupported', `compression ${String(compression)} is not supported`);
  return method;
}
