import fc from 'fast-check';
import t from 'tap';
import { compress } from '../../filters/compress.js';
import { convert } from '../../filters/convert.js';
import { drop } from '../../filters/drop.js';
import { pick } from '../../filters/pick.js';
import { compileGlobs } from '../../filters/shared/glob.js';
import { codecs, stringAttribute } from '../../lib/format/index.js';
import { type Header, lossyChannels, sourcePlanes } from '../../lib/index.js';
import { headerSets } from '../../lib/layers/index.js';
import { fixtureHeader, layer, makeHeader, makePart, setStrings, single } from '../cryptomatte/fixtures.js';
import { advisedDrops, failure, run, thrown } from './support.js';

const panel = fixtureHeader('blender/headers/panel_f32_zip.header');
const names = fixtureHeader('blender/headers/panel_layernames.header');
const multi = fixtureHeader('blender/headers/oiio_multipart_viewlayers.header');
const stereo = fixtureHeader('blender/headers/panel_stereo.header');

/** One part for each pass, all metadata in the first, ranks of one Cryptomatte in several parts. */
const blender5 = makeHeader(
  makePart(
    layer('main.Combined', 'RGBA'),
    { Scene: 'shot', ...setStrings('a3346d2', 'main.CryptoObject') },
    {
      name: 'main.Combined',
    },
  ),
  makePart(layer('main.CryptoObject00', 'rgba'), {}, { name: 'main.CryptoObject00', number: 1 }),
  makePart(layer('main.CryptoObject01', 'rgba'), {}, { name: 'main.CryptoObject01', number: 2 }),
);

function channelNames(header: Header): string[] {
  return header.parts.flatMap(({ channels }) => channels.map(({ name }) => name));
}

function setNames(header: Header): (string | undefined)[] {
  return headerSets(header).map(({ name }) => name);
}

t.test('globs are over names, not paths', (t) => {
  const fits = (pattern: string, name: string): boolean => single(compileGlobs([pattern])).matches(name);
  for (const [pattern, name] of [
    ['*.R', 'Chars.Combined.R'],
    ['Bäume (木).*', 'Bäume (木).Combined.R'],
    ['cryptomatte/*', 'cryptomatte/1234567/name'],
    ['a?b', 'a/b'],
    ['[RG]', 'G'],
    ['[!RG]', 'B'],
    ['*.{r,g}', 'x.g'],
    ['*', 'two\nlines'],
    ['*', '.hidden'],
    ['./a', './a'],
    ['a[1]*?', 'a[1]*?'],
    ['!not', '!not'],
    ['a\\*', 'a*'],
    ['', ''],
  ] as const)
    t.ok(fits(pattern, name), `${pattern} fits ${name}`);
  for (const [pattern, name] of [
    ['Bäume (木).*', 'Bäume 木.R'],
    ['*.R', 'Chars.Combined.R2'],
    ['chars*', 'Chars'],
    ['a', 'a/'],
    ['', 'a'],
    ['a\\*', 'ab'],
  ] as const)
    t.notOk(fits(pattern, name), `${pattern} does not fit ${name}`);
  t.match(
    thrown(() => compileGlobs(['x'.repeat(70_000)])),
    { kind: 'usage', code: 'BAD_GLOB' },
  );
  t.end();
});

t.test('pick by layer takes everything under the name, and its Cryptomattes', async (t) => {
  const { header, codes } = await run(pick({ layer: ['BG'] }), panel);
  t.same(codes, []);
  t.ok(channelNames(header).every((name) => name.startsWith('BG.')));
  t.equal(channelNames(header).length, 63);
  t.same(setNames(header), ['BG.CryptoObject', 'BG.CryptoMaterial', 'BG.CryptoAsset']);
  t.ok(single(header.parts).attributes.has('Camera'));

  const dotted = await run(pick({ layer: ['main.chars.v2', 'Bäume (木).Combined'] }), names);
  t.equal(channelNames(dotted.header).length, 41 + 4);
  t.ok(setNames(dotted.header).includes('main.chars.v2.CryptoAsset'));

  const set = await run(pick({ layer: ['*.CryptoObject'] }), panel);
  t.equal(channelNames(set.header).length, 36, 'the name of a Cryptomatte means all its ranks');
  t.same(setNames(set.header).toSorted(), ['BG.CryptoObject', 'Chars.CryptoObject', 'FG elements.CryptoObject']);

  const views = await run(pick({ layer: ['BG.CryptoObject'] }), stereo);
  t.equal(channelNames(views.header).length, 24, 'both eyes');
});

t.test('pick and drop are each other’s complement', async (t) => {
  const choices = fc.subarray(['Chars', 'BG', '*.Depth', 'FG*.CryptoAsset', '*.Combined*', 'Chars.Crypto*'], {
    minLength: 1,
  });
  await fc.assert(
    fc.asyncProperty(choices, async (layers) => {
      const taken = channelNames((await run(pick({ layer: layers }), panel)).header);
      const left = (await run(drop({ layer: layers }), panel)).header;
      t.same([...taken, ...channelNames(left)].toSorted(), channelNames(panel).toSorted());
      const before = single(panel.parts).channels;
      for (const channel of single(left.parts).channels)
        t.equal(before[sourcePlanes(channel)[0]?.index ?? -1]?.name, channel.name, 'planes stay with their channels');
    }),
    { numRuns: 30 },
  );
});

t.test('a Cryptomatte may lose its last ranks but is not torn', async (t) => {
  const shorter = await run(drop({ layer: ['Chars.CryptoObject02'] }), panel);
  t.ok(setNames(shorter.header).includes('Chars.CryptoObject'));
  for (const step of [
    pick({ channel: ['*.r'] }),
    drop({ layer: ['Chars.CryptoObject01'] }),
    drop({ layer: ['Chars.CryptoObject00'] }),
    drop({ channel: ['Chars.CryptoObject00.a'] }),
  ])
    t.match(await failure(step, panel), {
      kind: 'usage',
      code: 'CRYPTOMATTE_TORN',
      message: /"[^"]+\.Crypto(Object|Material|Asset)" would keep \d+ of its 12 channels/,
      hint: /`layer: '/,
    });
});

t.test('parts: whole, in part, and what the first part knows for all', async (t) => {
  const bg = await run(pick({ part: ['BG'] }), multi);
  t.equal(single(bg.header.parts).name, 'BG');
  t.equal(bg.header.multiPart, false, 'one part needs no multi-part file');
  const some = await run(drop({ part: ['BG'], layer: ['*.Crypto*'] }), multi);
  t.same(
    some.header.parts.map(({ channels }) => channels.length),
    [63, 27, 63],
  );
  t.ok(some.header.multiPart);

  const crypto = await run(pick({ layer: ['main.CryptoObject'] }), blender5);
  t.equal(crypto.header.parts.length, 2);
  t.ok(setNames(crypto.header).includes('main.CryptoObject'), 'metadata moves to a part that stays');
  t.equal(stringAttribute(crypto.header.parts[0]?.attributes.get('Scene')), 'shot');
  const beauty = await run(pick({ part: ['main.Combined'] }), blender5);
  t.same(setNames(beauty.header), [], 'no metadata without channels');
  t.match(await failure(pick({ part: ['*01'] }), blender5), { code: 'CRYPTOMATTE_TORN' });
});

t.test('what fits nothing is reported; nothing left is an error that lists what there is', async (t) => {
  t.match(await run(drop({ layer: ['Nope'], channel: ['*.Q'], part: ['no part'] }), multi), { codes: ['NO_MATCH'] });
  t.match(await run(pick({ layer: ['BG', 'Nope'] }), panel), { codes: ['NO_MATCH'] });
  t.match(await failure(pick({ layer: ['Nope'] }), panel), { code: 'NOTHING_LEFT', hint: /"BG\.Combined"/ });
  t.match(await failure(drop({ channel: ['*'] }), multi), { code: 'NOTHING_LEFT', hint: /Its parts: "Chars", "BG"/ });
  t.match(await failure(pick({ part: ['Nope'] }), multi), { code: 'NO_SUCH_PART' });
  t.match(await failure(pick({ part: ['x'] }), panel), { code: 'NO_SUCH_PART', hint: /omit `part`/ });
  t.match(
    thrown(() => pick({})),
    { code: 'NOTHING_ASKED' },
  );
  t.match(
    thrown(() => drop({})),
    { code: 'NOTHING_ASKED' },
  );
});

t.test('compress sets the codec and protects Cryptomatte IDs', async (t) => {
  const upper = fixtureHeader('blender/b2_main_dot.0001.exr');
  const { header } = await run(compress({ to: 'piz' }), panel);
  t.match(single(header.parts), { compression: 'piz', codecChosen: true });
  t.match(await failure(compress({ to: 'pxr24' }), panel), { code: 'CRYPTOMATTE_LOSSY', hint: /zip or piz/ });
  t.match(await failure(compress({ to: 'dwaa' }), upper), { code: 'CRYPTOMATTE_LOSSY', hint: /r, g, b, a/ });
  t.equal(single((await run(compress({ to: 'dwab' }), panel)).header.parts).compression, 'dwab', 'rgba survive DWA');
  t.equal(single((await run(compress({ to: 'b44' }), upper)).header.parts).compression, 'b44', 'B44 keeps float');
  const lost = fixtureHeader('blender/b3_lost_sepcomb.0001.exr');
  t.match(await failure(compress({ to: 'dwaa' }), lost), { code: 'CRYPTOMATTE_LOSSY' }, 'without metadata too');

  const one = await run(compress({ to: 'none', part: ['BG'] }), multi);
  t.same(
    one.header.parts.map(({ compression }) => compression),
    ['zip', 'none', 'zip'],
  );
  const deep = makeHeader(makePart([{ name: 'Z' }], {}, { type: 'deepscanline', compression: 'zips' }));
  t.match(await failure(compress({ to: 'zip' }), deep), { code: 'NOT_FOR_DEEP', hint: /none, rle, zips/ });
  t.equal(single((await run(compress({ to: 'rle' }), deep)).header.parts).compression, 'rle');
  t.match(
    thrown(() => compress.create({ to: 'lj2k' })),
    { kind: 'usage', code: 'BAD_OPTION' },
  );
});

t.test('property: compress never lets a codec near a float rank that would change it', async (t) => {
  const codec = fc.constantFrom(...codecs.filter(({ encode }) => encode).map(({ name }) => name));
  const spelling = fc.constantFrom('rgba', 'RGBA', ['red', 'green', 'blue', 'alpha']);
  await fc.assert(
    fc.asyncProperty(codec, spelling, fc.boolean(), async (to, components, known) => {
      const header = makeHeader(
        makePart(
          [...layer('x.CryptoObject00', components), { name: 'R', type: 'half' }],
          known ? setStrings('1234567', 'x.CryptoObject') : {},
        ),
      );
      const { channels } = single(header.parts);
      const harmful = [...lossyChannels({ compression: to, channels })].some(({ name }) => name !== 'R');
      const step = compress.create({ to });
      if (harmful) {
        const error = await failure(step, header);
        t.match(error, { code: 'CRYPTOMATTE_LOSSY' });
        let rest = header;
        for (const advised of advisedDrops(error)) rest = (await run(advised, rest)).header;
        t.same(
          single((await run(step, rest)).header.parts).channels,
          channels.filter(({ name }) => name === 'R'),
          'what the hint says works',
        );
      } else t.equal(single((await run(step, header)).header.parts).compression, to);
    }),
    { numRuns: 60 },
  );
});

t.test('convert leaves Cryptomattes and whole numbers alone', async (t) => {
  const { header, codes } = await run(convert({ to: 'half' }), panel);
  const types = (pattern: RegExp): Set<string> =>
    new Set(single(header.parts).channels.flatMap(({ name, type }) => (pattern.test(name) ? [type] : [])));
  t.same(types(/Crypto/), new Set(['float']));
  t.same(types(/Combined/), new Set(['half']));
  t.same(codes, ['CRYPTOMATTE_KEPT', 'HALF_TOO_SMALL']);

  const lost = fixtureHeader('blender/b3_lost_sepcomb.0001.exr');
  const orphans = await run(convert({ to: 'half' }), lost);
  t.ok(single(orphans.header.parts).channels.every(({ name, type }) => !/Crypto/.test(name) || type === 'float'));

  const some = await run(convert({ to: 'half', only: ['BG.Combined', '*.DiffCol.R', 'nope'] }), panel);
  const halves = single(some.header.parts).channels.filter(({ type }) => type === 'half');
  t.same(
    halves.map(({ name }) => name),
    [
      'BG.Combined.A',
      'BG.Combined.B',
      'BG.Combined.G',
      'BG.Combined.R',
      'BG.DiffCol.R',
      'Chars.DiffCol.R',
      'FG elements.DiffCol.R',
    ],
  );
  t.same(some.codes, ['NO_MATCH']);

  const mixed = makeHeader(makePart([{ name: 'id', type: 'uint' }, { name: 'R', type: 'half' }, { name: 'Z' }]));
  const wide = await run(convert({ to: 'float' }), mixed);
  t.same(
    single(wide.header.parts).channels.map(({ name, type }) => [name, type]),
    [
      ['R', 'float'],
      ['Z', 'float'],
      ['id', 'uint'],
    ],
  );
  t.same(wide.codes, []);
});

t.test('convert warns of what names say half is bad for, layer by layer', async (t) => {
  /** The channels named by the two warnings. */
  const warned = async (...channels: readonly string[]) => {
    const header = makeHeader(makePart(channels.map((name) => ({ name }))));
    const { notices } = await run(convert({ to: 'half' }), header);
    const named = (code: string) =>
      notices
        .flatMap((notice) => (notice.code === code ? [...notice.message.matchAll(/"([^"]*)"/g)] : []))
        .map((found) => found[1]);
    return [named('HALF_TOO_SMALL'), named('HALF_INDICES')];
  };
  // What Mitsuba writes, each layer with its letters.
  t.same(await warned('pos.X', 'pos.Y', 'pos.Z'), [['pos.X', 'pos.Y', 'pos.Z'], []]);
  t.same(await warned('dpu.X', 'dpu.Y', 'dpu.Z'), [['dpu.X', 'dpu.Y', 'dpu.Z'], []]);
  t.same(await warned('gn.X', 'gn.Y', 'gn.Z', 'View.Normal.X', 'View.Normal.Y', 'View.Normal.Z'), [[], []]);
  t.same(await warned('duv.U', 'duv.V'), [['duv.U', 'duv.V'], []]);
  t.same(await warned('pi.I', 'si.I', 'dd.y.T'), [[], ['pi.I', 'si.I']]);
  t.same(await warned('S0.I', 'S0.Q', 'S0.U'), [[], []], 'intensity among other components');
  t.same(await warned('Y', 'U', 'V'), [[], []], 'colour');
  t.same(await warned('R', 'G', 'B', 'Z', 'ZBack'), [['Z', 'ZBack'], []]);
  t.same(await warned('v.Depth.V', 'v.Mist.Z', 'v.Mist.V'), [['v.Depth.V'], []]);
  t.same(await warned('v.Vector.W', 'v.Vector.X'), [['v.Vector.W', 'v.Vector.X'], []]);
  t.same(await warned('v.IndexOB.X', 'v.Object Index.X', 'instanceId', 'fluid'), [
    [],
    ['instanceId', 'v.IndexOB.X', 'v.Object Index.X'],
  ]);
  t.same(await warned('P.R', 'P.G', 'P.B'), [['P.B', 'P.G', 'P.R'], []]);

  const parts = makeHeader(
    makePart([{ name: 'R' }], {}, { name: 'v.Depth' }),
    makePart([{ name: 'X' }, { name: 'id', type: 'uint' }], {}, { name: 'v.IndexMA', number: 1 }),
  );
  const { codes } = await run(convert({ to: 'half' }), parts);
  t.same(codes, ['HALF_TOO_SMALL'], 'a part is a layer; uint stays, and beside it X is no index');
  t.same((await run(convert({ to: 'half', only: ['*'] }), parts)).codes, [], 'what is asked for by name is meant');
  t.same((await run(convert({ to: 'float' }), parts)).codes, []);
});
