import t from 'tap';
import { describeHeader } from '../../lib/cryptomatte/describe.js';
import { makeString } from '../../lib/format/attribute-types.js';
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
  for (const { ranks, layers } of found.cryptomattes)
    t.strictSame({ ranks, layers: layers.length }, { ranks: 6, layers: 6 });
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
      ['owner', makeString('me')],
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
