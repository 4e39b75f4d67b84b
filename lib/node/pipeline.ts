/** Pipelines of this process: lib/io with this process as its host. */
import { Readable } from 'node:stream';
import type { ExrDocument, OpenDocument } from '../engine/document.js';
import type { FilterStep, SampleBlock, SampleOptions, StepContext } from '../engine/filter.js';
import type { Limits } from '../format/limits.js';
import { type ContextOptions, filterContext as contextOf } from '../io/context.js';
import {
  type FrameInput as AnyInput,
  type NamedInput,
  openFrame as openFrameOf,
  openInput as openInputOf,
} from '../io/pipeline.js';
import { type ReducedBlock, type ReducedOptions, readReduced as readReducedOf } from '../io/reduced.js';
import { readSamples as readSamplesOf } from '../io/samples.js';
import { type Destination, type WriteOptions, type WriteReport, writeDocument as write } from '../io/write.js';
import type { Part } from '../model/header.js';
import { nodeHost, nodeHostWith } from './host.js';
import { givenUp } from './input.js';
import { loadKernels } from './kernels.js';

/** A path, or bytes that arrive as a stream. */
export type FrameInput = string | Readable | NamedInput;

/** Options of `runFrame`: those of writing, and those of what filters may read. */
export type PipelineOptions = WriteOptions & ContextOptions;

/**
 * Runs a chain of filters over one frame, from its inputs to its outputs. Steps before the first that joins
 * (merge) are applied to each input; without such a step there must be one input.
 *
 * @throws ExrError what `openFrame` and `writeDocument` throw. An abort rejects with the signal's reason. Files that are not
 *   whole are not left behind.
 */
export async function runFrame(
  inputs: readonly FrameInput[],
  steps: readonly FilterStep[],
  to: Destination,
  options: PipelineOptions = {},
): Promise<WriteReport> {
  // A thread takes as long to start as headers to be read, and the first job waits for both.
  if (steps.some(({ rewritesChunks }) => rewritesChunks)) (options.runner ?? nodeHost.runners.pool()).prepare?.(1);
  const document = await openFrame(inputs, steps, options);
  return writeDocument(document, to, options);
}

/**
 * The same up to the header: the document as it would be written. The caller writes it or closes its source.
 *
 * @throws ExrError `TOO_MANY_INPUTS` (kind `usage`), what `openExr` throws, and what the steps throw, mostly of kind `usage`.
 */
export function openFrame(
  inputs: readonly FrameInput[],
  steps: readonly FilterStep[],
  options: ContextOptions = {},
): Promise<OpenDocument> {
  return openFrameOf(inputs.map(readable), steps, options, nodeHostWith(options.limits)).catch((error) => {
    // A document that arrives after that would not be closed by anyone else.
    for (const input of inputs) if (input instanceof Readable) input.destroy();
    throw error;
  });
}

function readable(input: FrameInput): AnyInput {
  return input instanceof Readable ? givenUp(input) : input;
}

/** Opens one input, whatever it is. */
export function openInput(input: FrameInput, limits?: Partial<Limits>): Promise<OpenDocument> {
  return openInputOf(readable(input), nodeHostWith(limits));
}

/**
 * Writes a document as it is wanted: the end of every pipeline. Plans how pixels move, moves them, and makes the files
 * appear whole or not at all. Closes the document's source whatever happens.
 *
 * @throws ExrError of kind `usage` where the result would lose quality without consent or has no place to go, `unsupported`
 *   where a codec is missing, `invalid` for damaged chunks, `limit`, or `io` where the system refuses. An abort rejects with
 *   the signal's reason.
 */
export function writeDocument(
  document: ExrDocument,
  to: Destination,
  options: WriteOptions = {},
): Promise<WriteReport> {
  return write(document, to, options, nodeHostWith(options.limits));
}

/** What filters may use while they look at this document. */
export function filterContext(document: ExrDocument, options: ContextOptions): StepContext {
  return contextOf(document, options, nodeHostWith(options.limits));
}

/**
 * The samples of some channels of one part as wanted, at full resolution, chunk by chunk in bounded memory.
 * A source that cannot seek is copied to a temporary file first, so that the pixels can be read again; not where a few chunks
 * are wanted that can be looked at without it.
 *
 * @throws ExrError of kind `usage` (`NO_SUCH_CHANNEL`, `NO_SUCH_CHUNK`), `unsupported` (`DEEP_UNSUPPORTED`, or a codec that
 *   cannot be decoded) or `invalid`, while blocks are read.
 */
export function readSamples(
  document: Pick<ExrDocument, 'arrived' | 'source'>,
  part: Part,
  channels: readonly string[],
  options: SampleOptions & { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<SampleBlock> {
  return readSamplesOf(document, part, channels, { ...options, runners: nodeHost.runners });
}

/**
 * Some channels of one part at 1/2^reduction of its width and height, chunk by chunk: for previews of images, quickly and from
 * a few bytes, where the codec can do that (HTJ2K). Samples are averages of neighbours, so channels of Cryptomattes and whole
 * numbers are refused, with `usage`; other codecs with `unsupported`.
 *
 * @throws ExrError of kind `usage` (`NOT_TO_BE_AVERAGED`) or `unsupported` (`NO_LOW_RESOLUTION`).
 */
export async function* readReduced(
  document: Pick<ExrDocument, 'header' | 'arrived' | 'source'>,
  part: Part,
  channels: readonly string[],
  options: ReducedOptions,
): AsyncGenerator<ReducedBlock> {
  yield* readReducedOf(document, part, channels, { ...options, kernels: await loadKernels() });
}
