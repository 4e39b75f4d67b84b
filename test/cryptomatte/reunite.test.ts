import fc from 'fast-check';
import t from 'tap';
import { nameBits } from '../../lib/cryptomatte/hash.js';
import { formatManifest, readManifest } from '../../lib/cryptomatte/manifest.js';
import { noteOddNumbers, renumberRanks } from '../../lib/cryptomatte/renumber.js';
import { completeSets, repairHeader, repairSets } from '../../lib/cryptomatte/repair.js';
import { reuniteSets } from '../../lib/cryptomatte/reunite.js';
import { headerSets } from '../../lib/layers/sets.js';
import type { Channel, Header, Part } from '../../lib/model/header.js';
import { decodeText } from '../../lib/model/text.js';
import { layer, makeHeader, makePart, setStrings, single } from './fixtures.js';
import { colourPlanes, type Planes, rankPlanes, readerOf } from './pixels.js';

function manifestOf(names: readonly string[]): string {
  return decodeText(formatManifest(names.map((name) => [name, nameBits(name)] as const)));
}

/** All that repair does, short of what it embeds and restores. */
async function repaired(header: Header, planes: Planes, { stem = 'shot', dropDangling = false } = {}) {
  const codes: string[] = [];
  const read: string[] = [];
  const report = { warn: (code: string) => codes.push(code), note: (code: string) => codes.push(code) };
  const options = { samples: readerOf(header, planes, read), stemOf: () => stem };
  const reunited = await reuniteSets(repairSets(header, report), report, options);
  return { header: completeSets(reunited, report, { dropDangling }), codes, read };
}

function namesIn(header: Header): Set<string> {
  const manifests = headerSets(header).flatMap(({ manifest }) => manifest ?? []);
  return new Set(manifests.flatMap((manifest) => [...readManifest(manifest).names.keys()]));
}

/** Sets as text: the name, the layers in order, and the first name in the manifest. */
function setsOf(header: Header): string[] {
  return headerSets(header)
    .map(({ name, layers, manifest }) => {
      const [first] = manifest ? readManifest(manifest).names.keys() : [];
      return `${name}: ${layers.map((one) => one.layer).join(' ')} (${first})`;
    })
    .sort();
}

const [heroes, props] = [
  ['Hero', 'Sidekick'],
  ['Lamp', 'Table'],
];

t.test('a bare rank gets the layer that its metadata speaks of', async (t) => {
  const header = makeHeader(
    makePart(
      [...'RGBA'].map((name) => ({ name })),
      setStrings('1234567', 'VL.CryptoObject', manifestOf(heroes)),
    ),
  );
  const done = await repaired(header, rankPlanes([''], heroes, 'RGBA'));
  t.strictSame(setsOf(done.header), ['VL.CryptoObject: VL.CryptoObject00 (Hero)']);
  t.strictSame(
    done.header.parts[0]?.channels.map(({ name }) => name),
    ['a', 'b', 'g', 'r'].map((component) => `VL.CryptoObject00.${component}`),
  );
  const image = await repaired(header, colourPlanes('', 'RGBA'));
  t.strictSame(image.header, header, 'an image stays one');
  t.strictSame(image.codes, ['DANGLING']);
});

t.test('a rank in a file of its own keeps its number', async (t) => {
  const header = (name: string) =>
    makeHeader(
      makePart(
        [...'rgba'].map((one) => ({ name: one })),
        setStrings('1234567', name, manifestOf(heroes)),
      ),
    );
  const planes = rankPlanes([''], heroes);
  t.strictSame(setsOf((await repaired(header('CryptoObject01.'), planes)).header), [
    'CryptoObject: CryptoObject01 (Hero)',
  ]);
  const bySteam = await repaired(header('CryptoObject'), planes, { stem: 'b6_CryptoObject02' });
  t.strictSame(setsOf(bySteam.header), ['CryptoObject: CryptoObject02 (Hero)']);
  const blank = await repaired(header('CryptoObject02.'), new Map());
  t.strictSame(setsOf(blank.header), ['CryptoObject: CryptoObject02 (Hero)'], 'where nothing is covered, letters tell');
});

t.test('items of one Cryptomatte become its ranks, those that cover most first', async (t) => {
  const items = ['ids_C', 'ids_A', 'ids_B'];
  const strings = items.map((item, index) => setStrings(`123456${index}`, item, manifestOf(heroes)));
  const header = makeHeader(makePart([...items.flatMap((item) => layer(item, 'rgba'))], Object.assign({}, ...strings)));
  const done = await repaired(header, rankPlanes(items, heroes));
  t.strictSame(setsOf(done.header), ['ids: ids00 ids01 ids02 (Hero)']);
  const stored = single(headerSets(done.header)).layers.map(({ slots }) => slots.r?.plane);
  const before = (name: string) => header.parts[0]?.channels.find((one) => one.name === name)?.plane;
  t.strictSame(stored, [before('ids_C.r'), before('ids_A.r'), before('ids_B.r')]);
});

t.test('Cryptomattes that name the same objects stay two', async (t) => {
  const header = makeHeader(
    makePart([...layer('a_ids', 'rgba'), ...layer('b_ids', 'rgba')], {
      ...setStrings('1234567', 'a_ids', manifestOf(heroes)),
      ...setStrings('1234568', 'b_ids', manifestOf(heroes)),
    }),
  );
  const planes = new Map([...rankPlanes(['a_ids'], heroes), ...rankPlanes(['b_ids'], heroes)]);
  t.strictSame(setsOf((await repaired(header, planes)).header), ['a_ids: a_ids00 (Hero)', 'b_ids: b_ids00 (Hero)']);
});

t.test('where one of two covers nothing, names keep them apart', async (t) => {
  const names = ['hero_ids', 'villain_ids'];
  const header = makeHeader(
    makePart(
      names.flatMap((name) => layer(name, 'rgba')),
      Object.assign({}, ...names.map((name, index) => setStrings(`123456${index}`, name, manifestOf(heroes)))),
    ),
  );
  const done = await repaired(header, rankPlanes(['hero_ids'], heroes));
  t.strictSame(setsOf(done.header), ['hero_ids: hero_ids00 (Hero)', 'villain_ids: villain_ids00 (Hero)']);
});

t.test('a black frame is named as the others of its shot', async (t) => {
  const items = ['CryptoObject00.', 'CryptoObject01.'];
  const layers = ['b6_CryptoObject00', 'b6_CryptoObject01'];
  const header = makeHeader(
    makePart(
      [...layers, 'b6_Combined'].flatMap((name) => layer(name, 'rgba')),
      Object.assign({}, ...items.map((name, index) => setStrings(`123456${index}`, name, manifestOf(heroes)))),
    ),
  );
  const expected = ['b6_CryptoObject: b6_CryptoObject00 b6_CryptoObject01 (Hero)'];
  t.strictSame(setsOf((await repaired(header, rankPlanes(layers, heroes))).header), expected);
  t.strictSame(setsOf((await repaired(header, new Map())).header), expected);
});

t.test('what could be either is left and reported', async (t) => {
  const header = makeHeader(
    makePart([...layer('one', 'rgba'), ...layer('two', 'rgba')], setStrings('1234567', 'lost', manifestOf(heroes))),
  );
  const planes = new Map([...rankPlanes(['one'], heroes), ...rankPlanes(['two'], heroes)]);
  const done = await repaired(header, planes);
  t.strictSame(done.header, header);
  t.strictSame(done.codes, ['SEVERAL_FIT', 'DANGLING']);
});

t.test('what names less is tried first elsewhere: assets are objects, too', async (t) => {
  const header = makeHeader(
    makePart([...layer('p', 'rgba'), ...layer('q', 'rgba')], {
      ...setStrings('1234567', 'lost objects', manifestOf([...heroes, ...props])),
      ...setStrings('1234568', 'lost assets', manifestOf(heroes)),
    }),
  );
  const planes = new Map([...rankPlanes(['p'], heroes), ...rankPlanes(['q'], [...heroes, ...props])]);
  t.strictSame(setsOf((await repaired(header, planes)).header), ['p: p00 (Hero)', 'q: q00 (Hero)']);
  t.equal(headerSets((await repaired(header, planes)).header).find(({ name }) => name === 'q')?.key, '1234567');
});

t.test('names that were cut off count where nothing is covered', async (t) => {
  const [long, cut] = [`${'x'.repeat(56)}.CryptoObject`, `${'x'.repeat(56)}.Crypto`];
  const header = makeHeader(makePart(layer(cut, 'rgba'), setStrings('1234567', long, manifestOf(heroes))));
  const done = await repaired(header, new Map());
  t.strictSame(setsOf(done.header), [`${'x'.repeat(56)}.Cryp: ${'x'.repeat(56)}.Cryp00 (Hero)`]);
});

t.test('pixels are read only where metadata leads to no ranks, and few of them', async (t) => {
  const sound = makeHeader(makePart(layer('ids00', 'rgba'), setStrings('1234567', 'ids', manifestOf(heroes))));
  t.strictSame((await repaired(sound, rankPlanes(['ids00'], heroes))).read, []);
  const lost = makeHeader(makePart(layer('other00', 'rgba'), setStrings('1234567', 'ids', manifestOf(heroes))));
  const { read, header } = await repaired(lost, rankPlanes(['other00'], heroes));
  t.strictSame(read, ['other00.r', 'other00.g', 'other00.b', 'other00.a']);
  t.strictSame(setsOf(header), ['other: other00 (Hero)']);
});

t.test('pixels that cannot be read decide nothing', async (t) => {
  const header = makeHeader(makePart(layer('other00', 'rgba'), setStrings('1234567', 'ids', manifestOf(heroes))));
  const codes: string[] = [];
  const report = { warn: (code: string) => codes.push(code), note: (code: string) => codes.push(code) };
  const { ExrError } = await import('../../lib/model/error.js');
  const samples = () => {
    throw new ExrError('unsupported', 'CODEC', 'no such codec');
  };
  t.equal(await reuniteSets(header, report, { samples }), header);
  t.strictSame(codes, ['PIXELS_UNREAD']);
});

t.test('metadata of nothing is kept, unless it is to be dropped', (t) => {
  const header = makeHeader(makePart([{ name: 'Z' }], setStrings('1234567', 'ids', manifestOf(heroes))));
  const codes: string[] = [];
  const report = { warn: (code: string) => codes.push(code), note: (code: string) => codes.push(code) };
  t.equal(repairHeader(header, report), header);
  t.strictSame(codes.splice(0), ['DANGLING']);
  t.strictSame(headerSets(repairHeader(header, report, { dropDangling: true })), []);
  t.strictSame(codes, ['DROPPED_SET']);
  t.end();
});

t.test('ranks are renumbered on demand, and others reported', (t) => {
  const ranks = (...texts: string[]) =>
    makeHeader(
      makePart(
        texts.flatMap((text) => layer(`ids${text}`, 'rgba')),
        setStrings('1234567', 'ids', manifestOf(heroes)),
      ),
    );
  const codes: string[] = [];
  const report = { warn: (code: string) => codes.push(code), note: (code: string) => codes.push(code) };
  const numbered = (...texts: string[]) => {
    codes.length = 0;
    noteOddNumbers(ranks(...texts), report);
    return setsOf(renumberRanks(ranks(...texts), report)).join();
  };
  for (const texts of [
    ['1', '2', '3'],
    ['0', '1', '2'],
    ['00', '01', '03'],
    ['001', '002', '003'],
  ]) {
    t.equal(numbered(...texts), 'ids: ids00 ids01 ids02 (Hero)', texts.join());
    t.strictSame(codes, ['RANK_NUMBERS', 'RENUMBERED'], texts.join());
  }
  t.equal(numbered('00', '01'), 'ids: ids00 ids01 (Hero)');
  t.strictSame(codes, []);
  t.equal(numbered('01'), 'ids: ids00 (Hero)');
  t.strictSame(codes, ['RENUMBERED'], 'a second rank in a file of its own is no fault');
  t.end();
});

/** Names that no rule takes for another one. */
const plainNames = fc.uniqueArray(fc.stringMatching(/^[a-z]{3,8}( [A-Z][a-z]{2,5})?$/), {
  minLength: 12,
  maxLength: 12,
  selector: (name) => name.toLowerCase(),
});

interface Scene {
  readonly parts: Part[];
  readonly planes: Map<string, Float32Array>;
  readonly truth: { readonly layers: readonly string[]; readonly ids: readonly string[] }[];
}

/** Cryptomattes of one to three ranks under names of any kind, with metadata that is called otherwise, and colour between them. */
const scenes = fc
  .record({
    names: plainNames,
    ranks: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
    spelling: fc.constantFrom('rgba', 'RGBA'),
    numbers: fc.constantFrom(['00', '01', '02'], ['1', '2', '3'], ['_A', '_B', '_C']),
    apart: fc.boolean(),
    colours: fc.integer({ min: 0, max: 2 }),
    salt: fc.integer({ min: 0, max: 99999 }),
  })
  .map(({ names, ranks, spelling, numbers, apart, colours, salt }): Scene => {
    const planes = new Map<string, Float32Array>();
    const channels: { name: string }[][] = [];
    const strings: Record<string, string> = {};
    const truth = ranks.map((count, index) => {
      const ids = [0, 1, 2].map((one) => `object ${salt} ${index} ${one}`);
      const layers = numbers.slice(0, count).map((number) => `${names[index]}${number}`);
      for (const [name, plane] of rankPlanes(layers, ids, spelling)) planes.set(name, plane);
      channels.push(...layers.map((name) => layer(name, spelling)));
      // Items each bring the metadata of all.
      const sets = numbers[0] === '_A' ? count : 1;
      for (let copy = 0; copy < sets; copy++)
        Object.assign(
          strings,
          setStrings(`${index}${copy}abcde`, `${names[index + 3]} ${'pqr'[copy]}`, manifestOf(ids)),
        );
      return { layers, ids };
    });
    for (let index = 0; index < colours; index++) {
      const name = names[index + 6] ?? '';
      for (const [channel, plane] of colourPlanes(name)) planes.set(channel, plane);
      channels.push(layer(name, 'RGBA'));
    }
    const lists = apart ? channels : [channels.flat()];
    const parts = lists.map((own, number) =>
      makePart(own, number === 0 ? strings : {}, {
        number,
        ...(lists.length > 1 && { name: own[0]?.name.slice(0, -2) ?? '' }),
      }),
    );
    return { parts, planes, truth };
  });

t.test(
  'property: pixels find the right layers, whatever they are called; nothing is mixed, nothing lost',
  async (t) => {
    await fc.assert(
      fc.asyncProperty(scenes, async ({ parts, planes, truth }) => {
        const header = makeHeader(...parts);
        const done = await repaired(header, planes);
        for (const name of namesIn(header)) if (!namesIn(done.header).has(name)) return false;
        const sets = headerSets(done.header);
        const storedName = ({ plane }: { plane: unknown }): string => {
          const { part, index } = plane as { part: number; index: number };
          return header.parts[part]?.channels[index]?.name ?? '';
        };
        const found = sets.map((set) => ({
          layers: set.layers.map(({ slots }) => storedName(slots.r as { plane: unknown }).slice(0, -2)),
          ids: [...readManifest(set.manifest ?? new Uint8Array()).names.keys()].sort(),
        }));
        const byFirst = (a: { layers: readonly string[] }, b: { layers: readonly string[] }) =>
          `${a.layers[0]}` < `${b.layers[0]}` ? -1 : 1;
        t.strictSame(
          found.sort(byFirst),
          truth.map(({ layers, ids }) => ({ layers: [...layers], ids: [...ids].sort() })).sort(byFirst),
        );
        // What was done once needs no doing again.
        return (await repaired(done.header, planes, {})).codes.filter((code) => code !== 'RANK_NUMBERS').length === 0;
      }),
    );
  },
);

t.test('property: names are never lost, whatever the pixels hold', async () => {
  await fc.assert(
    fc.asyncProperty(
      scenes,
      fc.array(fc.constantFrom('blank', 'colour', 'whole'), { minLength: 9, maxLength: 9 }),
      async ({ parts, planes, truth }, fates) => {
        const header = makeHeader(...parts);
        const layers = truth.flatMap((one) => one.layers);
        const changed = new Map(planes);
        for (const [index, name] of layers.entries())
          for (const channel of [...changed.keys()].filter((one) => one.slice(0, -2) === name)) {
            if (fates[index] === 'blank') changed.delete(channel);
            if (fates[index] === 'colour')
              changed.set(
                channel,
                new Float32Array(64).map((_, at) => at / 64),
              );
          }
        const done = await repaired(header, changed);
        const after = namesIn(done.header);
        if (![...namesIn(header)].every((name) => after.has(name))) return false;
        // What has become colour gets no names of others, and no manifest but its own is ever given.
        return headerSets(done.header).every(({ layers: own, manifest }) => {
          const ids = new Set(readManifest(manifest ?? new Uint8Array()).names.keys());
          return own.every(({ slots }) => {
            const { part, index } = (slots.r as Channel).plane as { part: number; index: number };
            const stored = header.parts[part]?.channels[index]?.name.slice(0, -2) ?? '';
            const right = truth.find((one) => one.layers.includes(stored));
            return right?.ids.every((id) => ids.has(id));
          });
        });
      },
    ),
  );
});
