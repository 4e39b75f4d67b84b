/** What is rendered with the extension switched on (integrations/blender/check/render.py), and what is right. */
import { readFile } from 'node:fs/promises';
import type { Outcome } from './outcome.js';

export interface Case {
  readonly name: string;
  /** Part of the sample that CI tries: in each Blender, in the newest module, or in the program. */
  readonly sample?: 'each' | 'newest' | 'program';
  /** Only Blenders that have extensions can do it. */
  readonly extension?: true;
  /** It needs OpenGL, which is had without a graphics card, and a program needs a screen for it. */
  readonly draws?: true;
  /** exrpipe is not to be found. */
  readonly missing?: true;
  /** What is wrong, a line each. Throws for what cannot even be looked at. */
  readonly judge: (outcome: Outcome) => Promise<readonly string[]>;
}

const shown = ['Chars', 'BG', 'FX elements'];

export const cases: readonly Case[] = [
  {
    name: 'animation',
    sample: 'newest',
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
    sample: 'each',
    judge: async (outcome) => [
      ...(await outcome.mattes([outcome.still('lost'), 'panel.0001.exr', 'panel.0002.exr'])),
      ...(await outcome.sameNames('panel.0002.exr', outcome.still('lost'))),
      ...(await outcome.samePixels('panel.0002.exr', outcome.still('lost'))),
      ...outcome.troubles(),
    ],
  },
  {
    name: 'again',
    sample: 'newest',
    judge: async (outcome) => {
      const names = await outcome.names('lost.0001.exr');
      const lines = ['plain', 'plain 2', 'plain 3'].map((name) => `Chars.CryptoObject\t${name}`);
      return [
        ...(await outcome.mattes(['lost.0001.exr'])),
        ...(lines.map((line) => names.some((one) => one.startsWith(`${line}\t`))).join() === 'false,false,true'
          ? []
          : ['the names are not those of the last render']),
        ...(/^names for 9 /.test(outcome.results.at(-1)?.text ?? '') ? [] : ['the last job did not name all']),
      ];
    },
  },
  {
    name: 'missing',
    sample: 'newest',
    missing: true,
    judge: async (outcome) => [
      ...(await outcome.untouched(['lost.0001.exr'])),
      ...(outcome.results.some(({ text }) => text.startsWith('exrpipe was not found')) ? [] : ['nobody was told']),
    ],
  },
  {
    name: 'paths',
    sample: 'each',
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
      ...((await outcome.names('lost.0001.exr')).some((line) => line.startsWith('Extra.CryptoObject\tonly over there'))
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
  { name: 'eevee', draws: true, judge: eevee },
  // Without a graphics card the shaders of the new EEVEE (4.2 and later) take minutes to compile, those of the old one seconds.
  { name: 'eevee_small', sample: 'program', draws: true, judge: eevee },
  {
    name: 'processes',
    sample: 'newest',
    judge: async (outcome) => [
      ...(await outcome.mattes(Array.from({ length: 10 }, (_, at) => `lost.${String(at + 1).padStart(4, '0')}.exr`))),
      ...outcome.troubles(),
    ],
  },
  { name: 'interrupted', sample: 'each', judge: stopped },
  { name: 'killed', judge: stopped },
  {
    name: 'panel',
    sample: 'each',
    judge: async (outcome) => {
      const readme = await readFile(new URL('../../../integrations/blender/README.md', import.meta.url), 'utf8');
      const described = [...readme.matchAll(/^\| (?!setting)([A-Z][^|]*?) \|/gm)].map(([, name]) => `prop\t${name}`);
      const [first, then] = [outcome.lines('panel'), outcome.lines('then')];
      const shown = first.filter((line) => line.startsWith('prop\t') && line !== 'prop\t');
      return [
        ...(shown.join() === described.join() ? [] : [`the panel has ${shown}, and its README ${described}`]),
        ...(first.includes('label\tNothing to do') ? [] : ['the panel does not show that nothing is to be done']),
        ...['exrpipe was not found: frames stay as they are', 'beauty.0001.exr: WARNING and more']
          .filter((text) => !then.includes(`label\t${text}`))
          .map((text) => `the panel does not show "${text}"`),
      ];
    },
  },
  {
    name: 'repository',
    sample: 'newest',
    extension: true,
    judge: async (outcome) => (outcome.lines('repository').join() === 'True' ? [] : ['it was not installed']),
  },
  {
    // Nothing is expected: the machine is not known. integrations/blender/README.md has what was measured.
    name: 'speed',
    judge: async (outcome) => {
      for (const line of outcome.lines('names')) console.log(`\t${line}`);
      return outcome.lines('names').length > 0 ? [] : ['nothing was measured'];
    },
  },
];

async function eevee(outcome: Outcome): Promise<readonly string[]> {
  return [
    ...(await outcome.mattes(['lost.0001.exr'])),
    ...(await outcome.sameNames('panel.0001.exr', 'lost.0001.exr')),
    ...(await outcome.samePixels('panel.0001.exr', 'lost.0001.exr')),
    ...outcome.troubles(),
  ];
}

/**
 * After an animation that was ended early: what was rendered before is complete, and the others are whole, with names or as they
 * were rendered. Nothing else is left.
 */
async function stopped(outcome: Outcome): Promise<readonly string[]> {
  const files = await outcome.written();
  const complete: string[] = [];
  for (const file of files)
    try {
      if ((await outcome.names(file)).length > 0) complete.push(file);
    } catch (error) {
      // Blender may be ended in the middle of the last one.
      if (file !== files.at(-1)) throw error;
    }
  const [signal] = outcome.lines('ended by');
  // In the module Python takes the signal of Ctrl-C, and Blender renders on.
  const goesOn = outcome.isModule && signal?.startsWith('SIGINT');
  return [
    ...(complete[0] === 'lost.0001.exr' ? [] : ['the first frame has no names']),
    ...(goesOn === (files.length === 10) ? [] : [`${signal}: ${files.length} frames were rendered`]),
    ...(!goesOn || complete.length === files.length ? [] : ['not all frames have names']),
    ...(await outcome.mattes(complete)),
    ...(await outcome.leftovers()),
    ...outcome.troubles(),
  ];
}
