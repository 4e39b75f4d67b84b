/** How much memory each task takes, on frames of two sizes: it must not follow the size of the frame. */
import { join } from 'node:path';
import { injectCommand, mergePartsCommand, splitPartsCommand } from './forward.js';
import { type Benchmark, pipe } from './harness/benchmark.js';
import { mergeCommand } from './merge.js';
import { splitCommand } from './split.js';

const forwarding = 100e6;
const splicing = 160e6;

export const memory: Benchmark = async function* ({ frames, tools, rounds }) {
  for (const size of ['1080p', '4K'] as const) {
    const whole = await frames.whole(size, 'float');
    const lost = await frames.lost(size, 'float');
    const files = await frames.layerFiles(size, 'float');
    const parts = await frames.parts(size, 'float');
    const inject = injectCommand(tools, await frames.donor());
    const output = (out: string): string => join(out, 'out.exr');
    const tasks = [
      {
        name: 'inject-manifest, file',
        command: (out: string) => [...inject, lost, '-o', output(out)],
        atMost: forwarding,
      },
      {
        name: 'inject-manifest, pipe',
        command: (out: string) => pipe(lost, [inject], output(out)),
        atMost: forwarding,
      },
      { name: 'split --by part', command: (out: string) => splitPartsCommand(tools, parts, out), atMost: forwarding },
      { name: 'merge --as parts', command: (out: string) => mergePartsCommand(tools, files, out), atMost: forwarding },
      { name: 'split', command: (out: string) => splitCommand(tools, whole, out), atMost: splicing },
      { name: 'merge', command: (out: string) => mergeCommand(tools, files, out), atMost: splicing },
    ];
    yield {
      title: `memory ${size} float`,
      inputs: [whole, lost, parts, ...files],
      rounds: rounds(3),
      samePixels: false,
      contenders: tasks,
      aims: tasks.map(({ name, atMost }) => ({ of: name, what: 'peak', atMost }) as const),
    };
  }
};
