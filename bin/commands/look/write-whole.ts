import { type ByteSink, stdoutSink } from '../../../lib/index.js';
import { openFileSink } from '../../../lib/program.js';

/** Writes a file that appears whole or not at all, or to stdout where there is no path. */
export async function writeWhole(
  path: string | undefined,
  signal: AbortSignal,
  write: (sink: ByteSink) => Promise<void>,
): Promise<void> {
  const sink = path === undefined ? stdoutSink() : await openFileSink(path, { signal });
  try {
    await write(sink);
    await sink.finish(signal);
  } catch (error) {
    await sink.abort();
    throw error;
  }
}
