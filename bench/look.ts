/** What is looked at: a preview of one layer out of 105 channels, a sheet of all layers, the masks of all objects. */
import { join } from 'node:path';
import { type Benchmark, withTool } from './harness/benchmark.js';

const layer = 'BG.Combined';

export const look: Benchmark = async function* ({ frames, tools, rounds }) {
  for (const size of ['1080p', '4K'] as const) {
    const input = await frames.whole(size, 'float');
    const usual = rounds(size === '4K' ? 3 : 7);
    const shared = { inputs: [input], rounds: usual, samePixels: false } as const;
    const channels = ['R', 'G', 'B', 'A'].map((name) => `${layer}.${name}`).join(',');
    yield {
      ...shared,
      title: `preview of one layer, ${size}`,
      contenders: [
        {
          name: 'exrpipe',
          command: (out) => [...tools.exrpipe, 'preview', '--layer', layer, input, '-o', join(out, 'a.png')],
        },
        withTool(tools.oiiotool, (oiiotool) => ({
          name: 'oiiotool',
          command: (out) => [
            oiiotool,
            `-i:ch=${channels}`,
            input,
            '--colorconvert',
            'linear',
            'sRGB',
            '--ch',
            '0,1,2',
            '-d',
            'uint8',
            '-o',
            join(out, 'a.png'),
          ],
        })),
      ],
      aims: [
        { what: 'wall', atMost: 1 / 2, times: 'oiiotool' },
        { what: 'peak', atMost: 1 / 10, times: 'oiiotool' },
      ],
    };
    yield {
      ...shared,
      title: `sheet of all layers, ${size}`,
      contenders: [
        { name: 'exrpipe', command: (out) => [...tools.exrpipe, 'sheet', '--quiet', input, '-o', join(out, 'a.png')] },
      ],
      aims: [],
    };
    yield {
      ...shared,
      title: `masks of all objects, ${size}`,
      contenders: [
        {
          name: 'exrpipe',
          command: (out) => [
            ...tools.exrpipe,
            'masks',
            '--layer',
            'BG.CryptoObject',
            '--quiet',
            input,
            '-o',
            join(out, '{name}.png'),
          ],
        },
      ],
      aims: [],
    };
  }
};
