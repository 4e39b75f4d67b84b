import { type ByteCompression, packBytes, unpackBytes } from './bytes.js';
import { decodeChunk, encodeChunk } from './chunk.js';
import { deflatesAc, repackDwa } from './dwa.js';
import { CodecError } from './errors.js';
import { checkMagic, htKernels } from './htj2k/index.js';
import { checkReducible, decodeReduced, reducedLength, thinOut } from './htj2k/reduced.js';
import { planarSize } from './layout.js';
import { methodOf } from './methods.js';
import { checkOptions, zstdLevel } from './options.js';
import { repackPiz } from './piz.js';
import { type CoreOptions, Runtime } from './runtime.js';
import { checkChunks, move, splice } from './splice.js';
import { fresh } from './splice-tokens.js';
import type {
  AnyLengthOptions,
  ChannelPick,
  ChunkLayout,
  ChunkSource,
  Codecs,
  Compression,
  DeepRows,
  EncodeOptions,
  ReducedSamples,
  SpliceOptions,
  SpliceTarget,
} from './types.js';
import type { ZstdTools } from './zstd/flat.js';
import { packRows, pickRows, unpackRows } from './zstd/rows.js';
import { spliceZstd } from './zstd/splice.js';

/**
 * Creates codecs over a compiled module, without anything of Node.
 * @throws CodecError when `module` is not a `WebAssembly.Module`.
 */
export async function createCodecs(options: CoreOptions): Promise<Codecs> {
  return new WasmCodecs(options);
}

class WasmCodecs implements Codecs {
  readonly #runtime: Runtime;

  constructor(options: CoreOptions) {
    this.#runtime = new Runtime(options);
  }

  decode(compression: Compression, layout: ChunkLayout, packed: Uint8Array, channels?: readonly number[]): Uint8Array {
    return decodeChunk(this.#runtime, compression, { layout, packed }, channels);
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
    return this.#runtime.run((instance) => decodeReduced(instance, layout, packed, reduction, channels));
  }

  reducedLength(layout: ChunkLayout, head: Uint8Array, reduction: number): number | undefined {
    return reducedLength(layout, head, reduction);
  }

  encode(compression: Compression, layout: ChunkLayout, planar: Uint8Array, options: EncodeOptions = {}): Uint8Array {
    return encodeChunk(this.#runtime, compression, layout, planar, options);
  }

  repack(
    compression: 'piz' | 'dwaa' | 'dwab',
    sources: readonly ChunkSource[],
    target: ChunkLayout,
    picks: readonly ChannelPick[],
    options: Pick<SpliceOptions, 'level' | 'tiled'> = {},
  ): Uint8Array {
    const { run } = this.#runtime;
    if (compression === 'piz') return run((instance) => repackPiz(instance, sources, target, picks));
    if (compression !== 'dwaa' && compression !== 'dwab') {
      throw new CodecError('unsupported', `compression ${String(compression)} cannot be repacked`);
    }
    const { level, losslessLevel, tiled } = checkOptions(options);
    const how = { lossless: losslessLevel, dc: level, acDeflated: deflatesAc(compression, tiled) };
    const [packed] = run((instance) => repackDwa(instance, sources, [{ layout: target, from: picks }], how));
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
      return spliceZstd(this.#runtime.zstd, sizedSources, sizedTargets, zstdLevel(options));
    }
    const { level, losslessLevel, tiled } = checkOptions(options, compression);
    const { run } = this.#runtime;
    const { release, allocate = fresh } = options;
    const htj2k = htKernels(run, compression === 'lj2k');
    const tools = { codecs: this, run, level, losslessLevel, htj2k, tiled, release, allocate };
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
    if (compression === 'zstd') return this.#runtime.zstd;
    throw new CodecError('unsupported', `compression ${String(compression)} packs no rows`);
  }

  unpackBytes(
    compression: ByteCompression,
    packed: Uint8Array,
    size: number,
    options: AnyLengthOptions = {},
  ): Uint8Array {
    return unpackBytes(this.#runtime, compression, packed, size, options);
  }

  packBytes(
    compression: ByteCompression,
    raw: Uint8Array,
    options: AnyLengthOptions & { readonly level?: number } = {},
  ): Uint8Array {
    return packBytes(this.#runtime, compression, raw, options);
  }
}

/** Whether splices of it can do without its encoder. */
function isMoved(compression: Compression): boolean {
  return compression === 'htj2k256' || compression === 'htj2k32' || compression === 'lj2k';
}
