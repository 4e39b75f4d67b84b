import { checkByteCount, mostPacked } from './byte-count.js';
import { deflatesAc, placeNames, repackDwa } from './dwa.js';
import { CodecError, STATUS_OUTPUT_FULL, statusError } from './errors.js';
import { checkMagic, decodeHtj2k, encodeHtj2k, htKernels, isHtj2k } from './htj2k/index.js';
import { checkReducible, decodeReduced, reducedLength, thinOut } from './htj2k/reduced.js';
import { Instance } from './instance.js';
import { byteCount, joinRanges, pickRanges, placeChannelTable, planarSize, rawIsPlanar } from './layout.js';
import { type CheckedOptions, checkOptions, zstdLevel } from './options.js';
import { repackPiz } from './piz.js';
import { checkChunks, move, splice } from './splice.js';
import type {
  AnyLengthOptions,
  ChannelPick,
  ChunkLayout,
  ChunkSource,
  Codecs,
  Compression,
  DeepRows,
  EncodeOptions,
  Entropy,
  ReducedSamples,
  SpliceOptions,
  SpliceTarget,
} from './types.js';
import { decodeZstd, encodeZstd, type ZstdTools } from './zstd/flat.js';
import { Zstd } from './zstd/library.js';
import { packRows, pickRows, unpackRows } from './zstd/rows.js';
import { spliceZstd } from './zstd/splice.js';

/** What createCodecs needs when nothing of Node is assumed. */
export interface CoreOptions {
  /** The compiled `openexr.wasm`: a `WebAssembly.Module`. */
  readonly module: object;
  readonly entropy: Entropy;
  /**
   * The compiled `zstd.wasm`, a `WebAssembly.Module`, or what gives it with the first chunk that needs it; without it, chunks of
   * ZSTD are `unsupported`.
   */
  readonly zstd?: object | (() => object) | undefined;
  /** Bytes an instance's memory may grow to for one chunk; 2 GiB by default. More is an `out-of-memory` error. */
  readonly memoryLimit?: number;
  /**
   * WebAssembly memory cannot shrink, so an instance that holds more than this many bytes after a chunk, and more than
   * twice of what the chunk took, is dropped and made anew; 64 MiB by default.
   */
  readonly retainedMemory?: number;
}

/** The share of a chunk up to which some channels are decoded without the others. */
const MOST_PICKED = 0.8;

/** How a compression method is run: the module's exports, and what its encoder takes besides the common arguments. */
interface Method {
  readonly decode: string;
  readonly encode: string;
  readonly encodeArguments?: (options: CheckedOptions) => number[];
  /** Decodes some channels of a chunk, in less time than all and in little memory. */
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

const NONE: Method = { decode: 'noneDecode', encode: 'noneEncode' };

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
  // What is packed goes by way of the zstd library, see src/zstd/flat.ts; this is for what is stored raw.
  zstd: NONE,
};

/** The byte-level exports, for deep parts. */
const BYTE_METHODS = {
  rle: { unpack: 'rleUnpack', pack: 'rlePack' },
  zips: { unpack: 'zipUnpack', pack: 'zipPack' },
  zip: { unpack: 'zipUnpack', pack: 'zipPack' },
} as const;

/**
 * Makes codecs over a compiled module, without anything of Node.
 * @throws CodecError when `module` is not a `WebAssembly.Module`.
 */
export async function createCodecs(options: CoreOptions): Promise<Codecs> {
  return new WasmCodecs(options);
}

class WasmCodecs implements Codecs {
  readonly #module: WebAssembly.Module;
  readonly #entropy: Entropy;
  readonly #memoryLimit: number;
  readonly #retainedMemory: number;
  readonly #zstdModule: CoreOptions['zstd'];
  #instance: Instance;
  #zstd: ZstdTools | undefined;

  constructor(options: CoreOptions) {
    if (!(options.module instanceof WebAssembly.Module)) {
      throw new CodecError('bad-argument', 'options.module is not a WebAssembly.Module');
    }
    this.#module = options.module;
    this.#entropy = options.entropy;
    this.#zstdModule = options.zstd;
    this.#memoryLimit = options.memoryLimit ?? 2 ** 31;
    this.#retainedMemory = options.retainedMemory ?? 64 * 2 ** 20;
    this.#instance = this.#newInstance();
  }

  decode(compression: Compression, layout: ChunkLayout, packed: Uint8Array, channels?: readonly number[]): Uint8Array {
    const size = planarSize(layout);
    const ranges = channels && pickRanges(layout, channels);
    const take = (planar: Uint8Array): Uint8Array => (ranges ? joinRanges(planar, ranges) : new Uint8Array(planar));
    // OpenEXR stores a chunk raw when compression does not make it smaller.
    const raw = packed.length === size;
    if (packed.length > size) {
      throw new CodecError('too-large', `${compression} chunk of ${packed.length} bytes for ${size} bytes of samples`);
    }
    if (raw && rawIsPlanar(layout)) return take(packed);
    if (compression === 'zstd' && !raw) return decodeZstd(this.#zstdTools(), { layout, packed, size }, take);
    const isHt = isHtj2k(compression);
    if (compression === 'lj2k' && !raw) {
      return this.#run((instance) => take(decodeHtj2k(instance, layout, packed, channels, true)));
    }
    if (isHt && !raw) {
      checkMagic(packed, layout);
      return this.#run((instance) => take(decodeHtj2k(instance, layout, packed, channels)));
    }
    const method = isHt || compression === 'lj2k' ? NONE : methodOf(compression);
    const picked = ranges ? byteCount(ranges) : size;
    if (method.pick && channels && !raw && picked <= size * MOST_PICKED && isAscending(channels)) {
      return this.#pick(method.pick, compression, { layout, packed, size }, channels, picked);
    }
    return this.#run((instance) => {
      const source = instance.place(packed);
      const planar = instance.allocate(size);
      const table = placeChannelTable(instance, layout);
      const names = method.takesNames && !raw ? placeNames(instance, layout) : [];
      const decode = instance.kernel((raw ? NONE : method).decode);
      const status = decode(
        source,
        packed.length,
        planar,
        size,
        table,
        layout.channels.length,
        layout.y,
        layout.height,
        ...names,
      );
      if (status < 0) throw statusError(status, `cannot decode ${compression} chunk`);
      return take(instance.view(planar, size));
    });
  }

  #pick(
    kernel: string,
    compression: Compression,
    { layout, packed, size }: ChunkSource & { readonly size: number },
    channels: readonly number[],
    picked: number,
  ): Uint8Array {
    return this.#run((instance) => {
      const source = instance.place(packed);
      const planar = instance.allocate(picked);
      const table = placeChannelTable(instance, layout);
      const count = layout.channels.length;
      const wanted = instance.place(Uint8Array.from({ length: count }, (_, c) => (channels.includes(c) ? 1 : 0)));
      const pick = instance.kernel(kernel);
      const status = pick(source, packed.length, planar, picked, table, count, layout.y, layout.height, size, wanted);
      if (status < 0) throw statusError(status, `cannot decode ${compression} chunk`);
      return instance.view(planar, picked).slice();
    });
  }

  decodeReduced(
    compression: 'htj2k256' | 'htj2k32',
    layout: ChunkLayout,
    packed: Uint8Array,
    reduction: number,
    channels: readonly number[] = layout.channels.map((_, i) => i),
  ): ReducedSamples {
    checkReducible(compression, layout, reduction, channels);
    if (packed.length === planarSize(layout)) {
      return thinOut(layout, this.decode(compression, layout, packed), reduction, channels);
    }
    checkMagic(packed, layout);
    return this.#run((instance) => decodeReduced(instance, layout, packed, reduction, channels));
  }

  reducedLength(layout: ChunkLayout, head: Uint8Array, reduction: number): number | undefined {
    return reducedLength(layout, head, reduction);
  }

  encode(compression: Compression, layout: ChunkLayout, planar: Uint8Array, options: EncodeOptions = {}): Uint8Array {
    const size = planarSize(layout);
    if (planar.length !== size) {
      throw new CodecError('bad-argument', `${planar.length} bytes of samples for a chunk of ${size}`);
    }
    if (compression === 'zstd') {
      return encodeZstd(this.#zstdTools(), { layout, planar, size }, zstdLevel(options), options.release);
    }
    const isHt = isHtj2k(compression);
    const method = isHt ? NONE : methodOf(compression);
    const more = method.encodeArguments?.(checkOptions(options, compression)) ?? [];
    if (compression === 'none' && rawIsPlanar(layout)) return new Uint8Array(planar);
    return this.#run((instance) => {
      const source = instance.place(planar);
      options.release?.(planar);
      const packed = isHt ? encodeHtj2k(instance, layout, source) : undefined;
      if (packed !== undefined) return packed;
      const output = instance.allocate(size);
      const table = placeChannelTable(instance, layout);
      const names = method.takesNames ? placeNames(instance, layout) : [];
      const run = ({ encode }: Method, capacity: number, ...extra: number[]): number => {
        const { channels, y, height } = layout;
        return instance.kernel(encode)(source, size, output, capacity, table, channels.length, y, height, ...extra);
      };
      // Only a result smaller than the raw chunk is of use; otherwise the raw chunk is stored.
      const raw = compression === 'none' || isHt || size === 0;
      let written = raw ? STATUS_OUTPUT_FULL : run(method, size - 1, ...more, ...names);
      if (written === STATUS_OUTPUT_FULL) written = run(NONE, size);
      if (written < 0) throw statusError(written, `cannot encode ${compression} chunk`);
      return instance.view(output, written).slice();
    });
  }

  repack(
    compression: 'piz' | 'dwaa' | 'dwab',
    sources: readonly ChunkSource[],
    target: ChunkLayout,
    picks: readonly ChannelPick[],
    options: Pick<SpliceOptions, 'level' | 'tiled'> = {},
  ): Uint8Array {
    if (compression === 'piz') return this.#run((instance) => repackPiz(instance, sources, target, picks));
    if (compression !== 'dwaa' && compression !== 'dwab') {
      throw new CodecError('unsupported', `compression ${String(compression)} cannot be repacked`);
    }
    const { level, losslessLevel, tiled } = checkOptions(options);
    const how = { lossless: losslessLevel, dc: level, acDeflated: deflatesAc(compression, tiled) };
    const [packed] = this.#run((instance) => repackDwa(instance, sources, [{ layout: target, from: picks }], how));
    if (packed === undefined) throw new CodecError('internal', 'no chunk was made');
    return packed;
  }

  splice(
    compression: Compression,
    sources: readonly ChunkSource[],
    targets: readonly SpliceTarget[],
    options: SpliceOptions = {},
  ): Uint8Array[] {
    if (!isMoved(compression)) methodOf(compression);
    if (compression === 'zstd') {
      const { sizedSources, sizedTargets } = checkChunks(compression, sources, targets);
      return spliceZstd(this.#zstdTools(), sizedSources, sizedTargets, zstdLevel(options));
    }
    const { level, losslessLevel, tiled } = checkOptions(options, compression);
    const run = <T>(work: (instance: Instance) => T): T => this.#run(work);
    const { release } = options;
    const htj2k = htKernels(run);
    const tools = { codecs: this, run, level, losslessLevel, htj2k, tiled, release };
    return splice(tools, compression, sources, targets);
  }

  move(
    compression: Compression,
    sources: readonly ChunkSource[],
    targets: readonly SpliceTarget[],
  ): readonly (readonly Uint8Array[])[] | undefined {
    return move(this, compression, sources, targets);
  }

  unpackRows(compression: 'zstd', packed: Uint8Array, rows: DeepRows): Uint8Array {
    return unpackRows(this.#rowTools(compression), packed, rows);
  }

  packRows(
    compression: 'zstd',
    raw: Uint8Array,
    rows: DeepRows,
    options: { readonly level?: number } = {},
  ): Uint8Array {
    return packRows(this.#rowTools(compression), raw, rows, zstdLevel(options));
  }

  pickRows(
    compression: 'zstd',
    packed: Uint8Array,
    rows: DeepRows,
    channels: readonly number[],
    options: { readonly level?: number } = {},
  ): Uint8Array | undefined {
    return pickRows(this.#rowTools(compression), packed, rows, channels, zstdLevel(options));
  }

  #rowTools(compression: 'zstd'): ZstdTools {
    if (compression === 'zstd') return this.#zstdTools();
    throw new CodecError('unsupported', `compression ${String(compression)} packs no rows`);
  }

  #zstdTools(): ZstdTools {
    this.#zstd ??= { library: this.#openZstd(), run: (work) => this.#run(work) };
    return this.#zstd;
  }

  #openZstd(): Zstd {
    const module = typeof this.#zstdModule === 'function' ? this.#zstdModule() : this.#zstdModule;
    if (!module) throw new CodecError('unsupported', 'these codecs were made without the zstd library');
    return new Zstd(module, { memoryLimit: this.#memoryLimit, retainedMemory: this.#retainedMemory });
  }

  unpackBytes(
    compression: 'rle' | 'zips' | 'zip',
    packed: Uint8Array,
    size: number,
    { anyLength = false }: AnyLengthOptions = {},
  ): Uint8Array {
    checkByteCount(size);
    if (packed.length === size && (!anyLength || size === 0)) return new Uint8Array(packed);
    if (!anyLength && packed.length > size)
      throw new CodecError('too-large', `${packed.length} packed bytes for ${size} bytes`);
    return this.#run((instance) => {
      const source = instance.place(packed);
      const output = instance.allocate(size);
      const status = instance.kernel(byteMethodOf(compression).unpack)(source, packed.length, output, size);
      if (status < 0) throw statusError(status, `cannot unpack ${compression} bytes`);
      return instance.view(output, size).slice();
    });
  }

  packBytes(
    compression: 'rle' | 'zips' | 'zip',
    raw: Uint8Array,
    options: AnyLengthOptions & { readonly level?: number } = {},
  ): Uint8Array {
    const size = raw.length;
    if (size === 0) return new Uint8Array(0);
    const { level } = checkOptions(options);
    const capacity = options.anyLength ? mostPacked(size) : size - 1;
    checkByteCount(capacity);
    return this.#run((instance) => {
      const source = instance.place(raw);
      const output = instance.allocate(capacity);
      const written = instance.kernel(byteMethodOf(compression).pack)(source, size, output, capacity, level);
      if (written === STATUS_OUTPUT_FULL) return new Uint8Array(raw);
      if (written < 0) throw statusError(written, `cannot pack ${compression} bytes`);
      return instance.view(output, written).slice();
    });
  }

  #newInstance(): Instance {
    return new Instance(this.#module, this.#entropy, this.#memoryLimit);
  }

  /** Runs one chunk's work on a clean arena, and gives back memory that grew out of bounds. */
  #run<T>(work: (instance: Instance) => T): T {
    const instance = this.#instance;
    instance.reset();
    try {
      return work(instance);
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      // A trap would be a fault of this package; whatever state it left behind must not reach the next chunk.
      this.#instance = this.#newInstance();
      throw new CodecError('internal', 'the codec failed', { cause: error });
    } finally {
      // Where one large chunk follows another, a new instance for each would leave their memory to the collector.
      const { memoryBytes, usedBytes } = instance;
      if (memoryBytes > this.#retainedMemory && memoryBytes > 2 * usedBytes) this.#instance = this.#newInstance();
    }
  }
}

function isAscending(channels: readonly number[]): boolean {
  return channels.every((channel, i) => i === 0 || channel > (channels[i - 1] ?? channel));
}

/** Whether splices of it can do without its encoder. */
function isMoved(compression: Compression): boolean {
  return compression === 'htj2k256' || compression === 'htj2k32' || compression === 'lj2k';
}

function methodOf(compression: Compression): Method {
  const method = Object.hasOwn(METHODS, compression) ? METHODS[compression] : undefined;
  if (method === undefined) throw new CodecError('unsupported', `compression ${String(compression)} is not supported`);
  return method;
}

function byteMethodOf(compression: 'rle' | 'zips' | 'zip'): { readonly unpack: string; readonly pack: string } {
  if (!Object.hasOwn(BYTE_METHODS, compression)) {
    throw new CodecError('unsupported', `compression ${String(compression)} packs no bytes`);
  }
  return BYTE_METHODS[compression];
}
