/** How long it takes to report what is in a file, compared with starting Node at all. */
import { type Benchmark, withTool } from './harness/benchmark.js';

export const info: Benchmark = async function* ({ frames, tools, rounds }) {
  const input = await frames.whole('1080p', 'float');
  const { exrpipe } = tools;
  yield {
    title: 'info',
    inputs: [input],
    rounds: rounds(31),
    samePixels: false,
    contenders: [
      { name: 'exrpipe info', command: () => [...exrpipe, 'info', input] },
      { name: 'exrpipe info --json', command: () => [...exrpipe, 'info', '--json', input] },
      { name: 'node -e 0', command: () => [process.execPath, '-e', '0'] },
      withTool(tools.exrheader, (exrheader) => ({ name: 'exrheader', command: () => [exrheader, input] })),
    ],
    aims: [{ what: 'wall', atMost: 2.4, times: 'node -e 0' }],
  };
};
