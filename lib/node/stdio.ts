import { fstatSync, readFileSync, write as writeFd } from 'node:fs';
import { promisify } from 'node:util';
import type { ByteSink } from '../io/sink.js';
import { StreamSink } from './stream-sink.js';

const writeAt = promisify(writeFd);

/**
 * stdout, seekable where the shell redirected it to a regular file with `>`. Other programs may share the descriptor and
 * have written before, so positions count from its current one. Opened for appending (`>>`), every write goes
 * to the end whatever its position: then it is not seekable.
 */
export function stdoutSink(): ByteSink {
  const sink = new StreamSink(process.stdout, 'stdout', false);
  const start = redirectedAt(1);
  if (start === undefined) return sink;
  return {
    name: sink.name,
    write: (bytes) => sink.write(bytes),
    finish: (signal) => sink.finish(signal),
    abort: () => sink.abort(),
    patch: async (position, bytes) => {
      for (let at = 0; at < bytes.length; )
        at += (await writeAt(1, bytes, at, bytes.length - at, start + position + at)).bytesWritten;
    },
  };
}

/** The position of a descriptor of a regular file not opened for appending; undefined if it is not one or that cannot be known. */
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
