import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { ByteSink } from '../io/sink.js';
import { orAbort } from '../model/abort.js';
import { withPlace } from '../model/error.js';

/**
 * Writes to a Node stream, waiting whenever it is full. Ends the stream unless told that it is shared (stdout).
 * A stream may hold on to data for longer than it reports (a PassThrough does), so it gets copies;
 * stdout has written the data when it reports so.
 */
export class StreamSink implements ByteSink {
  readonly name: string;
  readonly #stream: Writable;
  readonly #end: boolean;
  /** Writes also fail with it after an abort: a caller with more pieces of a chunk to write must not go on. */
  #error: unknown;

  constructor(stream: Writable, name = 'stdout', end = true) {
    this.name = name;
    this.#stream = stream;
    this.#end = end;
    // Between two writes nothing waits for an error; it is kept for the next one.
    stream.on('error', (error) => {
      this.#error ??= error;
    });
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#error) throw withPlace(this.#error, { file: this.name });
    await new Promise<void>((resolve, reject) => {
      this.#stream.write(this.#end ? bytes.slice() : bytes, (error) =>
        error ? reject(withPlace(error, { file: this.name })) : resolve(),
      );
    });
  }

  async finish(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (!this.#end) return;
    this.#stream.end();
    const ended = finished(this.#stream).catch((error) => {
      throw withPlace(error, { file: this.name });
    });
    await orAbort(ended, signal);
  }

  async abort(): Promise<void> {
    this.#error ??= new Error('writing the output has been aborted');
    if (this.#end) this.#stream.destroy();
  }
}
