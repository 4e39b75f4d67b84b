/** Pipelines as Node streams. What flows is documents, one per frame; pixels move only when a sink pulls them. */
import { Readable, Transform, Writable } from 'node:stream';
import type { ExrDocument } from '../engine/document.js';
import {
  applySteps,
  type FilterDefinition,
  type FilterStep,
  type Filter as PlainFilter,
  defineFilter as plainFilter,
} from '../engine/filter.js';
import type { OptionInput, OptionSpecs } from '../engine/options.js';
import type { ContextOptions } from '../io/context.js';
import type { ByteSink } from '../io/sink.js';
import type { WriteOptions, WriteReport } from '../io/write.js';
import { orAbort } from '../model/abort.js';
import { closeQuietly } from '../model/close.js';
import { type FrameInput, filterContext, openInput, writeDocument } from './pipeline.js';
import { expectListeners } from './signals.js';
import { StreamSink } from './stream-sink.js';

/** A filter whose steps can also stand in a pipeline of Node streams. */
export interface Filter<Specs extends OptionSpecs> extends PlainFilter<Specs> {
  /** An object-mode Transform that takes documents and gives documents. */
  stream(options: OptionInput<Specs>, context?: ContextOptions): Transform;
}

/**
 * Makes a filter from its definition, from which its types, its options on the command line and in pipeline files, its help and
 * its reference follow. Calling it with options gives a step for `runFrame`; `stream` gives a Transform of documents.
 *
 * @throws ExrError of kind `usage`, when the filter is called with options that its definition does not allow.
 */
export function defineFilter<const Specs extends OptionSpecs, Found = never>(
  definition: FilterDefinition<Specs, Found>,
): Filter<Specs> {
  const filter = plainFilter(definition);
  return Object.assign(filter, {
    stream: (options: OptionInput<Specs>, context?: ContextOptions) => stepStream(filter(options), context),
  });
}

/** A step as an object-mode Transform of documents. One that it has when it is destroyed is closed. */
export function stepStream(step: FilterStep, options: ContextOptions = {}): Transform {
  const life = new Life(options.signal);
  const context = { ...options, signal: life.signal };
  // Downstream of a pipe takes one document at a time, so there is never more than this one in here.
  let held: ExrDocument | undefined;
  return new Transform({
    objectMode: true,
    highWaterMark: 1,
    transform(document: ExrDocument, _encoding, done) {
      held = document;
      const applied = applySteps(document, [step], (current) => filterContext(current, context));
      orAbort(applied, life.signal).then(
        (result) => done(null, result),
        (error) => void closeQuietly(document.source).then(() => done(error)),
      );
    },
    destroy(error, done) {
      life.end(error);
      closeQuietly(this.readableEnded ? undefined : held?.source).then(() => done(error));
    },
  });
}

/**
 * A source: opens one input after the other and gives their documents, which a sink closes. Those nobody has closed are closed
 * with the stream; closed ones are let go.
 *
 * @throws ExrError what `openFrame` throws for its inputs; the stream is destroyed with it.
 */
export function exrSource(
  inputs: FrameInput | Iterable<FrameInput>,
  { limits }: Pick<ContextOptions, 'limits'> = {},
): Readable {
  const pending = (isInput(inputs) ? [inputs] : inputs)[Symbol.iterator]();
  /** Not closed yet, as far as is known: those that flow, and one or two that have just come to their end. */
  const opened = new Set<ExrDocument['source']>();
  let opening: FrameInput | undefined;
  return new Readable({
    objectMode: true,
    highWaterMark: 1,
    read() {
      for (const source of opened) if (source.closed) opened.delete(source);
      const { value, done } = pending.next();
      if (done) {
        this.push(null);
        return;
      }
      opening = value;
      openInput(value, limits).then(
        (document) => {
          opening = undefined;
          // Destroyed while the file was being opened: nobody else will close it.
          if (this.destroyed) return void closeQuietly(document.source);
          opened.add(document.source);
          this.push(document);
        },
        (error) => this.destroy(error),
      );
    },
    destroy(error, done) {
      // After a clean end the sinks have closed all; closing twice does no harm.
      if (this.readableEnded) return done(error);
      if (opening instanceof Readable) opening.destroy();
      Promise.all([...opened].map(closeQuietly)).then(() => done(error));
    },
  });
}

function isInput(inputs: FrameInput | Iterable<FrameInput>): inputs is FrameInput {
  return typeof inputs === 'string' || !(Symbol.iterator in inputs);
}

/** What `exrSink` takes: the options of `writeDocument`, and who is told when a document is written. */
export interface ExrSinkOptions extends WriteOptions {
  /** Told of every document that has been written. What it throws fails the stream. */
  readonly onReport?: (report: WriteReport) => void;
}

/**
 * A sink: writes every document that arrives. A path may be a pattern (`out/{layer}.{frame}.exr`);
 * a stream takes one document and is ended. Destroyed, or aborted by its signal, it drops its current document: no file
 * comes to be or changes after that, and when it closes nothing of it is left.
 *
 * @throws ExrError what `writeDocument` throws; the stream is destroyed with it.
 */
export function exrSink(to: string | Writable | ByteSink, options: ExrSinkOptions = {}): Writable {
  const destination = to instanceof Writable ? new StreamSink(to, 'stream') : to;
  const life = new Life(options.signal);
  let writing = Promise.resolve();
  const write = async (document: ExrDocument): Promise<void> => {
    const report = await writeDocument(document, destination, { ...options, signal: life.signal });
    await options.onReport?.(report);
  };
  return new Writable({
    objectMode: true,
    highWaterMark: 1,
    write(document: ExrDocument, _encoding, done) {
      writing = write(document).then(() => done(), done);
    },
    destroy(error, done) {
      life.end(error);
      writing.then(() => done(error));
    },
  });
}

/** The signal of work that goes on for a stream: it ends with the stream, or before, when the user aborts it. */
class Life {
  readonly signal: AbortSignal;
  readonly #own = new AbortController();

  constructor(outer: AbortSignal | undefined) {
    this.signal = outer ? AbortSignal.any([outer, this.#own.signal]) : this.#own.signal;
    expectListeners(this.signal);
  }

  /** Without an error the reason is an AbortError. */
  end(error: Error | null): void {
    this.#own.abort(error ?? undefined);
  }
}
