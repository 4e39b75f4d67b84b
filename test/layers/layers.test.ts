/** Where channels stand, whoever spells it, and which of them are guarded because they hold Cryptomatte IDs. */
import fc from 'fast-check';
import t from 'tap';
import { compress, convert, dropAttribute, rename } from '../../filters/index.js';
import { makeStringAttribute } from '../../lib/format/attribute-types.js';
import { Attributes, type Header, isExrError, makePlan, openExr, type Part, runFrame } from '../../lib/index.js';
import { guardedChannels } from '../../lib/layers/guard.js';
import { placesOf } from '../../lib/layers/place.js';
import { makeHeader, makePart } from '../cryptomatte/fixtures.js';
import { advisedDrops, failure, run } from '../filters/support.js';
import { fixturePath, memorySink } from '../support.js';

type Components = readonly [string, string, string, string];
const spellings: readonly Components[] = [
  ['r', 'g', 'b', 'a'],
  ['R', 'G', 'B', 'A'],
  ['red', 'green', 'blue', 'alpha'],
];

interface Layout {
  readonly header: Header;
  /** Part and name of each channel that holds ranks. */
  readonly ranks: ReadonlySet<string>;
}

function id(part: number, name: string): string {
  return `${part} ${name}`;
}

/** Metadata that names a Cryptomatte. */
function declare(name: string): Record<string, string> {
  return {
    [`cryptomatte/${name.length}abcdef/name`]: name,
    [`cryptomatte/${name.length}abcdef/hash`]: 'MurmurHash3_32',
    [`cryptomatte/${name.length}abcdef/conversion`]: 'uint32_to_float32',
    [`cryptomatte/${name.length}abcdef/manifest`]: '{}',
  };
}

/** Colour and a Cryptomatte of three rank layers in one part, each channel spelling its layer. */
function onePart(set: string, ends: readonly string[], components: Components, known: boolean): Layout {
  const names = ends.flatMap((end) => components.map((component) => `${set}${end}.${component}`));
  const colour = ['R', 'G', 'B', 'A'].map((component) => ({ name: `beauty.${component}` }));
  const header = makeHeader(makePart([...names.map((name) => ({ name })), ...colour], known ? declare(set) : {}));
  return { header, ranks: new Set(names.map((name) => id(0, name))) };
}

/** A part for each layer: named by channels (Blender 5) or by the part alone (Nuke, V-Ray, OpenImageIO). */
function manyParts(
  set: string,
  ends: readonly string[],
  components: Components,
  known: boolean,
  bare: boolean,
): Layout {
  const spelt = (layer: string, of: Components) =>
    of.map((component) => ({ name: bare ? component : `${layer}.${component}` }));
  const layers = ends.map((end) => `${set}${end}`);
  const parts = [
    makePart(spelt('beauty', ['R', 'G', 'B', 'A']), known ? declare(set) : {}, { name: 'beauty' }),
    ...layers.map((layer, at) => makePart(spelt(layer, components), {}, { name: layer, number: at + 1 })),
  ];
  const ranks = layers.flatMap((layer, at) => spelt(layer, components).map(({ name }) => id(at + 1, name)));
  return { header: makeHeader(...parts), ranks: new Set(ranks) };
}

const set = fc.constantFrom(
  'main.CryptoObject',
  'crypto_object',
  'CryptoMaterial',
  'ids',
  'FG elements.Asset IDs',
  'Ünï.ids',
);
const ends = fc.constantFrom(['00', '01', '02'], ['0', '1', '2'], ['1', '2', '3'], ['00', '01', '02_001'], ['']);
const layout = fc
  .tuple(set, ends, fc.constantFrom(...spellings), fc.boolean(), fc.boolean())
  .map(([name, numbers, components, parts, bare]) =>
    parts ? manyParts(name, numbers, components, true, bare) : onePart(name, numbers, components, true),
  );

function guarded(header: Header): Set<string> {
  const channels = guardedChannels(header);
  return new Set(
    header.parts.flatMap((part, number) =>
      part.channels.flatMap((channel) => (channels.has(channel) ? id(number, channel.name) : [])),
    ),
  );
}

t.test('property: what metadata declares is guarded in every layout, and nothing else', async () => {
  fc.assert(
    fc.property(layout, ({ header, ranks }) => {
      const found = guarded(header);
      return found.size === ranks.size && [...ranks].every((one) => found.has(one));
    }),
  );
});

t.test('without metadata, names that say crypto and series from 00 on are guarded', async (t) => {
  const cases: [Layout, boolean][] = [
    [onePart('main.CryptoObject', ['00', '01'], ['r', 'g', 'b', 'a'], false), true],
    [onePart('ids', ['00', '01'], ['r', 'g', 'b', 'a'], false), true],
    [manyParts('CryptoObject', ['01'], ['R', 'G', 'B', 'A'], false, true), true],
    [manyParts('ids', ['00', '01', '02'], ['r', 'g', 'b', 'a'], false, false), true],
    [onePart('light', ['00'], ['R', 'G', 'B', 'A'], false), false],
    [onePart('ids', ['1', '2'], ['r', 'g', 'b', 'a'], false), false],
  ];
  for (const [{ header, ranks }, yes] of cases) t.same(guarded(header), yes ? ranks : new Set(), [...ranks].join(' '));
});

t.test('previews, colour and half channels are free', async (t) => {
  const { header } = onePart('crypto_object', ['00', '01'], ['R', 'G', 'B', 'A'], true);
  const [part] = header.parts as [Part];
  const preview = makePart(['R', 'G', 'B', 'A'].map((one) => ({ name: `crypto_object.${one}` })));
  const both = makeHeader({ ...part, channels: [...part.channels, ...preview.channels] });
  t.notOk([...guarded(both)].some((name) => /object\.[RGBA]$/.test(name)));
  t.same(
    guarded(
      makeHeader(
        makePart(
          ['R', 'G', 'B', 'A', 'Z'].map((name) => ({ name })),
          declare('gone'),
        ),
      ),
    ),
    new Set(),
  );
  const halves = makePart(['r', 'g', 'b', 'a'].map((one) => ({ name: `Crypto00.${one}`, type: 'half' as const })));
  t.same(guarded(makeHeader(halves)), new Set(), 'what is half has no IDs to lose, unless metadata says so');
});

const anyName = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom('', '.', '..', 'a.', '.a', 'left', 'right.CryptoObject00.R', 'a.left.R', 'crypto', '00.r', '00', 'r'),
);
const anyHeader = fc
  .array(
    fc.record({
      name: fc.option(anyName, { nil: undefined }),
      channels: fc.uniqueArray(anyName, { minLength: 1, maxLength: 6 }),
      view: fc.option(anyName, { nil: undefined }),
      multiView: fc.uint8Array({ maxLength: 12 }),
      set: anyName,
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) =>
    makeHeader(
      ...parts.map(({ name, channels, view, multiView, set: own }) => {
        const part = makePart(
          channels.map((one) => ({ name: one })),
          { 'cryptomatte/1234567/name': own },
          name === undefined ? {} : { name },
        );
        const attributes = part.attributes
          .with('multiView', { type: 'stringvector', value: multiView })
          .merge(view === undefined ? [] : [['view', makeStringAttribute(view)]]);
        return { ...part, attributes };
      }),
    ),
  );

t.test('property: any header has one place for each channel, in every order, and none makes it throw', async () => {
  fc.assert(
    fc.property(anyHeader, (header) => {
      const places = [...placesOf(header).values()];
      const all = header.parts.flatMap(({ channels }) => channels);
      if (places.length !== all.length || places.some(({ channel }, at) => channel !== all[at])) return false;
      const backwards = {
        ...header,
        parts: header.parts
          .map((part) => ({ ...part, attributes: new Attributes([...part.attributes].reverse()) }))
          .toReversed(),
      };
      const told = placesOf(backwards);
      return (
        places.every((place) => {
          const other = told.get(place.channel);
          return other?.layer === place.layer && other.view === place.view && other.speltBy === place.speltBy;
        }) && guardedChannels(header).size === guardedChannels(backwards).size
      );
    }),
    { numRuns: 300 },
  );
});

t.test('views are first, last, or in the part', async (t) => {
  const views = {
    type: 'stringvector',
    value: Uint8Array.from([4, 0, 0, 0, ...Buffer.from('left'), 5, 0, 0, 0, ...Buffer.from('right')]),
  };
  const one = makePart(['CryptoObject00.R', 'right.CryptoObject00.R', 'L.right.R', 'R'].map((name) => ({ name })));
  const header = makeHeader({ ...one, attributes: one.attributes.with('multiView', views) });
  t.same(
    Object.fromEntries([...placesOf(header).values()].map(({ channel, layer, view }) => [channel.name, [layer, view]])),
    {
      'CryptoObject00.R': ['CryptoObject00', 'left'],
      'right.CryptoObject00.R': ['CryptoObject00', 'right'],
      'L.right.R': ['L', 'right'],
      R: ['', 'left'],
    },
  );
  const parts = ['left', 'right'].map((view) => {
    const part = makePart([{ name: 'R' }], {}, { name: `CryptoObject00-${view}` });
    return { ...part, attributes: part.attributes.with('view', makeStringAttribute(view)) };
  });
  t.same(
    [...placesOf(makeHeader(...parts)).values()].map(({ layer, view, speltBy }) => [layer, view, speltBy]),
    [
      ['CryptoObject00', 'left', 'part'],
      ['CryptoObject00', 'right', 'part'],
    ],
  );
});

t.test('property: no step before unguards: IDs arrive float and whole, or the planner refuses', async (t) => {
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(
      layout,
      fc.constantFrom('half', 'dwaa', 'pxr24'),
      fc.boolean(),
      async ({ header, ranks }, loss, dropped) => {
        // Names and metadata gone, as an innocent delivery step leaves them; every name stays different.
        const stripped: Header = {
          ...header,
          parts: header.parts.map((part, number) => ({
            ...part,
            name: `p${number}`,
            attributes: dropped ? new Attributes() : part.attributes,
            channels: part.channels.map((channel, index) => ({
              ...channel,
              name: `x${String(index).padStart(4, '0')}.R`,
            })),
          })),
        };
        const wanted: Header = {
          ...stripped,
          parts: stripped.parts.map((part) =>
            loss === 'half'
              ? { ...part, channels: part.channels.map((channel) => ({ ...channel, type: 'half' as const })) }
              : { ...part, compression: loss as 'dwaa' | 'pxr24', codecChosen: true },
          ),
        };
        try {
          makePlan(wanted, header, { allowLossy: true });
          return ranks.size === 0;
        } catch (error) {
          refused += 1;
          return isExrError(error) && /^CRYPTOMATTE_/.test(error.code);
        }
      },
    ),
    { numRuns: 100 },
  );
  t.ok(refused > 0);
});

t.test('files of Nuke, V-Ray and OpenImageIO keep their IDs', async (t) => {
  for (const name of ['01_nuke_parts', '02_vray_parts', 'oiio_multipart_ranks']) {
    const path = fixturePath(`cases/${name}.exr`);
    const { header, source } = await openExr(path);
    await source.close();
    const ids = guarded(header);
    t.ok(ids.size >= 4, `${name}: ${ids.size} channels`);
    const { header: half } = await run(convert({ to: 'half' }), header);
    half.parts.forEach((part, number) => {
      for (const channel of part.channels)
        if (ids.has(id(number, channel.name))) t.equal(channel.type, 'float', `${name}: ${id(number, channel.name)}`);
    });
    await t.rejects(runFrame([path], [compress({ to: 'pxr24' })], memorySink()), { code: 'CRYPTOMATTE_LOSSY' });
    const chain = [
      dropAttribute({ attributes: ['cryptomatte/*'] }),
      rename({ regex: ['s/crypto/x/i'] }),
      compress({ to: 'pxr24' }),
    ];
    await t.rejects(
      runFrame([path], chain, memorySink()),
      { code: 'CRYPTOMATTE_LOSSY' },
      `${name}: not even by a chain`,
    );
    const steps = advisedDrops(await failure(compress({ to: 'pxr24' }), header));
    // Of a file that is all Cryptomatte nothing would be left.
    t.equal(steps.length, name.startsWith('oiio') ? 0 : 1, `${name}: a way out`);
    if (steps.length === 0) continue;
    await runFrame([path], [...steps, compress({ to: 'pxr24' })], memorySink());
    let rest = header;
    for (const step of steps) rest = (await run(step, rest)).header;
    t.equal(guarded(rest).size, 0, `${name}: which leaves the IDs out`);
  }
});
