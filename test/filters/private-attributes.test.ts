/** What leaves the house: `drop-attribute --matching` and `--preset delivery`, and attributes with other names. */

import t from 'tap';
import { dropAttribute } from '../../filters/drop-attribute.js';
import { renameAttribute } from '../../filters/rename-attribute.js';
import { formatAttribute, makeStringAttribute } from '../../lib/format/index.js';
import type { Header } from '../../lib/index.js';
import { fixtureHeader, makeHeader, makePart, setStrings } from '../cryptomatte/fixtures.js';
import { failure, run, thrown } from './support.js';

const strings = {
  File: 'untitled.blend',
  FILE_NAME: 'x',
  Hostname: 'render07',
  'arnold/host/name': 'a',
  'nuke/input/filename': 'plate.exr',
  userName: 'ada',
  path: '/mnt/jobs/secret/plate.exr',
  windows: 'C:\\jobs\\plate.exr',
  share: 'from \\\\server\\jobs\\plate.exr',
  address: 'file:///home/x',
  home: 'saved in ~ada/x.nk',
  mail: 'by ada@example.org',
  comments: 'and/or 1/2 at 10:30, ratio 16:9',
  Scene: 'city/main',
  owner: 'Studio North',
  capDate: '2026:11:27 10:00:00',
  ...setStrings('1234567', 'Crypto', '{"/world/hero":"00000011","C:/x":"00000022"}'),
};
const kept = ['comments', 'Scene', 'owner', 'capDate', ...Object.keys(setStrings('1234567', 'Crypto', ''))];

function names(header: Header): string[] {
  return header.parts[0]?.attributes.names() ?? [];
}

t.test('--preset delivery takes paths, hosts and users, and lists what it took', async (t) => {
  const header = makeHeader(makePart([{ name: 'R' }], strings));
  const { header: clean, notices } = await run(dropAttribute({ preset: 'delivery' }), header);
  t.same(names(clean), kept);
  t.equal(notices.length, 1);
  t.match(notices, [{ level: 'note', code: 'REMOVED' }]);
  for (const name of Object.keys(strings))
    if (!kept.includes(name)) t.ok(notices[0]?.message.includes(`"${name}"`), name);
  const again = await run(dropAttribute({ preset: 'delivery' }), clean);
  t.same(again.codes, ['NOTHING_TO_DO']);
  const some = await run(dropAttribute({ preset: 'delivery', keep: ['File'] }), header);
  t.ok(names(some.header).includes('File'));
});

t.test('--preset delivery leaves a real frame sound', async (t) => {
  const { header } = await run(dropAttribute({ preset: 'delivery' }), fixtureHeader('blender/b2_main_dot.0001.exr'));
  t.notOk(names(header).includes('File'));
  t.ok(names(header).includes('channels'));
  t.ok(names(header).some((name) => name.startsWith('cryptomatte/')));
});

t.test('--matching goes by the values of texts and lists of texts', async (t) => {
  const part = makePart([{ name: 'R' }], strings);
  const value = formatAttribute('stringvector', ['a', '/mnt/jobs/b']);
  const header = makeHeader({ ...part, attributes: part.attributes.with('list', { type: 'stringvector', value }) });
  const { header: clean, notices } = await run(dropAttribute({ matching: ['/mnt/jobs/*', '*secret*'] }), header);
  t.same(
    names(header).filter((name) => !names(clean).includes(name)),
    ['path', 'list'],
  );
  t.match(notices, [{ code: 'REMOVED', message: 'removed "path", "list"' }]);
  t.same((await run(dropAttribute({ matching: ['nobody'] }), header)).codes, ['NO_MATCH']);
  const both = await run(dropAttribute({ attributes: ['owner'], matching: ['/mnt/*'] }), header);
  t.notOk(names(both.header).includes('owner'));
  t.notOk(names(both.header).includes('path'));
  t.equal(thrown(() => dropAttribute({})).code, 'NOTHING_ASKED');
});

t.test('rename-attribute keeps value, type and place', async (t) => {
  const header = makeHeader(makePart([{ name: 'R' }], { Camera: 'Cam', b: 'x', c: 'y' }));
  const { header: renamed } = await run(renameAttribute({ attributes: ['Camera=cameraLabel', 'b=c', 'c=b'] }), header);
  t.same(
    [...(renamed.parts[0]?.attributes ?? [])],
    [
      ['cameraLabel', makeStringAttribute('Cam')],
      ['c', makeStringAttribute('x')],
      ['b', makeStringAttribute('y')],
    ],
  );
  const { codes } = await run(renameAttribute({ attributes: ['Camra=x'] }), header);
  t.same(codes, ['NO_MATCH']);
});

t.test('rename-attribute refuses what would break a file', async (t) => {
  const header = makeHeader(makePart([{ name: 'R' }], { a: 'x', b: 'y' }));
  t.equal((await failure(renameAttribute({ attributes: ['a=b'] }), header)).code, 'ATTRIBUTE_EXISTS');
  t.equal((await failure(renameAttribute({ attributes: ['a=timeCode'] }), header)).code, 'WRONG_ATTRIBUTE_TYPE');
  for (const [text, code] of [
    ['a=channels', 'STRUCTURAL_ATTRIBUTE'],
    ['dataWindow=a', 'STRUCTURAL_ATTRIBUTE'],
    ['cryptomatte/1234567/name=a', 'CRYPTOMATTE_ATTRIBUTE'],
    ['a', 'BAD_ASSIGNMENT'],
    ['a=', 'BAD_ASSIGNMENT'],
    [`a=${'x'.repeat(256)}`, 'BAD_ATTRIBUTE_NAME'],
  ] as const)
    t.equal(thrown(() => renameAttribute({ attributes: [text] })).code, code, text);
  t.equal(thrown(() => renameAttribute({ attributes: ['a=c', 'b=c'] })).code, 'BAD_ASSIGNMENT');
});
