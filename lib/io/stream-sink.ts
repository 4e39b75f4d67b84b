import { fstatSync, readFileSync, write as writeFd } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { promisify } from 'node:util';
import { withPlace } from '../model/error.js';
import type { ByteSink } from './sink.js';

const writeAt = promisify(writeFd);

/**
 * Writes to a Node stream, waiting whenever it is full. Ends the stream unless told that it is shared (stdout).
 * A stream may hold on to what it was given for longer than it says (a PassThrough does), so it gets copies;
 * stdout has written when it says so.
 */
export class StreamSink implements ByteSink {
  readonly name: string;
  readonly #stream: Writable;
  readonly #end: boolean;
  #error: unknown;

  constructor(stream: Writable, name = 'stdout', end = true) {
    this.name = name;
    this.#stream = stream;
    this.#end = end;
    // Between two writes an error has nobody waiting for it; it is kept for the next one.
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

  async finish(): Promise<void> {
    if (!this.#end) return;
    this.#stream.end();
    await finished(this.#stream).catch((error) => {
      throw withPlace(error, { file: this.name });
    });
  }

  async abort(): Promise<void> {
    if (this.#end) this.#stream.destroy();
  }
}

/**
 * stdout, with going back where the shell redirected it to a regular file by `>`. Other programs may share the descriptor and
 * have written before, so positions count from where it stands now. Opened for appending (`>>`), every write goes
 * to the end whatever its position: then there is no going back.
 */
export function stdoutSink(): ByteSink {
  const sink = new StreamSink(process.stdout, 'stdout', false);
  const start = redirectedAt(1);
  if (start === undefined) return sink;
  return {
    name: sink.name,
    write: (bytes) => sink.write(bytes),
    finish: () => sink.finish(),
    abort: () => sink.abort(),
    patch: async (position, bytes) => {
      for (let at = 0; at < bytes.length; )
        at += (await writeAt(1, bytes, at, bytes.length - at, start + position + at)).bytesWritten;
    },
  };
}

/** The position of a descriptor that is a regular file not opened for appending; undefined where that is not so or cannot be known. */
function redirectedAt(fd: number): number | undefined {
  try {
    if (!fstatSync(fd).isFile()) return undefined;
    const info = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
    const position = /^pos:\s*(\d+)/m.exec(info)?.[1];
    const flags = /^flags:\s*([0-7]+)/m.exec(info)?.[1];
    const append = 0o2000;
    return position && flags && (Number.parseInt(flags, 8) & append) === 0 ? Number(position) : undefined;
  } catch {
    return undefined;
  }
}
