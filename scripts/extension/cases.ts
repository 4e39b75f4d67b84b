/** What is rendered with the extension switched on (integrations/blender/check/render.py), and what is right. */
import type { Outcome } from './outcome.js';

export interface Case {
  readonly name: string;
  /** Part of the sample that CI tries. */
  readonly sample?: true;
  /** Only Blender itself can do it: in the module `bpy`, Python answers signals. */
  readonly program?: true;
  /** exrpipe is not to be found. */
  readonly missing?: true;
  /** What is wrong, a line each. Throws for what cannot even be looked at. */
  readonly judge: (outcome: Outcome) => Promise<readonly string[]>;
}

const shown = ['Chars', 'BG', 'FX elements'];

export const cases: readonly Case[] = [
  {
    name: 'animation',
    sample: true,
    judge: async (outcome) => {
      const frames = [1, 2, 3].map((frame) => `000${frame}`);
      const files = frames.flatMap((frame) =>
        ['lost', ...shown.map((layer) => `lost.${layer}`)].map((stem) => `${stem}.${frame}.exr`),
      );
      return [
        ...(await outcome.mattes(files)),
        ...outcome.troubles(),
        ...(await outcome.sameMetadata('panel.0002.exr', 'lost.0002.exr')),
      ];
    },
  },
  {
    name: 'frames',
    sample: true,
    judge: async (outcome) => [
      ...(await outcome.mattes([outcome.still('lost'), 'panel.0001.exr', 'panel.0002.exr'])),
      ...(await outcome.sameNames('panel.0002.exr', outcome.still('lost'))),
      ...(await outcome.samePixels('panel.0002.exr', outcome.still('lost'))),
      ...outcome.troubles(),
    ],
  },
  {
    name: 'again',
    sample: true,
    judge: async (outcome) => [...(await outcome.mattes(['lost.0001.exr'])), ...outcome.troubles()],
  },
  {
    name: 'missing',
    sample: true,
    missing: true,
    judge: async (outcome) => [
      ...(await outcome.untouched(['lost.0001.exr'])),
      ...(outcome.results.some(({ text }) => text.startsWith('exrpipe was not found')) ? [] : ['nobody was told']),
    ],
  },
  {
    name: 'paths',
    sample: true,
    judge: async ({ printed }) => {
      const lines = printed.filter((line) => line.startsWith('path\t'));
      const wrong = lines.filter((line) => !line.startsWith('path\tright'));
      return lines.length < 40 ? [...wrong, `only ${lines.length} paths were tried`] : wrong;
    },
  },
  {
    name: 'scenes',
    judge: async (outcome) => [
      ...(await outcome.mattes(['lost.0001.exr'])),
      ...((await outcome.names('lost.0001.exr')).includes('Extra.CryptoObject\tonly over there')
        ? []
        : ['no names of the other scene']),
      ...outcome.troubles(),
    ],
  },
  {
    name: 'kept',
    judge: async (outcome) => [
      ...(await outcome.untouched(['lost.0001.exr'])),
      ...(await outcome.mattes(['lost.0002.exr'])),
      ...outcome.troubles(),
    ],
  },
  { name: 'disk', judge: async (outcome) => [...(await outcome.mattes(['lost.0001.exr'])), ...outcome.troubles()] },
  {
    name: 'eevee',
    judge: async (outcome) => [
      ...(await outcome.mattes(['lost.0001.exr'])),
      ...(await outcome.sameNames('panel.0001.exr', 'lost.0001.exr')),
      ...outcome.troubles(),
    ],
  },
  {
    name: 'interrupted',
    program: true,
    judge: async (outcome) => [
      ...(await outcome.mattes(['lost.0001.exr'])),
      ...(await outcome.absent(['lost.0003.exr', 'lost.0004.exr', 'lost.0005.exr'])),
      ...outcome.troubles(),
    ],
  },
];
