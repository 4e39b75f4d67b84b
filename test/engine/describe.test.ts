import t from 'tap';
import { describeHeader } from '../../lib/cryptomatte/describe.js';
import { describeSeen } from '../../lib/cryptomatte/describe-seen.js';
import { makeStringAttribute } from '../../lib/format/attribute-types.js';
import { programs } from '../../lib/layers/seen-by/program.js';
import { orphanGroups } from '../../lib/layers/sets.js';
import { Attributes } from '../../lib/model/attributes.js';
import { fixtureHeader, layer, makeHeader, makePart, single } from '../cryptomatte/fixtures.js';

t.test('a real frame', async (t) => {
  const found = describeHeader(fixtureHeader('blender/b2_main_dot.0001.exr'));
  t.strictSame(found.viewLayers, ['main']);
  t.strictSame(
    found.cryptomattes.map(({ name, key, ranks, names, manifest }) => ({ name, key, ranks, names, manifest })),
    [
      { name: 'main.CryptoMaterial', key: '11751e1', ranks: 6, names: 12, manifest: 'embedded' },
      { name: 'main.CryptoObject', key: 'a3346d2', ranks: 6, names: 6, manifest: 'embedded' },
      { name: 'main.CryptoAsset', key: 'eae8e92', ranks: 6, names: 3, manifest: 'embedded' },
    ],
  );
  const part = single(found.parts);
  t.strictSame(
    part.layers[0]?.channels.map(({ component }) => component),
    ['A', 'B', 'G', 'R'],
    'in file order',
  );
  const names = part.attributes.map(({ name }) => name);
  t.ok(names.includes('Scene') && !names.includes('channels') && !names.includes('dataWindow'));
  const manifests = part.attributes.filter(({ name }) => name.endsWith('/manifest'));
  t.equal(manifests.length, 3);
  t.ok(
    manifests.every(({ value, bytes }) => value === undefined && bytes > 100),
    'manifests are counted, not shown',
  );
  t.doesNotThrow(() => JSON.stringify(found));
});

t.test('stereo: ranks count once, not once for every view', async (t) => {
  const found = describeHeader(fixtureHeader('blender/headers/panel_stereo.header'));
  t.equal(found.cryptomattes.length, 9);
  t.strictSame(found.views, ['left', 'right']);
  for (const { ranks, layers, views } of found.cryptomattes)
    t.strictSame({ ranks, layers: layers.length, views }, { ranks: 6, layers: 6, views: ['left', 'right'] });
});

t.test('lost, dangling and sidecar sets', async (t) => {
  const lost = describeHeader(fixtureHeader('blender/b3_lost_sepcomb.0001.exr'));
  t.strictSame(lost.cryptomattes, []);
  t.strictSame(lost.cryptomattesWithoutMetadata, ['main.CryptoAsset', 'main.CryptoMaterial', 'main.CryptoObject']);
  const dangling = makePart(layer('beauty', 'RGB'), {
    'cryptomatte/1234567/name': 'gone',
    'cryptomatte/1234567/manif_file': 'gone.json',
  });
  const set = single(describeHeader(makeHeader(dangling)).cryptomattes);
  t.strictSame(set, {
    name: 'gone',
    key: '1234567',
    parts: [0],
    layers: [],
    layerParts: [],
    ranks: 0,
    manifest: 'sidecar',
    manifestFile: 'gone.json',
  });
});

t.test('values that cannot be read are left out, and nothing throws', async (t) => {
  const part = makePart(layer('', 'Z'));
  const odd = {
    ...part,
    attributes: new Attributes([
      ['short', { type: 'm44f', value: new Uint8Array(3) }],
      ['own', { type: 'studioThing', value: new Uint8Array(5) }],
      ['ids', { type: 'idmanifest', value: new Uint8Array(9) }],
      ['owner', makeStringAttribute('me')],
      ['cryptomatte/abcdef0/manifest', { type: 'string', value: Uint8Array.of(0x7b, 0xff) }],
    ]),
  };
  const found = describeHeader(makeHeader(odd));
  t.strictSame(single(found.parts).attributes, [
    { name: 'short', type: 'm44f', bytes: 3 },
    { name: 'own', type: 'studioThing', bytes: 5 },
    { name: 'ids', type: 'idmanifest', bytes: 9 },
    { name: 'owner', type: 'string', bytes: 2, value: 'me' },
    { name: 'cryptomatte/abcdef0/manifest', type: 'string', bytes: 2 },
  ]);
  t.strictSame(found.idManifests, [{ part: 0, attribute: 'ids', bytes: 9 }]);
  const set = single(found.cryptomattes);
  t.equal(set.names, 0);
  t.ok((set.problems?.length ?? 0) > 0);
});

t.test('layers are called what they are, whoever spells them', async (t) => {
  const header = makeHeader(
    makePart(layer('', 'RGBA'), {}, { name: 'rgba' }),
    makePart(layer('', 'RGBA'), { view: 'left' }, { number: 1, name: 'crypto00.left' }),
    makePart(layer('Chars.Depth', 'Z'), {}, { number: 2, name: 'Chars.Depth' }),
  );
  const found = describeHeader(header, { file: 100, parts: [30, 20, 10] });
  t.strictSame(
    found.parts.map(({ bytes, layers: [own] }) => ({ bytes, ...own, channels: undefined })),
    [
      { bytes: 30, name: '', layer: '', speltBy: 'channel', unpackedBytes: 1024, channels: undefined },
      {
        bytes: 20,
        name: '',
        layer: 'crypto00',
        view: 'left',
        speltBy: 'part',
        unpackedBytes: 1024,
        channels: undefined,
      },
      {
        bytes: 10,
        name: 'Chars.Depth',
        layer: 'Chars.Depth',
        viewLayer: 'Chars',
        speltBy: 'both',
        unpackedBytes: 256,
        channels: undefined,
      },
    ],
  );
  t.equal(found.bytes, 100);
  t.notOk('bytes' in describeHeader(header), 'nothing is said where nobody knows');
});

t.test('ranks whose metadata is lost belong to no program, and that is reported', async (t) => {
  const lost = fixtureHeader('blender/headers/b4_three_layers_lost.header');
  const groups = orphanGroups(lost).map(({ name }) => name);
  t.ok(groups.length > 0);
  for (const program of programs)
    t.same(
      describeSeen(lost, program).cryptomattes.map(({ name, works, problem }) => [name, works, problem?.code]),
      groups.map((name) => [name, false, 'no-metadata']),
      program,
    );
});

t.test('what a program sees', async (t) => {
  const frame = fixtureHeader('blender/headers/panel_f32_zip.header');
  for (const program of programs) {
    const seen = describeSeen(frame, program);
    t.equal(seen.cryptomattes.length, 9, program);
    t.ok(
      seen.cryptomattes.every(({ works, problem }) => works === (problem === undefined)),
      `${program} says why not`,
    );
    const shown = seen.layers.flatMap(({ channels }) => channels).length;
    t.equal(
      shown + seen.hidden,
      frame.parts.flatMap(({ channels }) => channels).length,
      `${program}: no channel is lost`,
    );
  }
  const nuke = describeSeen(frame, 'nuke');
  t.ok(nuke.layers.some(({ name }) => name === 'FG_elements_CryptoObject00'));
  t.match(
    nuke.cryptomattes.find(({ name }) => name === 'Chars.CryptoObject'),
    { listed: 'Chars_CryptoObject', works: true, rankLayers: 3 },
  );
  const parts = makeHeader(
    makePart(layer('a', 'RGB'), {}, { name: 'a' }),
    makePart(layer('b', 'RGB'), {}, { name: 'b', displayWindow: { xMin: 0, yMin: 0, xMax: 1, yMax: 1 } }),
  );
  t.match(describeSeen(parts, 'nuke').refused, /display window/);
});
