import type { ExrDocument, OpenDocument } from '../engine/document.js';
import { applySteps, type FilterStep } from '../engine/filter.js';
import { joinDocuments } from '../engine/join.js';
import { orAbort } from '../model/abort.js';
import { advise, stepOf } from '../model/advice.js';
import { closeQuietly } from '../model/close.js';
import { ExrError } from '../model/error.js';
import { type ContextOptions, filterContext } from './context.js';
import type { Host } from './host.js';
import { openStream } from './open.js';

/** A file with the names that output patterns and donors take from it, where these are not as in its path. */
export interface NamedInput {
  readonly path: string;
  readonly stem: string;
  readonly frame: string | undefined;
  readonly view: string | undefined;
}

/** A path, or bytes that arrive as a stream. */
export type FrameInput = string | AsyncIterable<Uint8Array> | NamedInput;

/**
 * A frame with a chain of filters applied: the document as it would be written. The caller writes it or closes its source.
 * Steps before the first that joins (merge) are applied to each input; without such a step there must be one input.
 *
 * @throws ExrError `TOO_MANY_INPUTS` (kind `usage`), what opening an input throws, and what the steps throw.
 */
export async function openFrame(
  inputs: readonly FrameInput[],
  steps: readonly FilterStep[],
  options: ContextOptions,
  host: Host,
): Promise<OpenDocument> {
  const join = steps.findIndex(({ joins }) => joins);
  if (inputs.length > 1 && join < 0)
    throw new ExrError('usage', 'TOO_MANY_INPUTS', `${inputs.length} inputs, but no filter in the chain joins them`, {
      hint: advise`Add ${stepOf('merge')}, or give one input at a time.`,
    });
  const { signal } = options;
  const context = (document: ExrDocument) => filterContext(document, options, host);
  const apply = (document: OpenDocument, some: readonly FilterStep[]) =>
    orAbort(applySteps(document, some, context), signal);
  const opened: OpenDocument[] = [];
  try {
    signal?.throwIfAborted();
    for (const input of inputs)
      opened.push(await orAbort(openInput(input, host), signal, ({ source }) => void closeQuietly(source)));
    const each: OpenDocument[] = [];
    for (const document of opened) each.push(await apply(document, steps.slice(0, Math.max(0, join))));
    return await apply(joinDocuments(each), steps.slice(Math.max(0, join)));
  } catch (error) {
    await Promise.all(opened.map(({ source }) => closeQuietly(source)));
    // Whatever failed after that, the run was aborted.
    signal?.throwIfAborted();
    throw error;
  }
}

/** Opens one input, whatever it is. */
export async function openInput(input: FrameInput, host: Host): Promise<OpenDocument> {
  if (typeof input === 'string') return host.openExr(input);
  if (!('stem' in input)) return openStream(input, host.openScratch, { limits: host.limits });
  const { path, stem, frame, view } = input;
  const document = await host.openExr(path);
  return { ...document, inputs: document.inputs.map((info) => ({ ...info, stem, frame, view })) };
}
