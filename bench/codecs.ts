/**
 * The codecs of OpenEXR 3.4 and 3.5: splitting and merging view layers, and picking one layer. C++ takes part if it is built
 * against a library that knows them.
 */
import { basename, join } from 'node:path';
import { type Benchmark, withTool } from './harness/benchmark.js';
import type { Contest } from './harness/contest.js';
import type { Tools } from './harness/tools.js';
import { mergeCommand } from './merge.js';
import { pickCommands } from './pick.js';
import { splitCommand } from './split.js';

const codecs = ['zstd', 'htj2k256'] as const;

export const newCodecs: Benchmark = async function* ({ frames, tools, rounds }) {
  const native = knowsAll(tools) ? tools.native : undefined;
  for (const codec of codecs)
    for (const colours of ['float', 'half'] as const) {
      const input = await frames.coded(codec, '1080p', colours);
      const inputs = await frames.codedLayers(codec, '1080p', colours);
      const common = { rounds: rounds(5), samePixels: false } as const;
      const aims = [{ what: 'wall', atMost: 1, times: 'C++' }] as const;
      yield {
        ...common,
        title: `split ${codec} ${colours}`,
        inputs: [input],
        contenders: [
          { name: 'exrpipe', command: (out) => splitCommand(tools, input, out) },
          withTool(native, ({ split }) => ({ name: 'C++', command: (out) => [split, input, out] })),
        ],
        aims,
      };
      if (codec === 'htj2k256')
        yield packetsBesideChunks(tools, input, await frames.codedParts(codec, '1080p', colours), common);
      yield {
        ...common,
        title: `merge ${codec} ${colours}`,
        inputs,
        contenders: [
          { name: 'exrpipe', command: (out) => mergeCommand(tools, inputs, out) },
          withTool(native, ({ merge }) => ({
            name: 'C++',
            command: (out) => [merge, join(out, 'merged.exr'), ...inputs],
          })),
        ],
        aims,
      };
      const { ours, theirs } = pickCommands(tools, input);
      yield {
        ...common,
        title: `pick ${codec} ${colours}`,
        inputs: [input],
        contenders: [ours, withTool(native, theirs)],
        aims,
      };
    }
};

/** The same bytes moved as packets of channels, and as whole chunks. */
function packetsBesideChunks(
  tools: Tools,
  input: string,
  parts: string,
  common: Pick<Contest, 'rounds' | 'samePixels'>,
): Contest {
  const byPart = 'split --by part';
  return {
    ...common,
    title: `packets beside chunks, ${basename(input)}`,
    inputs: [input, parts],
    contenders: [
      { name: 'exrpipe', command: (out) => splitCommand(tools, input, out) },
      {
        name: byPart,
        command: (out) => [...tools.exrpipe, 'split', '--by', 'part', parts, '-o', join(out, '{part}.exr')],
      },
    ],
    aims: [{ what: 'wall', atMost: 2.5, times: byPart }],
  };
}

/** A library before 3.5 does not open the files. */
function knowsAll({ openexr }: Tools): boolean {
  const [major = 0, minor = 0] = (openexr ?? '').split('.').map(Number);
  return major > 3 || (major === 3 && minor >= 5);
}
