/** One frame to one file for each view layer. */
import { join } from 'node:path';
import { readExrHeader } from '../lib/index.js';
import { type Benchmark, copies, withTool } from './harness/benchmark.js';
import { layers } from './harness/frames.js';
import { keepHalf } from './harness/half-channels.js';
import type { Command } from './harness/measure.js';
import type { Tools } from './harness/tools.js';

/** How many times as fast as C++ on OpenEXR 3.5. */
const aims = { '1080p': { float: 4.5, half: 5 }, '4K': { float: 6, half: 6 } } as const;

export const split: Benchmark = async function* ({ frames, tools, rounds }) {
  for (const size of ['1080p', '4K'] as const)
    for (const colours of ['float', 'half'] as const) {
      const input = await frames.whole(size, colours);
      const channels = await channelsByLayer(input);
      const half = await keepHalf([input]);
      yield {
        title: `split ${size} ${colours}`,
        inputs: [input],
        rounds: rounds(size === '4K' ? 3 : 5),
        samePixels: true,
        contenders: [
          { name: 'exrpipe', command: (out) => splitCommand(tools, input, out) },
          withTool(tools.native, ({ split }) => ({ name: 'C++', command: (out) => [split, input, out] })),
          withTool(tools.oiiotool, (oiiotool) => ({
            name: 'oiiotool',
            command: (out) => [oiiotool, ...half, ...oiiotoolWords(input, channels, out)],
          })),
          withTool(tools.python, (python) => ({ name: 'Python', command: (out) => [...python, 'split', input, out] })),
          ...copies([input]),
        ],
        aims: [
          { what: 'wall', atMost: 1 / aims[size][colours], times: 'C++' },
          { what: 'wall', atMost: 1 / 15, times: 'oiiotool' },
          { what: 'size', atMost: 1.02, times: 'C++' },
          { what: 'peak', atMost: 160e6 },
        ],
      };
    }
};

export function splitCommand({ exrpipe }: Tools, input: string, out: string): Command {
  return [...exrpipe, 'split', '--by', 'view-layer', input, '-o', join(out, '{layer}.exr')];
}

async function channelsByLayer(path: string): Promise<Map<string, string[]>> {
  const names = (await readExrHeader(path)).parts.flatMap(({ channels }) => channels.map(({ name }) => name));
  return new Map(layers.map((layer) => [layer, names.filter((name) => name.startsWith(`${layer}.`))]));
}

/** The closest equivalent: the image read once, and each layer's channels taken from it. */
function oiiotoolWords(input: string, channels: ReadonlyMap<string, readonly string[]>, out: string): string[] {
  const outputs = [...channels].flatMap(([layer, names], index) => [
    ...(index === 0 ? [] : ['whole']),
    ...['--ch', names.join(','), '-o', join(out, `${layer}.exr`)],
  ]);
  return ['--native', input, '--label', 'whole', ...outputs];
}
