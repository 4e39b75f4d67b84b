/**
 * Farms limit the addresses of a process (`ulimit -v`), to hold its memory. Node reserves ten GiB of them for each WebAssembly
 * memory without using them, unless it is started with a flag that cannot be set later, nor for a thread. So the program starts
 * itself again with it where it would not come far.
 */

import { readFileSync } from 'node:fs';
import { availableParallelism, constants } from 'node:os';
import { isStandalone } from '../../lib/program.js';

const flag = '--disable-wasm-trap-handler';

/** Addresses that a memory takes, with something to spare for the thread that has it. */
const perMemory = 11 * 2 ** 30;

/** A thread has one for the codecs, and one for the zstd library once it is needed. */
const memories = 2;

/** Whether the process must be started again. Never true in one that was. */
export function lacksAddresses(): boolean {
  const { NODE_OPTIONS } = process.env;
  const flags = [...process.execArgv, ...(NODE_OPTIONS ?? '').split(/\s+/)];
  return !flags.includes(flag) && addressLimit() < (availableParallelism() + 1) * memories * perMemory;
}

/** Bytes; infinite where there is no limit or none can be found out. */
function addressLimit(): number {
  try {
    const [, soft] = /^Max address space +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? [];
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** The words and variables of the other process. The executable without Node takes its words for itself, and Node's from a variable. */
export function startingAgain(standalone: boolean): { words: string[]; env: NodeJS.ProcessEnv } {
  if (!standalone) return { words: [flag, ...process.execArgv, ...process.argv.slice(1)], env: process.env };
  const { NODE_OPTIONS = '' } = process.env;
  return { words: process.argv.slice(2), env: { ...process.env, NODE_OPTIONS: `${NODE_OPTIONS} ${flag}`.trim() } };
}

/** Does the whole work in another process, with this one's files, signals and end. Gives the exit code. */
export async function startAgain(): Promise<number> {
  const { spawn } = process.getBuiltinModule('node:child_process');
  const { words, env } = startingAgain(isStandalone);
  const child = spawn(process.execPath, words, { stdio: 'inherit', env });
  // A terminal interrupts both processes by itself, and the second interruption would count as impatience.
  const byTerminal = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
  const pass = (name: NodeJS.Signals): void => {
    if (!(byTerminal && name === 'SIGINT')) child.kill(name);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, pass);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const name of signals) process.off(name, pass);
      // Ended by a signal: so does this one, for whoever looks at how.
      if (signal) process.kill(process.pid, signal);
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}
