/** Several ways of doing one task, run in turns and compared. */
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, type Cost, measure, settle } from './measure.js';
import { channelDigests, compareChannels } from './pixels.js';
import type { Tools } from './tools.js';

export interface Contender {
  readonly name: string;
  /** What to run. It writes into the folder `out`, which is empty, and nowhere else. */
  readonly command: (out: string) => Command;
  /** The new names of the inputs' channels in its outputs, where they change. */
  readonly newName?: (channel: string) => string;
  /** It only copies files, so its pixels need no judge. */
  readonly copies?: boolean;
}

/** A goal for a contender. */
export type Aim = {
  /** The contender that it is about; by default the first. */
  readonly of?: string;
} & (
  | { readonly what: 'wall' | 'cpu' | 'size' | 'peak'; readonly atMost: number; readonly times: string }
  /** Seconds more than another contender. */
  | { readonly what: 'wall' | 'cpu'; readonly more: number; readonly than: string }
  /** Bytes. */
  | { readonly what: 'peak'; readonly atMost: number }
  /** A share of all cores, from 0 to 1. */
  | { readonly what: 'busy'; readonly atLeast: number }
);

export interface Contest {
  readonly title: string;
  /** Files that the contenders read. They are read into the system's cache beforehand. */
  readonly inputs: readonly string[];
  /** The others are compared with the first. Those whose program is missing are undefined. */
  readonly contenders: readonly (Contender | undefined)[];
  readonly rounds: number;
  readonly aims?: readonly Aim[];
  /** Whether the outputs should have all channels of the inputs, which is then checked. */
  readonly samePixels: boolean;
}

export interface Run extends Cost {
  readonly contender: string;
  /** From 1. */
  readonly round: number;
  /** Bytes of all files written. */
  readonly size: number;
}

export interface Outcome {
  readonly contest: Contest;
  readonly runs: readonly Run[];
  /** How the outputs of a contender compare with the expected ones: `same`, or how they differ. */
  readonly pixels: ReadonlyMap<string, string>;
  /** Contenders that failed, and their messages. */
  readonly failures: ReadonlyMap<string, string>;
}

/**
 * Lets every contender run once in each round, so that other load on the machine affects all of them alike. Each round begins
 * with a different one: after a pause, the first to fill the memory of a virtual machine pays for all.
 * `folder` is for outputs; nothing is left there.
 */
export async function hold(contest: Contest, tools: Tools, folder: string): Promise<Outcome> {
  const { inputs, rounds, samePixels } = contest;
  const contenders = contest.contenders.filter((contender) => contender !== undefined);
  const runs: Run[] = [];
  const pixels = new Map<string, string>();
  const failures = new Map<string, string>();
  const expected = samePixels && tools.digest ? await channelDigests(tools.digest, inputs) : undefined;
  for (const input of inputs) await readThrough(input);
  for (let round = 1; round <= rounds; round++)
    for (const { name, command, newName, copies } of rotated(contenders, round - 1)) {
      if (failures.has(name)) continue;
      const out = join(folder, 'out');
      await mkdir(out);
      settle();
      try {
        const cost = await measure(command(out), tools.time, join(folder, 'cost'));
        const files = (await readdir(out)).map((file) => join(out, file));
        runs.push({ contender: name, round, size: await totalSize(files), ...cost });
        if (round === 1 && expected && tools.digest && !copies)
          pixels.set(name, compareChannels(expected, await channelDigests(tools.digest, files), newName));
      } catch (error) {
        failures.set(name, error instanceof Error ? error.message : String(error));
      } finally {
        await rm(out, { recursive: true });
      }
    }
  return { contest, runs, pixels, failures };
}

function rotated<Item>(items: readonly Item[], by: number): Item[] {
  const first = by % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}

async function readThrough(path: string): Promise<void> {
  await readFile(path);
}

async function totalSize(files: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const file of files) bytes += (await stat(file)).size;
  return bytes;
}
