/** One layer of four channels out of 105. */
import { join } from 'node:path';
import { type Benchmark, withTool } from './harness/benchmark.js';

const layer = 'BG.Combined';

export const pick: Benchmark = async function* ({ frames, tools, rounds }) {
  for (const size of ['1080p', '4K'] as const)
    for (const colours of ['float', 'half'] as const) {
      const input = await frames.whole(size, colours);
      yield {
        title: `pick ${size} ${colours}`,
        inputs: [input],
        rounds: rounds(size === '4K' ? 3 : 7),
        samePixels: false,
        contenders: [
          {
            name: 'exrpipe',
            command: (out) => [...tools.exrpipe, 'pick', '--layer', layer, input, '-o', join(out, 'picked.exr')],
          },
          withTool(tools.native, ({ pick }) => ({
            name: 'C++',
            command: (out) => [pick, input, join(out, 'picked.exr'), layer],
          })),
          withTool(tools.oiiotool, (oiiotool) => ({
            name: 'oiiotool',
            command: (out) => [
              oiiotool,
              '--native',
              `-i:ch=${['R', 'G', 'B', 'A'].map((name) => `${layer}.${name}`).join(',')}`,
              input,
              '-o',
              join(out, 'picked.exr'),
            ],
          })),
        ],
        aims: [
          { what: 'wall', atMost: 1 / 1.5, times: 'C++' },
          { what: 'peak', atMost: 130e6 },
        ],
      };
    }
};
