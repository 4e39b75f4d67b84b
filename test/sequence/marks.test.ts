/** Marks of outputs: the same wherever the files lie, and others where the files are others. */
import { copyFile, mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import t from 'tap';
import { copyAttributes, injectManifest, merge, rename, setAttribute } from '../../filters/index.js';
import { type FilterStep, readExrHeader, runFrame } from '../../lib/index.js';
import { sha256 } from '../../lib/node/digest.js';
import { runSequence, type SequenceOptions } from '../../lib/sequence/index.js';
import { readMark } from '../../lib/sequence/mark.js';
import { fixturePath, temporaryFolder } from '../support.js';
import { filtersModule, makeFrames, outcome, readTree, smallFrame } from './support.js';

const lost = fixturePath('blender/b3_lost_sepcomb.0001.exr');
const panel = fixturePath('blender/panel_levels2.0001.exr');

/** Long before any output of a test, so that times say nothing. */
async function makeOld(...paths: readonly string[]): Promise<void> {
  for (const path of paths) await utimes(path, 1_000_000_000, 1_000_000_000);
}

async function digests(folder: string): Promise<Record<string, string>> {
  const files = Object.entries(await readTree(folder));
  return Object.fromEntries(files.map(([name, bytes]) => [name, sha256(bytes)]));
}

t.test('outputs are the same wherever donors lie, and none is forgotten', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (...names: string[]) => join(folder, ...names);
  await makeFrames(at('in'), [1, 2], undefined, lost);
  const mounts = ['here', 'there/deep'];
  for (const mount of mounts) {
    await mkdir(at(mount), { recursive: true });
    await copyFile(panel, at(mount, 'donor.exr'));
    for (const frame of [1, 2]) await copyFile(panel, at(mount, `each.000${frame}.exr`));
    await writeFile(at(mount, 'names.txt'), 'Cube\nHero\n');
    await writeFile(at(mount, 'own.yaml'), 'name: own\nlike: arnold\n');
    await makeOld(
      ...['donor.exr', 'each.0001.exr', 'each.0002.exr', 'names.txt', 'own.yaml'].map((one) => at(mount, one)),
    );
  }
  await symlink('here', at('link'));
  const noVerify = true;
  const steps = (mount: string, pattern = 'each.####.exr'): FilterStep[] => [
    injectManifest({ from: [join(mount, 'donor.exr')], donorLayer: 'Chars', noVerify }),
    injectManifest({ names: [join(mount, 'names.txt')], replace: true, noVerify }),
    copyAttributes({ from: join(mount, pattern), only: ['owner', 'cycles*', 'Date'] }),
    rename({ preset: join(mount, 'own.yaml'), fromPreset: 'blender' }),
  ];
  const run = (own: readonly FilterStep[], name: string, options: Partial<SequenceOptions> = {}) =>
    runSequence({ inputs: [at('in/shot.####.exr')], steps: own, output: `${at(name)}/`, jobs: 1, ...options });
  t.same(outcome(await run(steps(at('here')), 'one')), { done: '1-2' });
  const expected = await digests(at('one'));
  const spellings: Record<string, readonly FilterStep[]> = {
    'another folder': steps(at('there/deep')),
    'a relative path': steps(relative('.', at('here'))),
    'a step back': steps(`${at('there')}/../here`),
    'a link': steps(at('link')),
    'another pattern': steps(at('here'), 'each.%04d.exr'),
  };
  for (const [what, own] of Object.entries(spellings)) {
    t.same(outcome(await run(own, 'one', { skipExisting: true })), { existing: '1-2' }, what);
    t.same(outcome(await run(own, 'other')), { done: '1-2' });
    t.same(await digests(at('other')), expected, `${what}: byte for byte`);
  }
  t.same(
    outcome(await run(steps(at('there/deep')), 'one', { skipExisting: true, filters: filtersModule, jobs: 4 })),
    { existing: '1-2' },
    'on threads',
  );

  const again = (why: string, done: object) =>
    t.test(why, async (t) => {
      t.same(outcome(await run(steps(at('here')), 'one', { skipExisting: true })), done);
    });
  await runFrame([panel], [setAttribute({ attributes: ['owner=someone else'] })], at('here/each.0002.exr'));
  await makeOld(at('here/each.0002.exr'));
  await again('the donor of one frame has other attributes', { done: '2', existing: '1' });
  await writeFile(at('here/names.txt'), 'Cube\nHero\nTree\n');
  await makeOld(at('here/names.txt'));
  await again('a list of names has another size', { done: '1-2' });
  await again('all is as it was', { existing: '1-2' });
});

t.test('a donor with the name of another is another', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  await makeFrames(at('in'), [1]);
  for (const name of ['a.exr', 'b.exr']) await copyFile(panel, at(name));
  await makeOld(at('a.exr'), at('b.exr'));
  const run = async (from: string) => {
    const steps = [copyAttributes({ from: at(from), only: ['owner'] }), setAttribute({ attributes: ['x=y'] })];
    return outcome(await runSequence({ inputs: [at('in/')], steps, output: `${at('out')}/`, skipExisting: true }));
  };
  await runFrame([panel], [setAttribute({ attributes: ['owner=me'] })], at('a.exr'));
  await copyFile(at('a.exr'), at('b.exr'));
  await makeOld(at('a.exr'), at('b.exr'));
  t.same(await run('a.exr'), { done: '1' });
  t.same(await run('b.exr'), { done: '1' });
  t.same(await run('b.exr'), { existing: '1' });
});

t.test('where a join has donors of its own for each input, all of them count', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  for (const name of ['a', 'b']) {
    await makeFrames(at(name), [7], (frame) => `${name}.000${frame}.exr`);
    await runFrame([smallFrame], [setAttribute({ attributes: [`owner=${name}`] })], at(`donor.${name}.0007.exr`));
  }
  await copyFile(at('donor.a.0007.exr'), at('donor.0007.exr'));
  await makeOld(at('donor.0007.exr'));
  const steps = [
    copyAttributes({ from: at('donor.####.exr'), only: ['owner'] }),
    rename({ addPrefix: 'x.' }),
    merge({ name: '{stem}' }),
  ];
  const options = { inputs: [at('a/a.####.exr'), at('b/b.####.exr')], steps, output: `${at('out')}/####.exr` };
  t.same(outcome(await runSequence(options)), { done: '7' });
  t.same(outcome(await runSequence({ ...options, skipExisting: true })), { existing: '7' });
});

t.test('in place the contents of donors do not count: the chain must not run on its own result', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  await makeFrames(at('in'), [1, 2]);
  await copyFile(panel, at('donor.exr'));
  const run = (donor: string, frames?: string) =>
    runSequence({
      inputs: [at('in/')],
      frames,
      steps: [copyAttributes({ from: donor, only: ['*'] }), rename({ addPrefix: 'x.' })],
      inPlace: true,
      skipExisting: true,
    });
  t.same(outcome(await run(at('donor.exr'), '1')), { done: '1' });
  const first = readMark(await readExrHeader(at('in/shot.0001.exr')));
  await rm(at('donor.exr'));
  await mkdir(at('new'));
  await runFrame([panel], [setAttribute({ attributes: ['owner=me'] })], at('new/donor.exr'));
  t.same(outcome(await run(at('new/donor.exr'))), { done: '2', existing: '1' });
  t.equal(readMark(await readExrHeader(at('in/shot.0001.exr'))), first);
  const names = (await readExrHeader(at('in/shot.0001.exr'))).parts[0]?.channels.map(({ name }) => name) ?? [];
  t.notOk(names.some((name) => name.startsWith('x.x.')));
});
