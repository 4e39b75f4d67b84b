import { createCodecs } from 'openexr-wasm/core';
import type { Kernels } from '../codecs/codec.js';
import type { ExrDocument } from '../engine/document.js';
import type { SampleBlock, SampleOptions } from '../engine/filter.js';
import { type ReducedBlock, type ReducedOptions, readReduced } from '../io/reduced.js';
import { readSamples } from '../io/samples.js';
import { inlineRunner } from '../jobs/inline.js';
import { ExrError } from '../model/error.js';
import type { Part } from '../model/header.js';

/** The compiled WebAssembly that decodes: a `WebAssembly.Module` each, or what gives one when it is first needed. */
export interface CodecModules {
  /** `openexr-wasm/openexr.wasm`. */
  readonly codecs: object | (() => Promise<object>);
  /** `openexr-wasm/zstd.wasm`. Without it chunks of ZSTD are `unsupported`. */
  readonly zstd?: object | (() => object) | undefined;
}

/** Reads samples on the thread that it was made on. A page that must stay responsive makes it in a worker. */
export interface SampleDecoder {
  /**
   * The samples of some channels of one part, at full resolution, chunk by chunk in bounded memory, as `readSamples` of
   * `exrpipe` gives them. An array of a block holds its region line by line and is overwritten with the next block.
   *
   * @throws ExrError of kind `usage` (`NO_SUCH_CHANNEL`, `NO_SUCH_CHUNK`), `unsupported` (`DEEP_UNSUPPORTED`) or `invalid`.
   */
  readSamples(
    document: Pick<ExrDocument, 'arrived' | 'source'>,
    part: Part,
    channels: readonly string[],
    options?: SampleOptions & { readonly signal?: AbortSignal | undefined },
  ): AsyncGenerator<SampleBlock>;
  /**
   * Some channels of one part at 1/2^reduction of its width and height, as `readReduced` of `exrpipe` gives them: of HTJ2K only.
   *
   * @throws ExrError of kind `usage` (`NOT_TO_BE_AVERAGED`) or `unsupported` (`NO_LOW_RESOLUTION`).
   */
  readReduced(
    document: Pick<ExrDocument, 'header' | 'arrived' | 'source'>,
    part: Part,
    channels: readonly string[],
    options: ReducedOptions,
  ): AsyncGenerator<ReducedBlock>;
}

/** Makes a decoder. Nothing is compiled or loaded before the first samples are requested. */
export function createSampleDecoder({ codecs, zstd }: CodecModules): SampleDecoder {
  let loading: Promise<Kernels> | undefined;
  const load = (): Promise<Kernels> => {
    loading ??= Promise.resolve(typeof codecs === 'function' ? codecs() : codecs).then((module) =>
      createCodecs({ module, zstd, entropy: { deflate: refuse } }),
    );
    return loading;
  };
  const runner = inlineRunner(load);
  const runners = { pool: () => runner, inline: () => runner };
  return {
    readSamples: (document, part, channels, options = {}) =>
      readSamples(document, part, channels, { ...options, runners }),
    async *readReduced(document, part, channels, options) {
      yield* readReduced(document, part, channels, { ...options, kernels: await load() });
    },
  };
}

/** Reading never packs anything. */
function refuse(): never {
  throw new ExrError('unsupported', 'CANNOT_WRITE', 'a decoder of samples does not write');
}
