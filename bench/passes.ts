/** A frame as Blender 5 writes it, a part for each pass: to one part, to a file for each view layer of one part or of several. */
import { join } from 'node:path';
import { type Benchmark, copies, withTool } from './harness/benchmark.js';

export const passes: Benchmark = async function* ({ frames, tools, rounds }) {
  for (const size of ['1080p', '4K'] as const)
    for (const colours of ['float', 'half'] as const) {
      const input = await frames.passes(size, colours);
      const inputs = [input];
      const usual = rounds(size === '4K' ? 3 : 7);
      const aims = [
        { what: 'wall', atMost: 1 / 1.5, times: 'C++' },
        { what: 'size', atMost: 1.02, times: 'C++' },
        { what: 'peak', atMost: 1, times: 'C++' },
      ] as const;
      const split = [...tools.exrpipe, 'split', '--by', 'view-layer', input, '-o'];
      yield {
        title: `a part for each pass to one part, ${size} ${colours}`,
        inputs,
        rounds: usual,
        samePixels: true,
        contenders: [
          {
            name: 'exrpipe',
            command: (out) => [...tools.exrpipe, 'layout', '--to', 'single', input, '-o', join(out, 'single.exr')],
          },
          withTool(tools.native, ({ merge }) => ({
            name: 'C++',
            command: (out) => [merge, join(out, 'single.exr'), input],
          })),
          ...copies(inputs),
        ],
        aims,
      };
      yield {
        title: `a part for each pass to a file for each view layer, ${size} ${colours}`,
        inputs,
        rounds: usual,
        samePixels: true,
        contenders: [
          { name: 'exrpipe', command: (out) => [...split, join(out, '{layer}.exr'), '--as', 'single'] },
          withTool(tools.native, ({ split }) => ({ name: 'C++', command: (out) => [split, input, out] })),
          {
            name: 'exrpipe, parts stay parts',
            command: (out) => [...split, join(out, '{layer}.exr'), '--as', 'parts'],
          },
          ...copies(inputs),
        ],
        aims,
      };
    }
};
