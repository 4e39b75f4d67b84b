/** Work that does not read pixels: header edits, and parts moved between files. The yardstick is `cp`. */
import { join } from 'node:path';
import { decodeText } from '../lib/format/index.js';
import { readExrHeader } from '../lib/index.js';
import { isSetAttribute } from '../lib/layers/index.js';
import { type Bench, type Benchmark, copies, pipe, withTool } from './harness/benchmark.js';
import type { Aim, Contest } from './harness/contest.js';
import type { Colours } from './harness/frames.js';
import type { Command } from './harness/measure.js';
import type { Tools } from './harness/tools.js';

export const forward: Benchmark = async function* (bench) {
  for (const colours of ['half', 'float'] as const) {
    yield await injectManifest(bench, colours);
    yield await rename(bench, colours);
    yield await chain(bench, colours);
    yield await splitParts(bench, colours);
    yield await mergeParts(bench, colours);
  }
};

const prefix = 'shot.';
/** The new name of a renamed channel. */
const newName = (channel: string): string => prefix + channel;

/** As fast as a copy, and as the native tool that comes closest. */
function aims(native: string): Aim[] {
  return [
    { what: 'wall', atMost: 1.3, times: 'cp' },
    { what: 'wall', atMost: 1.3, times: 'cp, sync' },
    { what: 'wall', atMost: 1, times: native },
    { what: 'peak', atMost: 100e6 },
  ];
}

/** `verify` has it compare the names with the IDs in the pixels, as it does by default. */
export function injectCommand({ exrpipe }: Tools, donor: string, verify = false): Command {
  return [...exrpipe, 'inject-manifest', '--quiet', ...(verify ? [] : ['--no-verify']), '--from', donor];
}

async function injectManifest({ frames, tools, rounds }: Bench, colours: Colours): Promise<Contest> {
  const input = await frames.lost('4K', colours);
  const donor = await frames.donor();
  const attributes = await manifestAttributes(donor);
  const output = (out: string): string => join(out, 'injected.exr');
  return {
    title: `inject-manifest 4K ${colours}`,
    inputs: [input],
    rounds: rounds(5),
    samePixels: true,
    contenders: [
      {
        name: 'exrpipe --no-verify',
        command: (out) => [...injectCommand(tools, donor), input, '-o', output(out)],
      },
      {
        name: 'exrpipe, verifying',
        command: (out) => [...injectCommand(tools, donor, true), input, '-o', output(out)],
      },
      {
        name: 'exrpipe --no-verify in a pipe',
        command: (out) => pipe(input, [injectCommand(tools, donor)], output(out)),
      },
      withTool(tools.exrstdattr, (exrstdattr) => ({
        name: 'exrstdattr',
        command: (out) => [
          exrstdattr,
          ...attributes.flatMap(([name, text]) => ['-string', name, text]),
          input,
          output(out),
        ],
      })),
      ...copies([input]),
      { name: 'cat in a pipe', command: (out) => pipe(input, [], output(out)), copies: true },
    ],
    aims: [
      ...aims('exrstdattr'),
      { of: 'exrpipe, verifying', what: 'wall', atMost: 1.3, times: 'cp, sync' },
      { of: 'exrpipe, verifying', what: 'peak', atMost: 100e6 },
      { of: 'exrpipe --no-verify in a pipe', what: 'peak', atMost: 100e6 },
    ],
  };
}

async function manifestAttributes(path: string): Promise<[string, string][]> {
  const [part] = (await readExrHeader(path)).parts;
  return [...(part?.attributes ?? [])]
    .filter(([name]) => isSetAttribute(name))
    .map(([name, { value }]) => [name, decodeText(value)]);
}

/** The order of the channels is kept, so their pixels stay in place. No native tool renames; exrstdattr writes as much. */
async function rename({ frames, tools, rounds }: Bench, colours: Colours): Promise<Contest> {
  const input = await frames.whole('4K', colours);
  const output = (out: string): string => join(out, 'renamed.exr');
  const { exrpipe } = tools;
  return {
    title: `rename 4K ${colours}`,
    inputs: [input],
    rounds: rounds(5),
    samePixels: true,
    contenders: [
      {
        name: 'exrpipe',
        command: (out) => [...exrpipe, 'rename', '--add-prefix', prefix, input, '-o', output(out)],
        newName,
      },
      withTool(tools.exrstdattr, (exrstdattr) => ({
        name: 'exrstdattr',
        command: (out) => [exrstdattr, '-owner', 'somebody', input, output(out)],
      })),
      ...copies([input]),
    ],
    aims: aims('exrstdattr'),
  };
}

/** Three filters in one process and in three. */
async function chain({ frames, tools, rounds }: Bench, colours: Colours): Promise<Contest> {
  const input = await frames.lost('4K', colours);
  const donor = await frames.donor();
  const output = (out: string): string => join(out, 'chained.exr');
  const { exrpipe } = tools;
  const inject = injectCommand(tools, donor);
  const renaming = ['rename', '--add-prefix', prefix];
  const owner = ['set-attribute', 'owner=somebody'];
  return {
    title: `three filters 4K ${colours}`,
    inputs: [input],
    rounds: rounds(5),
    samePixels: true,
    contenders: [
      {
        name: 'exrpipe, one process',
        command: (out) => [...inject, 'then', ...renaming, 'then', ...owner, input, '-o', output(out)],
        newName,
      },
      {
        name: 'exrpipe, three in a pipe',
        command: (out) => pipe(input, [inject, [...exrpipe, ...renaming], [...exrpipe, ...owner]], output(out)),
        newName,
      },
      {
        name: 'cat, three in a pipe',
        command: (out) => pipe(input, [['cat'], ['cat'], ['cat']], output(out)),
        copies: true,
      },
      ...copies([input]),
    ],
    aims: [
      { what: 'peak', atMost: 100e6 },
      { of: 'exrpipe, three in a pipe', what: 'peak', atMost: 100e6 },
    ],
  };
}

export function splitPartsCommand({ exrpipe }: Tools, input: string, out: string): Command {
  return [...exrpipe, 'split', '--by', 'part', input, '-o', join(out, '{layer}.exr')];
}

async function splitParts({ frames, tools, rounds }: Bench, colours: Colours): Promise<Contest> {
  const input = await frames.parts('4K', colours);
  return {
    title: `split --by part 4K ${colours}`,
    inputs: [input],
    rounds: rounds(5),
    samePixels: true,
    contenders: [
      { name: 'exrpipe', command: (out) => splitPartsCommand(tools, input, out) },
      withTool(tools.exrmultipart, (exrmultipart) => ({
        name: 'exrmultipart',
        command: (out) => [exrmultipart, '-separate', '-i', input, '-o', join(out, 'part')],
      })),
      ...copies([input]),
    ],
    aims: aims('exrmultipart'),
  };
}

export function mergePartsCommand({ exrpipe }: Tools, inputs: readonly string[], out: string): Command {
  return [...exrpipe, 'merge', '--as', 'parts', ...inputs, '-o', join(out, 'parts.exr')];
}

async function mergeParts({ frames, tools, rounds }: Bench, colours: Colours): Promise<Contest> {
  const inputs = await frames.layerFiles('4K', colours);
  return {
    title: `merge --as parts 4K ${colours}`,
    inputs,
    rounds: rounds(5),
    samePixels: true,
    contenders: [
      { name: 'exrpipe', command: (out) => mergePartsCommand(tools, inputs, out) },
      withTool(tools.exrmultipart, (exrmultipart) => ({
        name: 'exrmultipart',
        command: (out) => [exrmultipart, '-combine', '-i', ...inputs, '-o', join(out, 'parts.exr')],
      })),
      ...copies(inputs),
    ],
    aims: aims('exrmultipart'),
  };
}
