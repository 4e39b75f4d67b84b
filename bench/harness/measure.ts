/** Runs a command once and measures its cost. */
import { spawn, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';

/** The cost of one run of a command. Everything except the wall time needs GNU time, and is undefined without it. */
export interface Cost {
  /** Seconds from start to end, the start of the process included. */
  readonly wall: number;
  /** Processor seconds of the command and all it started, on all cores together. */
  readonly user: number | undefined;
  readonly system: number | undefined;
  /** Peak resident memory in bytes; with several processes, the largest one's. */
  readonly peak: number | undefined;
}

export type Command = readonly string[];

/** Several commands as one, in the words of a POSIX shell. Words of commands are quoted with {@link quoted}. */
export function shell(script: string): Command {
  return ['sh', '-c', `set -e; ${script}`];
}

/** A command for a shell, with every word quoted literally. */
export function quoted(command: Command): string {
  return command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}

/**
 * Runs a command with its output thrown away. `time` is the path of GNU time; its report goes to the file `scratch`.
 * Throws with the command's stderr when it fails.
 */
export async function measure(command: Command, time: string | undefined, scratch: string): Promise<Cost> {
  const [program, ...words] = time
    ? [time, '--quiet', '--format=%U %S %M', `--output=${scratch}`, ...command]
    : (command as [string, ...string[]]);
  const start = performance.now();
  await run(program as string, words);
  const wall = (performance.now() - start) / 1000;
  if (!time) return { wall, user: undefined, system: undefined, peak: undefined };
  const [user, system, kibibytes] = (await readFile(scratch, 'utf8')).trim().split(' ').map(Number);
  return { wall, user, system, peak: kibibytes === undefined ? undefined : kibibytes * 1024 };
}

/**
 * The environment of commands. A machine's settings for Node (options, more certificates, which it reads at each start)
 * must not count, and would make figures of two machines differ.
 */
const environment = Object.fromEntries(
  ['PATH', 'HOME', 'TMPDIR', 'LD_LIBRARY_PATH'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  }),
);

function run(program: string, words: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${signal ?? `exit ${code}`}: ${complaint.trim().split('\n').at(-1)}`));
    });
  });
}

/** Writes what earlier runs left in the system's buffers to disk, so that the next run does not pay for it. */
export function settle(): void {
  spawnSync('sync');
}
