/** The view layers of a frame, a file each, to one file with one part. */
import { join } from 'node:path';
import { type Benchmark, copies, withTool } from './harness/benchmark.js';
import { keepHalf } from './harness/half-channels.js';
import type { Command } from './harness/measure.js';
import type { Tools } from './harness/tools.js';

export const merge: Benchmark = async function* ({ frames, tools, rounds }) {
  for (const size of ['1080p', '4K'] as const)
    for (const colours of ['float', 'half'] as const) {
      const inputs = await frames.layerFiles(size, colours);
      const half = await keepHalf(inputs);
      yield {
        title: `merge ${size} ${colours}`,
        inputs,
        rounds: rounds(size === '4K' ? 3 : 5),
        samePixels: true,
        contenders: [
          { name: 'exrpipe', command: (out) => mergeCommand(tools, inputs, out) },
          withTool(tools.native, ({ merge }) => ({
            name: 'C++',
            command: (out) => [merge, join(out, 'merged.exr'), ...inputs],
          })),
          withTool(tools.oiiotool, (oiiotool) => ({
            name: 'oiiotool',
            command: (out) => [oiiotool, ...half, ...oiiotoolWords(inputs, out)],
          })),
          withTool(tools.python, (python) => ({
            name: 'Python',
            command: (out) => [...python, 'merge', join(out, 'merged.exr'), ...inputs],
          })),
          ...copies(inputs),
        ],
        aims: [
          { what: 'wall', atMost: 1 / (size === '4K' ? 5 : 4.5), times: 'C++' },
          { what: 'wall', atMost: 1 / 15, times: 'oiiotool' },
          { what: 'size', atMost: 1.02, times: 'C++' },
          { what: 'peak', atMost: 160e6 },
        ],
      };
    }
};

export function mergeCommand({ exrpipe }: Tools, inputs: readonly string[], out: string): Command {
  return [...exrpipe, 'merge', ...inputs, '-o', join(out, 'merged.exr')];
}

function oiiotoolWords(inputs: readonly string[], out: string): string[] {
  const appended = inputs.flatMap((input, index) => (index === 0 ? [input] : [input, '--chappend']));
  return ['--native', ...appended, '-o', join(out, 'merged.exr')];
}
