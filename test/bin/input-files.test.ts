/** Which files an input of `info` or `validate` stands for, and which frames are missing. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { findFiles, framesMissing, holesIn } from '../../bin/commands/input-files.js';
import { temporaryFolder } from '../support.js';

t.test('frames of patterns, folders, views and files', async (t) => {
  const folder = await temporaryFolder(t);
  for (const view of ['left', 'right']) await mkdir(join(folder, view));
  const names = [
    'left/a.1.exr',
    'left/a.2.exr',
    'left/a.4.exr',
    'right/a.1.exr',
    'right/a.4.exr',
    'b.0009.exr',
    'c.exr',
  ];
  for (const name of names) await writeFile(join(folder, name), '');
  const find = async (range: string | undefined, ...inputs: string[]) => {
    const found = await findFiles(
      inputs.map((input) => join(folder, input)),
      range,
    );
    return found.map(({ files, gaps }) => ({
      files: files.map(({ path }) => path.slice(folder.length + 1)),
      gaps: gaps.map(({ view, frames }) => (view === undefined ? frames : `${view} ${frames}`)),
    }));
  };
  t.same(await find(undefined, 'left/a.####.exr'), [{ files: names.slice(0, 3), gaps: ['3'] }]);
  t.same(await find('1-2', 'left/a.####.exr'), [{ files: names.slice(0, 2), gaps: [] }]);
  t.same(await find('1-2', '%V/a.####.exr'), [
    { files: ['left/a.1.exr', 'right/a.1.exr', 'left/a.2.exr'], gaps: ['right 2'] },
  ]);
  t.same(await find('7-8', 'left/a.####.exr'), [{ files: [], gaps: ['7-8'] }], 'a pattern is asked for all of them');
  t.same(await find('4', '.', 'left'), [
    { files: [], gaps: [] },
    { files: ['left/a.4.exr'], gaps: [] },
  ]);
  t.same(
    await find('1-4', 'left/a.1.exr', 'c.exr', 'left/a.4.exr', 'right/a.1.exr'),
    [
      { files: ['left/a.1.exr', 'left/a.4.exr'], gaps: ['2-3'] },
      { files: [], gaps: [] },
      { files: [], gaps: [] },
      { files: ['right/a.1.exr'], gaps: ['2-4'] },
    ],
    'files named one by one are sequences, each in its folder',
  );
  await t.rejects(find('1-4', 'b.0009.exr', 'c.exr'), { kind: 'usage', code: 'NO_FRAMES' });
  await t.rejects(findFiles(['-'], '1'), { code: 'BAD_USAGE' });
  await t.rejects(findFiles(['-'], 'x'), { code: 'BAD_FRAME_RANGE' });
  const [missing] = await findFiles([join(folder, 'd.####.exr')], '1');
  t.match(missing?.error, { code: 'NO_FILES' }, 'one input does not keep the others from being looked at');
});

t.test('holes', async (t) => {
  t.equal(holesIn(new Set([5, 1, 2, 9])), '3-4,6-8');
  t.equal(holesIn(new Set([-1, 99_999_999])), '0-99999998', 'however wide');
  t.equal(holesIn(new Set()), '');
  t.match(framesMissing({ input: 'a.####.exr', view: 'left', frames: '3' }), {
    kind: 'usage',
    message: 'requested frames of the view left are missing: 3',
    where: { file: 'a.####.exr' },
  });
});
