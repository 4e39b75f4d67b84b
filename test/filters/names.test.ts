import fc from 'fast-check';
import t from 'tap';
import { rename } from '../../filters/rename.js';
import { parseSubstitution } from '../../filters/shared/substitution.js';
import { layerKey } from '../../lib/cryptomatte/index.js';
import { parseHeader } from '../../lib/format/header-parser.js';
import { writeHeader } from '../../lib/format/header-writer.js';
import { compareText } from '../../lib/format/index.js';
import { type Header, sourcePlanes } from '../../lib/index.js';
import { headerSets } from '../../lib/layers/index.js';
import { fixtureHeader, layer, makeHeader, makePart, single } from '../cryptomatte/fixtures.js';
import { failure, run, thrown } from './support.js';

const panel = fixtureHeader('blender/headers/panel_f32_zip.header');
const odd = fixtureHeader('blender/headers/panel_layernames.header');
const multi = fixtureHeader('blender/headers/oiio_multipart_viewlayers.header');
const stereo = fixtureHeader('blender/headers/panel_stereo.header');
const lost = fixtureHeader('blender/b3_lost_sepcomb.0001.exr');

/** Old name to new name, found through the planes: what really happens to each channel's pixels. */
function moves(before: Header, after: Header): Map<string, string> {
  const found = new Map<string, string>();
  for (const { channels } of after.parts)
    for (const channel of channels) {
      const plane = single(sourcePlanes(channel));
      const old = before.parts[plane.part]?.channels[plane.index];
      found.set(old?.name ?? '?', channel.name);
    }
  return found;
}

function setNames(header: Header): (string | undefined)[] {
  return headerSets(header).map(({ name }) => name);
}

t.test('--map: channels, layers, Cryptomattes; the most exact one wins', async (t) => {
  const { header, codes } = await run(
    rename({
      map: [
        'Chars=main',
        'Chars.Combined=beauty',
        'Chars.Combined.A=alpha.A',
        'Chars.CryptoObject=crypto_object',
        'BG.Depth.Z=Z',
      ],
    }),
    panel,
  );
  t.same(codes, []);
  const moved = moves(panel, header);
  t.equal(moved.get('Chars.DiffCol.R'), 'main.DiffCol.R');
  t.equal(moved.get('Chars.Combined.R'), 'beauty.R');
  t.equal(moved.get('Chars.Combined.A'), 'alpha.A');
  t.equal(moved.get('Chars.CryptoObject01.g'), 'crypto_object01.g');
  t.equal(moved.get('Chars.CryptoAsset00.b'), 'main.CryptoAsset00.b');
  t.equal(moved.get('BG.Depth.Z'), 'Z');
  t.equal(moved.get('BG.Combined.R'), 'BG.Combined.R');
  t.ok(setNames(header).includes('crypto_object'));
  t.ok(setNames(header).includes('main.CryptoAsset'));
  t.same(
    headerSets(header)
      .map(({ key }) => key)
      .toSorted(),
    headerSets(panel)
      .map(({ key }) => key)
      .toSorted(),
  );
  t.doesNotThrow(() => writeHeader(header));
});

t.test('--map: swapping, taking a layer away, giving one, blanks and dots in names', async (t) => {
  const part = makePart([...layer('a', 'RG'), ...layer('b', 'RG'), { name: 'Z' }]);
  const swapped = moves(makeHeader(part), (await run(rename({ map: ['a=b', 'b=a'] }), makeHeader(part))).header);
  t.same([...swapped].toSorted(), [
    ['Z', 'Z'],
    ['a.G', 'b.G'],
    ['a.R', 'b.R'],
    ['b.G', 'a.G'],
    ['b.R', 'a.R'],
  ]);
  const root = moves(makeHeader(part), (await run(rename({ map: ['a=', '=depth'] }), makeHeader(part))).header);
  t.equal(root.get('a.R'), 'R');
  t.equal(root.get('Z'), 'depth.Z');
  t.equal(root.get('b.R'), 'b.R');

  const { header } = await run(rename({ map: ['main.chars.v2=chars', 'Bäume (木)=trees', '1st layer=first'] }), odd);
  t.equal(moves(odd, header).get('main.chars.v2.Combined.R'), 'chars.Combined.R');
  t.ok(setNames(header).includes('trees.CryptoMaterial'));
  const attributes = single(header.parts).attributes;
  t.ok(attributes.has('cycles.first.samples'), 'Cycles statistics follow');
  t.notOk(attributes.has('cycles.1st layer.samples'));
});

t.test('--map: ranks without metadata, and in stereo', async (t) => {
  const plain = await run(rename({ map: ['main.CryptoObject=ids'] }), lost);
  t.equal(moves(lost, plain.header).get('main.CryptoObject02.A'), 'ids02.A');
  const views = await run(rename({ map: ['BG.CryptoObject=ids'] }), stereo);
  t.equal(moves(stereo, views.header).get('BG.CryptoObject01.left.r'), 'ids01.left.r');
  t.ok(setNames(views.header).includes('ids'));
});

t.test('prefixes and regular expressions, in their order', async (t) => {
  const { header, codes } = await run(
    rename({
      regex: ['s/^(BG|FG elements)\\./other_$1./', 's|CRYPTO|crypto_|i'],
      stripPrefix: ['Chars'],
      addPrefix: 'x.',
    }),
    panel,
  );
  t.same(codes, []);
  const moved = moves(panel, header);
  t.equal(moved.get('Chars.Combined.R'), 'x.Combined.R', 'the dot that a prefix leaves goes too');
  t.equal(moved.get('BG.Combined.R'), 'x.other_BG.Combined.R');
  t.equal(moved.get('FG elements.CryptoObject00.r'), 'x.other_FG elements.crypto_Object00.r');
  t.ok(setNames(header).includes('x.other_FG elements.crypto_Object'));

  for (const [text, name, expected] of [
    ['s/a/b/', 'aa', 'ba'],
    ['s/a/b/g', 'aa', 'bb'],
    ['s#/#.#g', 'a/b/c', 'a.b.c'],
    ['s/\\//./', 'a/b', 'a.b'],
    ['s/(.)(.)/\\2\\1/', 'xy', 'yx'],
    ['s/(.)(.)/$2$1/', '🌲y', 'y🌲'],
    ['s/\\.R$/.red/', 'a.R', 'a.red'],
    ['s/a/\\$1/', 'a', '$1'],
  ] as const)
    t.equal(parseSubstitution(text)(name), expected, text);
  for (const text of ['', 's', 's/a', 's/a/b', 's/a/b/x', 's/(/b/', 'y/a/b/', 'sxaxbx', 's/a/b/g/'])
    t.match(
      thrown(() => rename({ regex: [text] })),
      { kind: 'usage', code: 'BAD_REGEX' },
      text,
    );
});

t.test('parts are renamed too, and can be chosen', async (t) => {
  const { header } = await run(rename({ map: ['Chars=main'], addPrefix: 'sh010_' }), multi);
  t.same(
    header.parts.map(({ name }) => name),
    ['sh010_main', 'sh010_BG', 'sh010_FG elements'],
  );
  const one = await run(rename({ stripPrefix: ['BG.', 'Chars.'], part: ['BG'] }), multi);
  t.equal(one.header.parts[1]?.channels[0]?.name, 'Combined.A');
  t.equal(one.header.parts[0]?.channels[0]?.name, 'Chars.Combined.A');
  t.equal(one.header.parts[1]?.name, 'BG');
});

t.test('keys stay, or are recomputed', async (t) => {
  const kept = await run(rename({ map: ['Chars=main'] }), panel);
  t.ok(headerSets(kept.header).some(({ key, name }) => key === 'cb14cba' && name === 'main.CryptoObject'));
  const made = await run(rename({ map: ['Chars=main'], rekey: true }), panel);
  // BLENDER.md's table of keys: main.CryptoObject is a3346d2.
  t.ok(headerSets(made.header).some(({ key, name }) => key === 'a3346d2' && name === 'main.CryptoObject'));
  t.ok(headerSets(made.header).some(({ key, name }) => key === '5db8bfa' && name === 'BG.CryptoObject'));
});

t.test('bad names are one error that lists the first of them', async (t) => {
  const clash = await failure(rename({ map: ['Chars=BG'] }), panel);
  t.match(clash, { kind: 'usage', code: 'BAD_NAMES', hint: /drop/ });
  for (const name of ['Combined.A', 'Combined.R'])
    t.match(clash.message, `"BG.${name}" and "Chars.${name}" would all be called "BG.${name}"`);
  t.match(clash.message, /and \d+ more$/);
  const illegal = await failure(rename({ map: ['BG.Depth.Z=', 'BG.Mist.Z=.x', 'BG.Combined.R=a..b.R'] }), panel);
  t.match(illegal.message, /"BG\.Depth\.Z" would become "", which is empty/);
  t.match(illegal.message, /"BG\.Mist\.Z" would become "\.x"/);
  t.match(illegal.message, /"BG\.Combined\.R" would become "a\.\.b\.R"/);
  t.match(await failure(rename({ addPrefix: 'ä'.repeat(125) }), panel), { message: /longer than 255 bytes/ });
  t.match(await failure(rename({ regex: ['s/.*/all/'] }), multi), { message: /3 parts would be called "all"/ });
  t.match(await failure(rename({ stripPrefix: ['Chars.', 'BG.', 'FG elements.'] }), panel), { code: 'BAD_NAMES' });

  const { header } = await run(rename({ addPrefix: 'shot.' }), odd);
  t.ok(
    single(header.parts).channels.some(({ name }) => name.startsWith('shot.a_view') && name.endsWith('characte.')),
    'an illegal name that arrived is not this step’s business',
  );
});

t.test('options that cannot work, and names that are not there', async (t) => {
  t.match(
    thrown(() => rename({})),
    { code: 'NOTHING_ASKED' },
  );
  t.match(
    thrown(() => rename({ map: ['Chars'] })),
    { code: 'BAD_MAP' },
  );
  t.match(
    thrown(() => rename({ map: ['='] })),
    { code: 'BAD_MAP' },
  );
  t.match(
    thrown(() => rename({ map: ['a=b', 'a=c'] })),
    { code: 'BAD_MAP' },
  );
  t.match(await run(rename({ map: ['Nope=x', 'BG=b'] }), panel), { codes: ['NO_MATCH'] });
  t.match(await run(rename({ stripPrefix: ['Nope.'] }), panel), { codes: ['NOTHING_RENAMED'] });
});

t.test('property: a rename keeps planes with their channels, sorted, and can be undone', async (t) => {
  const piece = fc.constantFrom('a', 'B', 'é', '🌲', 'Z z', '_', '10', '9');
  const target = fc.array(piece, { minLength: 1, maxLength: 3 }).map((pieces) => pieces.join('.'));
  const sources = ['Chars', 'BG', 'FG elements.Depth', 'FG elements.CryptoObject', 'BG.Combined'];
  const pairs = fc.uniqueArray(fc.tuple(fc.constantFrom(...sources), target), {
    minLength: 1,
    selector: ([from]) => from,
  });
  await fc.assert(
    fc.asyncProperty(pairs, async (map) => {
      // Targets of their own for each pair, so that nothing clashes and the way back is plain.
      const unique = map.map(([from, to], index) => [from, `${to}#${index}`] as const);
      const forth = await run(rename({ map: unique.map(([from, to]) => `${from}=${to}`) }), panel);
      const after = single(forth.header.parts);
      t.strictSame(
        after.channels,
        after.channels.toSorted((a, b) => compareText(a.name, b.name)),
      );
      t.equal(new Set(after.channels.map(({ plane }) => JSON.stringify(plane))).size, after.channels.length);
      const read = parseHeader(writeHeader(forth.header)).header;
      t.strictSame(
        read.parts[0]?.channels.map(({ name, type }) => [name, type]),
        after.channels.map(({ name, type }) => [name, type]),
      );
      const back = await run(rename({ map: unique.map(([from, to]) => `${to}=${from}`) }), forth.header);
      t.strictSame(single(back.header.parts).channels, single(panel.parts).channels);
      t.strictSame(writeHeader(back.header), writeHeader(panel), 'byte for byte, attributes included');
    }),
    { numRuns: 25 },
  );
});

t.test('--preset: names of a program, with what gives the first ones back', async (t) => {
  const { header, codes } = await run(rename({ preset: 'arnold' }), lost);
  t.same(codes, []);
  const names = single(header.parts).channels.map(({ name }) => name);
  for (const name of ['R', 'Z', 'crypto_object00.R']) t.ok(names.includes(name), name);
  const back = await run(rename({ preset: 'blender' }), (await run(rename({ preset: 'nuke' }), panel)).header);
  t.strictSame(writeHeader(back.header), writeHeader(panel), 'byte for byte');
  t.match(await run(rename({ preset: 'blender' }), panel), { codes: ['NOTHING_RENAMED'] });
});

t.test('--preset comes before the other options, which see its names', async (t) => {
  const { header, codes } = await run(rename({ preset: 'arnold', map: ['crypto_object=ids'], addPrefix: 'x.' }), lost);
  t.same(codes, []);
  const names = single(header.parts).channels.map(({ name }) => name);
  t.ok(names.includes('x.ids00.R') && names.includes('x.R'));
  const keyed = await run(rename({ preset: 'nuke', rekey: true }), panel);
  t.ok(headerSets(keyed.header).every(({ key, name }) => name !== undefined && key === layerKey(name)));
});

t.test('--preset with --part leaves the other parts alone', async (t) => {
  const { header } = await run(rename({ preset: 'arnold', part: ['BG'] }), multi);
  const names = header.parts.map(({ channels }) => channels.map(({ name }) => name));
  t.ok(names[1]?.includes('BG.crypto_object00.R'));
  t.ok(names[0]?.includes('Chars.CryptoObject00.r'));
});

t.test("--preset and --from-preset take files of one's own", async (t) => {
  const yaml = 'like: arnold\nsummary: Ours.\npasses: { depth: dist }\ncryptomattes:\n  object: ids\n';
  const texts = { 'studio.yaml': yaml, 'studio.json': '{"like": "arnold", "cryptomattes": {"object": "ids"}}' };
  for (const preset of ['studio.yaml', 'studio.json']) {
    const { header } = await run(rename({ preset }), panel, { texts });
    t.ok(setNames(header).includes('Chars.ids'), preset);
    const back = await run(rename({ preset: 'blender', fromPreset: preset }), header, { texts });
    t.strictSame(writeHeader(back.header), writeHeader(panel), `${preset} and back`);
  }
  const aliases = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]\n`).join('');
  for (const [text, message] of [
    ['like: [', /not YAML/],
    ['like: maya', /no preset "maya"/],
    ['passes: { depth: 1 }', /passes\.depth/],
    ['__proto__: { like: nuke }', /"__proto__" is not a field/],
    [`a0: &a0 [x, x]\n${aliases}`, /not YAML/],
    ['', /list of names/],
  ] as const)
    t.match(await failure(rename({ preset: 'x.yml' }), panel, { texts: { 'x.yml': text } }), {
      kind: 'usage',
      message,
      where: { file: 'x.yml' },
    });
  const long = `summary: ${'x'.repeat(1 << 20)}`;
  t.match(await failure(rename({ preset: 'x.yml' }), panel, { texts: { 'x.yml': long } }), { kind: 'limit' });
});

t.test('presets that cannot be', async (t) => {
  t.match(
    thrown(() => rename({ preset: 'maya' })),
    { code: 'NO_SUCH_PRESET', hint: /nuke/ },
  );
  t.match(
    thrown(() => rename({ fromPreset: 'blender', addPrefix: 'x' })),
    { code: 'NO_PRESET' },
  );
});
