/** One layer of four channels out of 105. */
import { join } from 'node:path';
import { type Benchmark, withTool } from './harness/benchmark.js';
import type { Contender } from './harness/contest.js';
import type { NativeTools, Tools } from './harness/tools.js';

const layer = 'BG.Combined';

/** exrpipe's way and C++'s to pick the layer. */
export function pickCommands(
  { exrpipe }: Tools,
  input: string,
): { readonly ours: Contender; readonly theirs: (native: NativeTools) => Contender } {
  const output = (out: string): string => join(out, 'picked.exr');
  return {
    ours: { name: 'exrpipe', command: (out) => [...exrpipe, 'pick', '--layer', layer, input, '-o', output(out)] },
    theirs: ({ pick }) => ({ name: 'C++', command: (out) => [pick, input, output(out), layer] }),
  };
}

export const pick: Benchmark = async function* ({ frames, tools, rounds }) {
  for (const size of ['1080p', '4K'] as const)
    for (const colours of ['float', 'half'] as const) {
      const input = await frames.whole(size, colours);
      const { ours, theirs } = pickCommands(tools, input);
      yield {
        title: `pick ${size} ${colours}`,
        inputs: [input],
        rounds: rounds(size === '4K' ? 3 : 7),
        samePixels: false,
        contenders: [
          ours,
          withTool(tools.native, theirs),
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
          withTool(tools.python, (python) => ({
            name: 'Python',
            command: (out) => [...python, 'pick', input, join(out, 'picked.exr'), layer],
          })),
        ],
        aims: [
          { what: 'wall', atMost: 1 / 1.5, times: 'C++' },
          { what: 'peak', atMost: 130e6 },
        ],
      };
    }
};
