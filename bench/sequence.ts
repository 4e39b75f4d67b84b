/** A shot of small frames: what one run over all of them saves, and how busy it keeps the cores. */
import { spawnSync } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringAttribute } from '../lib/format/index.js';
import { readExrHeader } from '../lib/index.js';
import { parseChannelName } from '../lib/layers/index.js';
import { type Benchmark, withTool } from './harness/benchmark.js';
import { type Command, measure, quoted, shell } from './harness/measure.js';

/** Real frames of 96x54 pixels and 41 channels, one without its Cryptomatte metadata and one with. */
const fixtures = fileURLToPath(new URL('../../test/fixtures/blender/', import.meta.url));
const lost = join(fixtures, 'b3_lost_sepcomb.0001.exr');
const donor = join(fixtures, 'panel_levels2.0001.exr');

const filters = [
  'rename',
  '--strip-prefix',
  'main.',
  'then',
  'inject-manifest',
  '--from',
  donor,
  'then',
  'split',
  '--by',
  'layer',
];

export const sequence: Benchmark = async function* ({ frames, tools, rounds }) {
  const [many, few] = frames.small ? [40, 4] : [2000, 200];
  const folder = await frames.folder('sequence');
  const pattern = join(folder, 'shot.####.exr');
  for (let frame = 1; frame <= many; frame++) await copyFile(lost, join(folder, frameName(frame)));
  const over = (last: number) => (out: string) => sequenceCommand(tools.exrpipe, pattern, last, out);
  const [all, some, each] = [
    `exrpipe, ${many} frames`,
    `exrpipe, ${few} frames`,
    `a process for each of ${few} frames`,
  ];
  const words = await oiiotoolWords(tools.exrpipe, folder);
  yield {
    title: `rename, inject, split: ${many} frames of 96x54`,
    inputs: [lost, donor],
    rounds: rounds(3),
    samePixels: false,
    contenders: [
      { name: all, command: over(many) },
      { name: some, command: over(few) },
      { name: each, command: (out) => processes(tools.exrpipe, folder, few, out) },
      withTool(tools.oiiotool, (oiiotool) => ({
        name: `oiiotool, a process for each core, ${many} frames`,
        command: (out) => sharedOut(many, (range) => [oiiotool, '--frames', range, ...words(out)]),
      })),
      withTool(tools.oiiotool && inParallel(tools.oiiotool), (oiiotool) => ({
        name: `oiiotool --parallel-frames, ${many} frames`,
        command: (out) => [oiiotool, '--parallel-frames', '--frames', `1-${many}`, ...words(out)],
      })),
    ],
    aims: [
      { what: 'peak', atMost: 1.1, times: some },
      { what: 'busy', atLeast: 0.85 },
      // Ten times the frames: five times faster for each is at most twice as long for all.
      { what: 'wall', atMost: many / few / 5, times: each },
    ],
  };
};

function frameName(frame: number): string {
  return `shot.${String(frame).padStart(4, '0')}.exr`;
}

function sequenceCommand(exrpipe: Command, pattern: string, last: number, out: string): Command {
  return [...exrpipe, ...filters, pattern, '--frames', `1-${last}`, '--quiet', '-o', join(out, '{layer}.{frame}.exr')];
}

/** As a shell user does it, on all cores. */
function processes(exrpipe: Command, folder: string, last: number, out: string): Command {
  const one = quoted([...exrpipe, ...filters, '--quiet', '-o', join(out, '{layer}.{frame}.exr')]);
  return shell(
    `seq -f ${quoted([join(folder, 'shot.%04g.exr')])} 1 ${last} | xargs -n 1 -P ${availableParallelism()} ${one}`,
  );
}

/** Frames 1 to `last` in equal shares, one process for each core. */
function sharedOut(last: number, command: (range: string) => Command): Command {
  const cores = availableParallelism();
  const cut = (core: number) => Math.floor((core * last) / cores);
  const shares = Array.from({ length: cores }, (_, core) => `${cut(core) + 1}-${cut(core + 1)}`);
  return shell(`${shares.map((range) => `${quoted(command(range))} &`).join(' ')} wait`);
}

/** The program, if it is new enough to run frames in parallel itself. */
function inParallel(oiiotool: string): string | undefined {
  const { stdout } = spawnSync(oiiotool, ['--help'], { encoding: 'utf8' });
  return stdout.includes('--parallel-frames') ? oiiotool : undefined;
}

/** The closest equivalent: names and attributes given, and each layer's channels taken from the image. */
async function oiiotoolWords(exrpipe: Command, folder: string): Promise<(out: string) => string[]> {
  const sample = join(folder, 'whole.exr');
  await measure([...exrpipe, ...filters.slice(0, 7), lost, '-o', sample], undefined, '');
  const [part] = (await readExrHeader(sample)).parts;
  if (!part) throw new Error('the sample has no part');
  const names = part.channels.map(({ name }) => name);
  const attributes = [...part.attributes].flatMap(([name, attribute]) => {
    const value = name.startsWith('cryptomatte/') ? stringAttribute(attribute) : undefined;
    return value === undefined ? [] : ['--sattrib', name, value];
  });
  // The rank layers of a Cryptomatte, Crypto00 and on, belong in one file.
  const layers = new Map(names.map((name) => [name, parseChannelName(name).layer.replace(/\d\d$/, '')]));
  return (out) => [
    ...['--native', join(folder, 'shot.%04d.exr'), '--chnames', names.join(','), ...attributes, '--label', 'whole'],
    ...[...new Set(layers.values())].flatMap((layer, index) => [
      ...(index === 0 ? [] : ['whole']),
      ...['--ch', names.filter((name) => layers.get(name) === layer).join(',')],
      ...['-o', join(out, `${layer}.%04d.exr`)],
    ]),
  ];
}
