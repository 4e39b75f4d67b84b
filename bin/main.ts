/** The command line: finds what is asked for, and turns every ending into an exit code and at most one line. */

import { writeSync } from 'node:fs';
import { isExrError } from '../lib/index.js';
import { dispatch } from './commands/dispatch.js';
import { commands } from './commands/table.js';
import { type Interruption, watchSignals } from './terminal/interrupt.js';
import { openJd, wantsOpenJd } from './terminal/openjd.js';
import { exitCode, exitCodes, Reporter } from './terminal/reporter.js';
import { writeStdout } from './terminal/stdout.js';

/** Runs one command line (without `node` and the script) and gives the exit code. Never throws. */
export async function main(words: readonly string[]): Promise<number> {
  const reporter = new Reporter();
  const forOpenJd = wantsOpenJd(words);
  const interruption = watchSignals({ onExit: () => forOpenJd && writeNow(openJd.fail('interrupted')) });
  const code = await run(words, reporter, interruption);
  // A farm's monitor shows this line and nothing else. Where nobody reads it, the exit code is all there is.
  if (code !== exitCodes.ok && forOpenJd)
    await writeStdout(openJd.fail(reporter.reason ?? `exit code ${code}`)).catch(() => {});
  return code;
}

/** Without waiting, which a process that is about to end cannot. */
function writeNow(text: string): void {
  try {
    writeSync(process.stdout.fd, text);
  } catch {
    // A pipe that is full or closed: the exit code tells.
  }
}

async function run(words: readonly string[], reporter: Reporter, interruption: Interruption): Promise<number> {
  try {
    return await dispatch(words, { reporter, signal: interruption.signal }, commands);
  } catch (error) {
    if (interruption.exitCode !== undefined) {
      reporter.because(reporter.reason ?? 'interrupted');
      return interruption.exitCode;
    }
    if (isClosedStdout(error)) return exitCodes.ok;
    reporter.error(error);
    return exitCode(error);
  } finally {
    interruption.stop();
  }
}

/** The reader at the other end of a pipe has enough (`| head`): no fault of ours or the user's. */
function isClosedStdout(error: unknown): boolean {
  return isExrError(error) && error.code === 'EPIPE' && error.where.file === 'stdout';
}
