import t from 'tap';
import { guardedChannels, rankChannels } from '../../lib/layers/guard.js';
import { isSetAttribute, parseSetAttribute } from '../../lib/layers/set-attributes.js';
import { headerSets, orphanGroups } from '../../lib/layers/sets.js';
import { fixtureHeader, layer, makeHeader, makePart, setStrings, single } from './fixtures.js';

t.test('the panel file has nine sets of three rank layers', async (t) => {
  const sets = headerSets(fixtureHeader('blender/headers/panel_f32_zip.header'));
  t.strictSame(
    sets.map(({ key, name, fit, layers }) => [key, name, fit, layers.length]),
    [
      ['0e54559', 'FG elements.CryptoMaterial', 'exact', 3],
      ['1640536', 'Chars.CryptoMaterial', 'exact', 3],
      ['5db8bfa', 'BG.CryptoObject', 'exact', 3],
      ['6051c1e', 'BG.CryptoMaterial', 'exact', 3],
      ['8127b50', 'FG elements.CryptoObject', 'exact', 3],
      ['b1cc110', 'FG elements.CryptoAsset', 'exact', 3],
      ['cb14cba', 'Chars.CryptoObject', 'exact', 3],
      ['cb7ffd7', 'Chars.CryptoAsset', 'exact', 3],
      ['da8569e', 'BG.CryptoAsset', 'exact', 3],
    ],
  );
});

t.test(
  'of two items with one name, Blender numbers the second and cuts its Cryptomatte off at the digits',
  async (t) => {
    const header = makeHeader(
      makePart([...layer('ids00', 'rgba'), ...layer('ids01', 'rgba')], {
        ...setStrings('1234567', 'ids'),
        ...setStrings('89abcde', 'ids00_'),
      }),
      makePart(layer('ids00_001', 'rgba'), {}, { number: 1, name: 'ids00_001' }),
    );
    t.strictSame(
      headerSets(header).map(({ name, layers }) => [name, layers.map((one) => [one.layer, one.text])]),
      [
        [
          'ids',
          [
            ['ids00', '00'],
            ['ids01', '01'],
          ],
        ],
        ['ids00_', [['ids00_001', '001']]],
      ],
    );
  },
);

t.test('slots hold their channels, whatever the spelling', async (t) => {
  for (const [components, wanted] of [
    ['rgba', 'a'],
    ['RGBA', 'A'],
    [['red', 'green', 'blue', 'alpha'], 'alpha'],
  ] as const) {
    const header = makeHeader(makePart(layer('ids00', components), setStrings('1234567', 'ids')));
    const { layers } = single(headerSets(header));
    t.equal(single(layers).slots.a?.name, `ids00.${wanted}`);
  }
});

t.test('both views of a stereo frame belong to the set', async (t) => {
  const sets = headerSets(fixtureHeader('blender/headers/panel_stereo.header'));
  t.equal(sets.length, 9);
  for (const { layers } of sets)
    t.strictSame(
      layers.map(({ view, order }) => `${view}${order}`),
      ['left0', 'left1', 'left2', 'right0', 'right1', 'right2'],
    );
});

t.test('metadata copied to every part is one set, with the channels of the part that has them', async (t) => {
  const sets = headerSets(fixtureHeader('blender/headers/oiio_multipart_viewlayers.header'));
  t.equal(sets.length, 9);
  for (const set of sets) {
    t.strictSame(set.parts, [0, 1, 2]);
    const part = ['Chars', 'BG', 'FG elements'].findIndex((name) => set.name?.startsWith(`${name}.`));
    t.ok(
      set.layers.every((one) => one.part === part),
      `${set.name} lies in part ${part}`,
    );
  }
});

t.test('metadata in part 0 reaches rank layers in parts of their own, as Blender 5 writes them', async (t) => {
  const header = makeHeader(
    makePart(layer('VL.Combined', 'RGBA'), setStrings('542cafa', 'VL.CryptoObject'), { name: 'VL.Combined' }),
    makePart(layer('VL.CryptoObject00', 'rgba'), {}, { name: 'VL.CryptoObject00', number: 1 }),
    makePart(layer('VL.CryptoObject01', 'rgba'), {}, { name: 'VL.CryptoObject01', number: 2 }),
  );
  const set = single(headerSets(header));
  t.strictSame(set.parts, [0]);
  t.strictSame(
    set.layers.map(({ part, order }) => [part, order]),
    [
      [1, 0],
      [2, 1],
    ],
  );
});

t.test('rank layers in several parts are one set, with metadata in one of them or in each', async (t) => {
  for (const strings of [{}, setStrings('1234567', 'ids', '{}')]) {
    const header = makeHeader(
      makePart(layer('ids00', 'rgba'), setStrings('1234567', 'ids', '{}'), { name: 'a' }),
      makePart(layer('ids01', 'rgba'), strings, { name: 'b', number: 1 }),
    );
    const set = single(headerSets(header));
    t.strictSame(
      set.layers.map(({ part }) => part),
      [0, 1],
    );
    t.strictSame(orphanGroups(header), []);
  }
});

t.test('sets of the same name in different parts stay apart', async (t) => {
  const header = makeHeader(
    makePart(layer('main.ids00', 'rgba'), setStrings('1111111', 'main.ids', '{"a":"00000001"}'), { name: 'one' }),
    makePart(layer('main.ids00', 'rgba'), setStrings('1111111', 'main.ids', '{"b":"00000002"}'), {
      name: 'two',
      number: 1,
    }),
  );
  t.strictSame(
    headerSets(header).map(({ parts, layers }) => [parts, layers.map(({ part }) => part)]),
    [
      [[0], [0]],
      [[1], [1]],
    ],
  );
});

t.test('channels without metadata are found, and those that only look like ranks are not', async (t) => {
  t.strictSame(
    orphanGroups(fixtureHeader('blender/b3_lost_sepcomb.0001.exr')).map(({ name }) => name),
    ['main.CryptoAsset', 'main.CryptoMaterial', 'main.CryptoObject'],
  );
  t.strictSame(
    orphanGroups(fixtureHeader('blender/b3_partial_material_lost.0001.exr')).map(({ name }) => name),
    ['main.CryptoMaterial'],
  );
  const lights = makeHeader(
    makePart([
      ...layer('light00', 'RGB'),
      ...layer('light01', 'RGB'),
      ...layer('take12', 'RGBA'),
      ...layer('half00', 'rgba', 'half'),
      ...layer('half01', 'rgba', 'half'),
    ]),
  );
  t.strictSame(orphanGroups(lights), []);
});

t.test('every rank channel is known, with and without metadata', async (t) => {
  for (const file of ['b2_main_dot', 'b3_lost_sepcomb', 'b3_partial_material_lost'])
    t.equal(rankChannels(fixtureHeader(`blender/${file}.0001.exr`)).size, 36, file);
});

t.test('a name spelt otherwise still leads to its channels, but only when one fits', async (t) => {
  const cases: readonly (readonly [string, readonly string[], string | undefined])[] = [
    ['main.CryptoObject', ['main_CryptoObject', 'CryptoObject'], 'legalised'],
    ['main.cryptoobject', ['main.CryptoObject'], 'case'],
    ['Chars.CryptoObject', ['CryptoObject', 'CryptoMaterial'], 'pass'],
    ['Chars.CryptoObject', ['crypto_object'], 'pass'],
    ['Chars.CryptoObject', ['a.CryptoObject', 'b.CryptoObject'], undefined],
    ['Chars.CryptoObject', ['CryptoMaterial'], undefined],
  ];
  for (const [name, groups, fit] of cases) {
    const channels = groups.flatMap((group) => [...layer(`${group}00`, 'rgba'), ...layer(`${group}01`, 'rgba')]);
    const set = single(headerSets(makeHeader(makePart(channels, setStrings('1234567', name)))));
    t.equal(set.fit, fit, `${name} in ${groups}`);
  }
});

t.test('two sets that both could mean the same channels get none', async (t) => {
  const strings = { ...setStrings('1111111', 'a.CryptoObject'), ...setStrings('2222222', 'b.CryptoObject') };
  const sets = headerSets(makeHeader(makePart(layer('CryptoObject00', 'rgba'), strings)));
  t.strictSame(
    sets.map(({ fit, layers }) => [fit, layers.length]),
    [
      [undefined, 0],
      [undefined, 0],
    ],
  );
});

t.test('attribute names are taken apart, with the prefixes Nuke adds', async (t) => {
  t.strictSame(parseSetAttribute('cryptomatte/f834d0a/name'), {
    prefix: 'cryptomatte/',
    key: 'f834d0a',
    field: 'name',
  });
  t.equal(parseSetAttribute('nuke/exr/cryptomatte/f834d0a/name')?.prefix, 'nuke/exr/cryptomatte/');
  t.equal(parseSetAttribute('Cryptomatte/f834d0a/name')?.key, 'f834d0a');
  for (const wrong of ['cryptomatte/name', 'cryptomatte/a/b/c', 'cryptomatte//name', 'cryptomatte/a/']) {
    t.equal(parseSetAttribute(wrong), undefined, wrong);
    t.ok(isSetAttribute(wrong), wrong);
  }
  for (const other of ['cryptomattes/a/name', 'name', 'arnold/cryptomatte']) t.notOk(isSetAttribute(other), other);
});

t.test('twenty thousand declarations are sorted out promptly', async (t) => {
  const strings = Object.fromEntries(
    Array.from({ length: 20_000 }, (_, index) => [
      `cryptomatte/${index}/name`,
      index % 2 ? 'CryptoObject' : `x${index}.CryptoObject`,
    ]),
  );
  const sets = headerSets(makeHeader(makePart(layer('CryptoObject00', 'rgba'), strings)));
  t.equal(sets.length, 20_000, 'before the test runner loses patience');
});

t.test('a header is read once, however often somebody asks', async (t) => {
  const header = fixtureHeader('blender/b2_main_dot.0001.exr');
  t.equal(headerSets(header), headerSets({ parts: header.parts }), 'the same sets for the same parts');
  t.equal(orphanGroups(header), orphanGroups(header));
  t.equal(guardedChannels(header), guardedChannels(header));
  t.not(headerSets({ ...header, parts: [...header.parts] }), headerSets(header));
});

t.test('parts hold different Cryptomattes of one name, each numbered in its own way', async (t) => {
  const parts = [
    makePart(
      ['1', '2'].flatMap((rank) => layer(`ids${rank}`, 'rgba')),
      setStrings('aaaaaaa', 'ids', '{"a":"0000000a"}'),
      { name: 'one' },
    ),
    makePart(layer('ids00', 'rgba'), setStrings('bbbbbbb', 'ids', '{"b":"0000000b"}'), { name: 'two', number: 1 }),
  ];
  t.same(
    headerSets(makeHeader(...parts)).map(({ key, layers }) => [key, layers.map((one) => [one.part, one.text])]),
    [
      [
        'aaaaaaa',
        [
          [0, '1'],
          [0, '2'],
        ],
      ],
      ['bbbbbbb', [[1, '00']]],
    ],
  );
});

t.test('a name that ends in a digit is followed by ranks of one digit', async (t) => {
  const part = makePart(
    ['0', '1'].flatMap((rank) => layer(`n1${rank}`, 'rgba')),
    setStrings('aaaaaaa', 'n1'),
  );
  t.same(
    headerSets(makeHeader(part)).map(({ name, layers }) => [name, layers.map(({ text }) => text)]),
    [['n1', ['0', '1']]],
  );
});
