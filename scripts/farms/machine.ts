/** What the checks of farms share: programs that are run, folders of frames, and what is held against them. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const exrpipe = fileURLToPath(new URL('../../cli/bin/exrpipe.js', import.meta.url));

/** How a program ended. */
export interface Ending {
  /** The exit code; 128 + n after a signal. */
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a program to its end, which must come within some minutes. */
export function run(
  program: string,
  words: readonly string[],
  { cwd = '.', env = {}, minutes = 5 } = {},
): Promise<Ending> {
  const child = spawn(program, words, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    out += piece;
  });
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    err += piece;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), minutes * 60_000);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code: code ?? (signal === 'SIGKILL' ? 137 : 143), out, err });
    });
  });
}

/** Whether a program is there at all. */
export function isThere(program: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$0"', program], { stdio: 'ignore' }).status === 0;
}

export class Trouble extends Error {}

export function expect(holds: boolean, what: string): void {
  if (!holds) throw new Trouble(what);
}

export function expectCode({ code, out, err }: Ending, wanted: number, what: string): void {
  expect(code === wanted, `${what}: exit code ${code} instead of ${wanted}\n${(err + out).slice(-3000)}`);
}

/** Files below a folder by their paths in it. */
export function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .sort();
}

/** Every file of a folder is there in the other with the same bytes, and the other has no more. */
export function expectEqual(folder: string, reference: string, what: string): void {
  const [found, wanted] = [filesIn(folder), filesIn(reference)];
  const strays = found.filter((name) => basename(name).startsWith('.'));
  expect(strays.length === 0, `${what}: temporary files are left: ${strays}`);
  const lacking = wanted.filter((name) => !found.includes(name));
  expect(lacking.length === 0, `${what}: not there: ${lacking}`);
  const more = found.filter((name) => !wanted.includes(name));
  expect(more.length === 0, `${what}: too many: ${more}`);
  const other = wanted.filter((name) => digest(join(folder, name)) !== digest(join(reference, name)));
  expect(other.length === 0, `${what}: other bytes than on one machine: ${other}`);
}

function digest(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** Waits until something holds, looking every half second. */
export async function until(holds: () => boolean | Promise<boolean>, what: string, seconds = 240): Promise<void> {
  for (let tries = 0; tries < seconds * 2; tries++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Trouble(`after ${seconds} s: ${what}`);
}

let shown = performance.now();

/** A line for people, with the seconds since the last one. */
export function tell(text: string): void {
  const now = performance.now();
  console.log(`${((now - shown) / 1000).toFixed(1).padStart(6)} s  ${text}`);
  shown = now;
}
