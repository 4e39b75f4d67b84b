/** What the reference library reads of files. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A damaged file may claim a window of many gigabytes, for which the reference library's programs take memory at once. */
const limited = 'ulimit -v 8000000; exec "$0" "$1"';

/**
 * What exr-digest prints of the channels of a file, without their parts and names, which commands change: type, window and
 * digest of each. Undefined where the reference library refuses the file.
 */
export async function pixelsOf(digestProgram: string, path: string): Promise<string[] | undefined> {
  try {
    const { stdout } = await run('bash', ['-c', limited, digestProgram, path], { maxBuffer: 1 << 28, timeout: 60_000 });
    return stdout
      .trim()
      .split('\n')
      .map((line) => line.split('\t').slice(2).join('\t'))
      .toSorted();
  } catch {
    return undefined;
  }
}

/** How what is read of an output is to what is read of its input. */
export type Verdict = 'same' | 'both refused' | 'input refused' | 'output refused' | 'differs';

/** Channels that were made, as mattes are, may come beside those of the input. */
export function compare(before: readonly string[] | undefined, after: readonly string[] | undefined): Verdict {
  if (!before) return after ? 'input refused' : 'both refused';
  if (!after) return 'output refused';
  const found = new Set(after);
  return before.every((line) => found.has(line)) ? 'same' : 'differs';
}

/** What may not be: a file that OpenEXR reads must not become one that it does not, or reads otherwise. */
export function isFault(verdict: Verdict): boolean {
  return verdict === 'output refused' || verdict === 'differs';
}
