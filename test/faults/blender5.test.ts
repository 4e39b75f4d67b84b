/** What users of Blender 5 ran into: every case was wrong once. What Blender sees is told by its own rules (`seenBy`). */
import t from 'tap';
import {
  compress,
  convert,
  copyAttributes,
  drop,
  matte,
  merge,
  pick,
  rename,
  repair,
  split,
} from '../../filters/index.js';
import { groupBy, makeStringAttribute, stringAttribute } from '../../lib/format/index.js';
import { Attributes, type Header, type Part } from '../../lib/index.js';
import { guardedChannels, headerSets, isSetAttribute, placesOf } from '../../lib/layers/index.js';
import { fixtureHeader } from '../cryptomatte/fixtures.js';
import { run } from '../filters/support.js';
import { oneFile, result, working } from './support.js';

const seen = (name: string): Header => fixtureHeader(`seen-by/${name}.header`);
const direct = seen('b1_direct_origname');
/** As Blender 5 writes what its predecessors wrote in one part. */
const panel = inParts(fixtureHeader('blender/headers/panel_f32_zip.header'));
const stereo = inParts(fixtureHeader('blender/headers/panel_stereo.header'));

/** A part for each pass and view, which bears their names; all metadata in the first one. */
function inParts(header: Header): Header {
  const [part] = header.parts as [Part];
  const groups = groupBy(placesOf(header).values(), ({ layer, view }) => (view === '' ? layer : `${layer}-${view}`));
  const parts = [...groups].map(([name, places], number): Part => {
    const channels = places.map(({ layer, component, channel }, index) => ({
      ...channel,
      name: `${layer}.${component}`,
      plane: { part: number, index },
    }));
    const own = part.attributes.filter((one) => one !== 'multiView' && (number === 0 || !isSetAttribute(one)));
    const view = places[0]?.view ?? '';
    return {
      ...part,
      name,
      channels,
      attributes: view === '' ? own : own.with('view', makeStringAttribute(view)),
    };
  });
  return { ...header, parts, multiPart: true };
}

function withoutMetadata(header: Header): Header {
  return {
    ...header,
    parts: header.parts.map((part) => ({
      ...part,
      attributes: part.attributes.filter((name) => !isSetAttribute(name)),
    })),
  };
}

function halfIds(before: Header, after: Header): string[] {
  const ids = new Set(
    [...placesOf(before).values()].filter(({ layer }) => /crypto|ids/i.test(layer)).map(({ channel }) => channel.name),
  );
  return after.parts.flatMap(({ channels }) =>
    channels.filter(({ name, type }) => ids.has(name) && type !== 'float').map(({ name }) => name),
  );
}

t.test('ranks in a part each stay float and whole, with metadata or without', async (t) => {
  for (const header of [
    direct,
    withoutMetadata(direct),
    ...['b2_rank123', 'b2_norank_names', 'b2_longname', 'x_lowercase'].map(seen),
  ]) {
    t.same(halfIds(header, await oneFile(header, convert({ to: 'half' }))), []);
    await t.rejects(run(compress({ to: 'pxr24' }), header), { code: 'CRYPTOMATTE_LOSSY' });
    for (const { name, channels } of header.parts)
      if (name !== undefined && channels.some((one) => guardedChannels(header).has(one)))
        await t.rejects(
          run(compress({ to: 'pxr24', part: [name.replace(/[[\]*?]/g, '?')] }), header),
          { code: 'CRYPTOMATTE_LOSSY' },
          name,
        );
  }
});

t.test('repair leaves a file that works in Blender working', async (t) => {
  for (const name of [
    'b1_direct_origname',
    'b2_rank123',
    'b2_two_dots',
    'b2_nonascii',
    'x_lowercase',
    'x_ranks_backwards',
  ]) {
    const header = seen(name);
    t.equal(working(await oneFile(header, repair({}))), working(header), name);
  }
});

t.test('what is picked, dropped, split and merged in a file of many parts works in Blender', async (t) => {
  t.equal(working(panel), '9 of 9');
  t.equal(working(await oneFile(panel, drop({ layer: ['*.Combined'] }))), '9 of 9');
  t.equal(working(await oneFile(panel, drop({ layer: ['Chars'] }))), '6 of 6');
  t.equal(working(await oneFile(panel, pick({ layer: ['BG.Crypto*'] }))), '3 of 3');
  t.equal(working(await oneFile(panel, pick({ part: ['BG.Crypto*'] }))), '3 of 3');
  t.equal(working(await oneFile(panel, split({ by: 'view-layer' }))), '9 of 9');
  t.equal(working(await oneFile(panel, merge({}))), '9 of 9');
  t.equal(working(await oneFile(panel, merge({ as: 'parts' }))), '9 of 9');
});

t.test('split with and without --strip-prefix gives files that work in Blender', async (t) => {
  for (const stripPrefix of [true, false])
    for (const by of ['view-layer', 'layer', 'part'] as const) {
      const { files } = await result(panel, [split({ by, stripPrefix })], 'out/{layer}.exr');
      const [works, all] = files.reduce(
        ([a, b], file) => {
          const [own, known] = working(file).split(' of ').map(Number) as [number, number];
          return [a + own, b + known] as [number, number];
        },
        [0, 0] as [number, number],
      );
      t.equal(works, all, `${by} ${stripPrefix}: all that the files know`);
      t.ok(all >= 9, `${all} Cryptomattes`);
      if (by === 'view-layer') t.equal(files.length, 3);
    }
});

t.test('a renamed Cryptomatte takes the names of its parts along', async (t) => {
  const renamed = await oneFile(direct, rename({ map: ['CryptoObject=ids'] }));
  t.equal(working(renamed), working(direct));
  t.ok(renamed.parts.some(({ name }) => name === 'ids00'));
});

t.test('matte goes into a part of its own and kills no Cryptomatte', async (t) => {
  const manifested = headerSets(panel).find(({ manifest }) => (manifest?.length ?? 0) > 2);
  const after = await oneFile(panel, matte({ name: ['*'], layer: manifested?.name ?? '' }));
  t.equal(working(after), '9 of 9');
  t.same(
    after.parts.find(({ name }) => name === 'matte')?.channels.map(({ name }) => name),
    ['matte'],
  );
});

t.test('stereo: each view gets its own matte', async (t) => {
  const name = headerSets(stereo)[0]?.name ?? '';
  const after = await oneFile(stereo, matte({ name: ['*'], layer: name }));
  const mattes = [...placesOf(after).values()].filter(({ channel }) => channel.name.includes('matte'));
  t.same(mattes.map(({ view }) => view).sort(), ['left', 'right']);
});

t.test('stereo: views are split, picked and merged without false alarm', async (t) => {
  const { files, notices } = await result(stereo, [split({ by: 'view-layer' })]);
  t.notOk(notices.some(({ code }) => code === 'SET_SCATTERED'));
  t.same(
    files[0]?.parts
      .map(({ name }) => name?.split('.').at(-1))
      .sort()
      .slice(0, 1),
    ['left'],
  );
  const left = await oneFile(stereo, pick({ part: ['*-left'] }));
  t.ok(headerSets(left).length > 0);
  t.ok(headerSets(left).every(({ layers }) => layers.length > 0 && layers.every(({ view }) => view === 'left')));
  t.ok(seenAll(left), 'the left eye alone works in Blender');
  const merged = await oneFile(stereo, merge({ name: '{view}' }));
  t.ok(
    headerSets(merged).length > 0 && headerSets(merged).every(({ layers }) => layers.length > 0),
    'no Cryptomatte dangles',
  );
});

function seenAll(header: Header): boolean {
  const [works, all] = working(header).split(' of ');
  return works === all;
}

t.test('repair and ranks called 1, 2, 3 or by the very name: the names stay', async (t) => {
  for (const name of ['b2_rank123', 'b2_norank_names']) {
    const header = seen(name);
    const after = await oneFile(header, repair({}));
    const manifests = (one: Header) =>
      headerSets(one)
        .map(({ manifest }) => manifest?.length ?? 0)
        .sort();
    t.same(manifests(after), manifests(header), name);
    t.ok(headerSets(after).every(({ layers }) => layers.length > 0));
  }
});

t.test('merging a part of DWAA with parts of ZIP gives ZIP', async (t) => {
  const parts = direct.parts.map((part, number) => (number === 0 ? { ...part, compression: 'dwaa' as const } : part));
  const after = await oneFile({ ...direct, parts }, merge({}));
  t.equal(after.parts[0]?.compression, 'zip');
});

t.test('copy-attributes copies no colour space', async (t) => {
  const donor = {
    ...panel,
    parts: panel.parts.map((part) => ({
      ...part,
      attributes: new Attributes([
        ...part.attributes,
        ['colorInteropID', { type: 'string', value: new TextEncoder().encode('lin_ap1_scene') }],
      ]),
    })),
  };
  const { header } = await run(copyAttributes({ from: 'donor.exr' }), direct, { files: { 'donor.exr': donor } });
  const spaces = (one: Header) => one.parts.map(({ attributes }) => stringAttribute(attributes.get('colorInteropID')));
  t.same(spaces(header), spaces(direct));
});
