/** Which images a contact sheet has. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { type Cell, frameCells, layerCells } from '../../bin/commands/look/cells.js';
import { looksOf } from '../../lib/look.js';
import { fixtureHeader, layer, makeHeader, makePart } from '../cryptomatte/fixtures.js';
import { temporaryFolder } from '../support.js';

const labels = (cells: readonly Cell[]) =>
  cells.map(({ label, input }) => (input === undefined ? `${label} missing` : label));
const choose: Cell['choose'] = () => {
  throw new RangeError('no look is asked for');
};

t.test('frames in their order, those that are missing together in one image', async (t) => {
  const folder = await temporaryFolder(t);
  for (const frame of [2, 3, 5, 9]) await writeFile(join(folder, `a.000${frame}.exr`), '');
  const of = async (range: string | undefined, input = 'a.####.exr') =>
    labels(await frameCells([join(folder, input)], range, choose));
  t.strictSame(await of(undefined), ['2', '3', '4 missing', '5', '6-8 missing', '9']);
  t.strictSame(await of(undefined, ''), await of(undefined), 'a folder has holes as well');
  t.strictSame(await of('1-10'), ['1 missing', '2', '3', '4 missing', '5', '6-8 missing', '9', '10 missing']);
  t.strictSame(await of('1-9x4'), ['1 missing', '5', '9']);
  await writeFile(join(folder, 'b.0007.exr'), '');
  t.strictSame(await of(undefined, ''), ['2', '3', '4 missing', '5', '6-8 missing', '7', '9'], 'each shot by itself');
});

t.test('frames of stereo shots have their views with them', async (t) => {
  const folder = await temporaryFolder(t);
  for (const view of ['left', 'right']) await mkdir(join(folder, view));
  for (const name of ['left/a.1.exr', 'left/a.2.exr', 'left/a.3.exr', 'right/a.1.exr', 'right/a.3.exr'])
    await writeFile(join(folder, name), '');
  const cells = await frameCells([join(folder, '%V/a.####.exr')], undefined, choose);
  t.strictSame(labels(cells), ['1 left', '1 right', '2 left', '2 right missing', '3 left', '3 right']);
});

t.test('layers by their names, the one without a name by its channels', (t) => {
  const header = makeHeader(makePart([...[...'RGBA'].map((name) => ({ name })), ...layer('a', 'RGB')]));
  const cells = layerCells(header, 'x.exr', undefined);
  t.strictSame(labels(cells), ['RGBA', 'a']);
  t.strictSame(
    cells.map(({ choose: own }) => own(header)),
    looksOf(header),
  );
  t.strictSame(labels(layerCells(makeHeader(makePart([{ name: 'Y' }])), 'x.exr', undefined)), ['Y']);
  const deep = makeHeader(makePart([{ name: 'R' }], {}, { type: 'deepscanline' }));
  t.throws(() => layerCells(deep, 'x.exr', undefined), { code: 'NOTHING_TO_SHOW', where: { file: 'x.exr' } });
  t.end();
});

t.test('one view of a stereo file', (t) => {
  const header = fixtureHeader('blender/headers/panel_stereo.header');
  const cells = layerCells(header, 'x.exr', 'right');
  t.ok(cells.length > 10);
  for (const { label, choose: own } of cells)
    t.strictSame(
      own(header).views.map(({ view }) => view),
      ['right'],
      label,
    );
  t.throws(() => layerCells(header, 'x.exr', 'up'), { code: 'BAD_USAGE' });
  t.end();
});
