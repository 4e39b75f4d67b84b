/** Runs the program as users do, and measures what it took. */
import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../cli/bin/exrpipe.js', import.meta.url));

/** Loaded before the program: at its end it writes what the process took to a descriptor of its own. */
const meter = `data:text/javascript,${encodeURIComponent(`
import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
if (isMainThread) process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeSync(3, JSON.stringify({ seconds: (userCPUTime + systemCPUTime) / 1e6, megabytes: maxRSS / 1024 }));
});
`)}`;

export interface Measured {
  /** Undefined where a signal ended it, as one does after the time that is allowed. */
  readonly code: number | undefined;
  readonly stderr: string;
  /** Of the processor, all threads together: it does not depend on what else the machine does. */
  readonly seconds: number;
  /** The most that was in memory. */
  readonly megabytes: number;
}

/** Seconds after which a run counts as hung. */
const patience = 120;

/** Runs exrpipe with these words; `input` is a file that is piped in. What it writes to stdout is dropped. */
export function measure(words: readonly string[], input?: string): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [`--import=${meter}`, program, ...words], {
      stdio: [input === undefined ? 'ignore' : 'pipe', 'ignore', 'pipe', 'pipe'],
      timeout: patience * 1000,
      killSignal: 'SIGKILL',
    });
    const texts = ['', ''];
    for (const [at, stream] of [child.stderr, child.stdio[3] as NodeJS.ReadableStream].entries())
      stream?.setEncoding('utf8').on('data', (text: string) => (texts[at] += text));
    if (input !== undefined && child.stdin) {
      // Who refuses a file early does not read it to its end.
      child.stdin.on('error', () => {});
      createReadStream(input).pipe(child.stdin);
    }
    child.on('error', reject);
    child.on('close', (code) => {
      const [stderr = '', taken = ''] = texts;
      const { seconds, megabytes } = taken === '' ? { seconds: 0, megabytes: 0 } : JSON.parse(taken);
      resolve({ code: code ?? undefined, stderr, seconds, megabytes });
    });
  });
}
