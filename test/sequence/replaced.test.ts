/** Files that a result takes the place of: what they leave to it, and what happens when they have changed. */
import { unlinkSync } from 'node:fs';
import {
  chmod,
  chown,
  copyFile,
  link,
  lstat,
  mkdir,
  readFile,
  rename,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { rename as renameChannels } from '../../filters/index.js';
import { type Notice, runFrame } from '../../lib/index.js';
import { readWholeHeader } from '../../lib/node/whole.js';
import { runSequence } from '../../lib/sequence/index.js';
import { temporaryFolder } from '../support.js';
import { beforeWriting, makeFrames, mishap, mishapAlways, outcome, range, smallFrame, strays } from './support.js';

t.test('what another program wrote meanwhile is not overwritten', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (frame: number) => join(folder, `in/shot.000${frame}.exr`);
  const other = await readFile(smallFrame);
  /** As a renderer does: whole, under another name, then renamed. */
  const render = async (path: string) => {
    await writeFile(`${path}.new`, other);
    await rename(`${path}.new`, path);
  };
  const later = await beforeWriting(t);
  await makeFrames(join(folder, 'in'), range(1, 5));
  const old = await stat(at(1));
  const steps = [
    renameChannels({ addPrefix: 'x.' }),
    mishap('0002', render),
    mishap('0003', (path) => later(() => render(path))),
    mishap('0004', (path) => writeFile(path, other)),
    // It is gone: nothing is lost when the result takes its place.
    mishap('0005', (path) => later(() => unlinkSync(path))),
  ];
  const summary = await runSequence({ inputs: [join(folder, 'in')], steps, inPlace: true, jobs: 1 });
  t.same(outcome(summary), {
    done: '1,5',
    failed: ['2 OUTPUT_CHANGED', '3 OUTPUT_CHANGED', '4 OUTPUT_CHANGED'],
  });
  t.match(summary.failed[0]?.error, { kind: 'io', where: { file: at(2), frame: 2 } });
  for (const frame of [2, 3, 4]) t.same(await readFile(at(frame)), other, `frame ${frame} is the other program's`);
  t.notSame((await stat(at(1))).ino, old.ino);
  t.same(await strays(join(folder, 'in')), []);

  const one = join(folder, 'one.exr');
  await copyFile(smallFrame, one);
  await t.rejects(
    runFrame([one], [mishapAlways(() => render(one)), renameChannels({ addPrefix: 'x.' })], one),
    { code: 'OUTPUT_CHANGED' },
    'an output that is the input',
  );
  const before = join(folder, 'before.exr');
  await copyFile(smallFrame, before);
  await t.rejects(
    runFrame([one], [mishapAlways(() => later(() => render(before)))], before),
    { code: 'OUTPUT_CHANGED' },
    'an older file that is replaced',
  );
  t.same(await readFile(before), other);
});

t.test('what is replaced keeps its mode, owner, and links', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  for (const name of ['shared.exr', 'a.exr']) await copyFile(smallFrame, at(name));
  // Wider than what the process's mask lets through.
  await chmod(at('shared.exr'), 0o666);
  const root = process.getuid?.() === 0;
  if (root) await chown(at('shared.exr'), 1234, 4321);
  const notices: Notice[] = [];
  const onNotice = (notice: Notice) => void notices.push(notice);
  const steps = [renameChannels({ addPrefix: 'x.' })];
  await runFrame([at('shared.exr')], steps, at('shared.exr'), { onNotice });
  const { mode, uid, gid } = await stat(at('shared.exr'));
  t.equal(mode & 0o777, 0o666);
  if (root) t.same([uid, gid], [1234, 4321]);
  t.same(notices, []);

  await link(at('a.exr'), at('b.exr'));
  const content = await readFile(at('b.exr'));
  await runFrame([at('a.exr')], steps, at('a.exr'), { onNotice });
  t.match(notices, [{ level: 'note', code: 'HARD_LINKS', message: /2 names/ }]);
  t.same(await readFile(at('b.exr')), content, 'the other name keeps the old file');
  t.notSame(await readFile(at('a.exr')), content);

  await mkdir(at('store'));
  await symlink('store/new.exr', at('link.exr'));
  await runFrame([smallFrame], steps, at('link.exr'));
  t.ok((await lstat(at('link.exr'))).isSymbolicLink(), 'a link whose file is not there yet stays one');
  t.ok(await readWholeHeader(at('store/new.exr')));
  await symlink('circle.exr', at('circle.exr'));
  await t.rejects(runFrame([smallFrame], steps, at('circle.exr')), { code: 'ELOOP' });
});
