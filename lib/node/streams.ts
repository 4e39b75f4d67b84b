/** Pipelines as Node streams. What flows is documents, one per frame; pixels move only when a sink pulls them. */
import { Readable, Transform, Writable } from 'node:stream';
import type { ExrDocument } from '../engine/document.js';
import {
  applySteps,
  type FilterDefinition,
  type Filter as PlainFilter,
  defineFilter as plainFilter,
  type Step,
} from '../engine/filter.js';
import type { OptionInput, OptionSpecs } from '../engine/options.js';
import type { ContextOptions } from '../io/context.js';
import type { ByteSink } from '../io/sink.js';
import type { WriteOptions, WriteReport } from '../io/write.js';
import { filterContext, type Input, openInput, writeDocument } from './pipeline.js';
import { StreamSink } from './stream-sink.js';

/** A filter whose steps can also stand in a pipeline of Node streams. */
export interface Filter<Specs extends OptionSpecs> extends PlainFilter<Specs> {
  /** An object-mode Transform that takes documents and gives documents. */
  stream(options: OptionInput<Specs>, context?: ContextOptions): Transform;
}

export function defineFilter<const Specs extends OptionSpecs>(definition: FilterDefinition<Specs>): Filter<Specs> {
  const filter = plainFilter(definition);
  return Object.assign(filter, {
    stream: (options: OptionInput<Specs>, context?: ContextOptions) => stepStream(filter(options), context),
  });
}

/** A step as an object-mode Transform of documents. */
export function stepStream(step: Step, options: ContextOptions = {}): Transform {
  return new Transform({
    objectMode: true,
    highWaterMark: 1,
    transform(document: ExrDocument, _encoding, done) {
      applySteps(document, [step], (current) => filterContext(current, options)).then(
        (result) => done(null, result),
        (error) => {
          document.source.close().finally(() => done(error));
        },
      );
    },
  });
}

/** A source: opens one input after the other and gives their documents. Those nobody has closed are closed with the stream. */
export function exrSource(inputs: Input | Iterable<Input>): Readable {
  const pending = (isInput(inputs) ? [inputs] : inputs)[Symbol.iterator]();
  const opened = new Set<ExrDocument>();
  return new Readable({
    objectMode: true,
    highWaterMark: 1,
    read() {
      const { value, done } = pending.next();
      if (done) {
        this.push(null);
        return;
      }
      openInput(value).then(
        (document) => {
          // Destroyed while the file was being opened: nobody else will close it.
          if (this.destroyed) return void document.source.close().catch(() => {});
          opened.add(document);
          this.push(document);
        },
        (error) => this.destroy(error),
      );
    },
    destroy(error, done) {
      // After a clean end the sinks have closed all; closing twice does no harm.
      if (!error) return done(null);
      Promise.all([...opened].map(({ source }) => source.close().catch(() => {}))).finally(() => done(error));
    },
  });
}

function isInput(inputs: Input | Iterable<Input>): inputs is Input {
  return typeof inputs === 'string' || !(Symbol.iterator in inputs);
}

export interface ExrSinkOptions extends WriteOptions {
  readonly onReport?: (report: WriteReport) => void;
}

/**
 * A sink: writes every document that arrives. A path may be a pattern (`out/{layer}.{frame}.exr`);
 * a stream takes one document and is ended.
 */
export function exrSink(to: string | Writable | ByteSink, options: ExrSinkOptions = {}): Writable {
  const destination = to instanceof Writable ? new StreamSink(to, 'stream') : to;
  return new Writable({
    objectMode: true,
    highWaterMark: 1,
    write(document: ExrDocument, _encoding, done) {
      writeDocument(document, destination, options).then((report) => {
        options.onReport?.(report);
        done();
      }, done);
    },
  });
}
