/** What 100,000 names in every header cost: over a shot, and in one file beside the same file with the names in view. */
import { join } from 'node:path';
import { type Benchmark, withTool } from './harness/benchmark.js';
import type { Contender } from './harness/contest.js';
import { type Crowd, usualCrowd, writeCrowd } from './harness/crowd.js';
import { type Command, measure, quoted, shell } from './harness/measure.js';

/** What the issue allows: seconds more than without the names. */
const allowed = { edit: 0.05, info: 0.5, validate: 0.5 };

export const manifests: Benchmark = async function* ({ frames, tools, rounds, shotFrames }) {
  const { small } = frames;
  const crowd: Crowd = { ...usualCrowd, names: small ? 1000 : usualCrowd.names };
  const last = shotFrames ?? (small ? 10 : 1000);
  const { exrpipe } = tools;
  const folder = await frames.folder('crowd');
  const [first = ''] = await writeCrowd(
    crowd,
    Array.from({ length: last }, (_, frame) => frame + 1),
    folder,
  );
  const shot = join(folder, 'crowd.####.exr');
  const over = (...words: readonly string[]): Contender => ({
    name: words.slice(0, 3).join(' '),
    command: (out) => [...exrpipe, ...words, shot, '--quiet', '-o', `${out}/`],
  });
  yield {
    title: `${last} frames of ${crowd.names} names, ${crowd.inView} in view`,
    inputs: [],
    rounds: rounds(1),
    samePixels: false,
    contenders: [
      over('manifest', '--shot'),
      over('manifest', '--shot', '--sidecar-out', 'names.{layer}.json'),
      over('manifest', '--prune'),
      { name: 'cp', command: (out) => shell(`cp ${quoted([folder])}/*.exr ${quoted([out])}`), copies: true },
    ],
  };

  // oiiotool 2.4 takes more than a minute of processor time for a header of 100,000 names: its time grows with their square.
  const fewer = crowd.names / 10;
  const [read = ''] = await writeCrowd({ ...crowd, names: fewer }, [1], await frames.folder(`crowd-${fewer}`));
  yield {
    title: `what is in a header of ${fewer} names`,
    inputs: [read],
    rounds: rounds(3),
    samePixels: false,
    contenders: [
      { name: 'exrpipe info --json', command: () => [...exrpipe, 'info', '--json', read] },
      withTool(tools.oiiotool, (oiiotool) => ({
        name: 'oiiotool --info -v',
        command: () => [oiiotool, '--info', '-v', read],
      })),
      withTool(tools.exrheader, (exrheader) => ({ name: 'exrheader', command: () => [exrheader, read] })),
    ],
  };

  const pruned = join(await frames.folder('pruned'), 'crowd.0001.exr');
  await measure([...exrpipe, 'manifest', '--prune', first, '-o', pruned], undefined, '');
  const both = (name: string, command: (input: string) => (out: string) => Command): Contender[] => [
    { name, command: command(first) },
    { name: `${name}, pruned`, command: command(pruned) },
  ];
  const tasks = {
    edit: both('set-attribute', (input) => (out) => [
      ...exrpipe,
      'set-attribute',
      'owner=me',
      input,
      '-o',
      join(out, 'out.exr'),
    ]),
    info: both('info', (input) => () => [...exrpipe, 'info', input]),
    validate: both('validate', (input) => () => [...exrpipe, 'validate', input]),
  };
  yield {
    title: `one frame of ${crowd.names} names`,
    inputs: [first, pruned],
    rounds: rounds(9),
    samePixels: false,
    contenders: Object.values(tasks).flat(),
    aims: (['edit', 'info', 'validate'] as const).flatMap((task) => {
      const [own, other] = tasks[task].map(({ name }) => name);
      if (own === undefined || other === undefined) return [];
      return (['wall', 'cpu'] as const).map((what) => ({ of: own, what, more: allowed[task], than: other }));
    }),
  };

  const sizes = [crowd.names / 4, crowd.names];
  const files = await Promise.all(
    sizes.map(async (names) => {
      const write = async (kind: string) => {
        const into = await frames.folder(`crowd-${names}-${kind}`);
        const [path = ''] = await writeCrowd({ ...crowd, names, sets: [kind] }, [1], into);
        return path;
      };
      return { names, object: await write('CryptoObject'), asset: await write('CryptoAsset') };
    }),
  );
  const growing = {
    'matte --name': ['matte', '--name', '*Shape', '--layer', 'CryptoObject'],
    repair: ['repair'],
    merge: ['merge', '--on-clash', 'first'],
  };
  for (const [task, words] of Object.entries(growing)) {
    const contenders = files.map(({ names, object, asset }): Contender => {
      const inputs = task === 'merge' ? [object, asset] : [object];
      return {
        name: `${task}, ${names} names`,
        command: (out) => [...exrpipe, ...words, ...inputs, '-o', join(out, 'out.exr')],
      };
    });
    yield {
      title: `${task}: four times the names`,
      inputs: files.flatMap(({ object, asset }) => [object, asset]),
      rounds: rounds(5),
      samePixels: false,
      contenders,
      // Linear with a fixed cost is less than four times.
      aims: [{ of: contenders[1]?.name ?? '', what: 'cpu', atMost: 4, times: contenders[0]?.name ?? '' }],
    };
  }
};
