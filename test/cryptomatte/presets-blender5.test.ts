import fc from 'fast-check';
import t from 'tap';
import { copyAttributes, rename } from '../../filters/index.js';
import { namesAttribute, notedNames } from '../../lib/cryptomatte/presets/note.js';
import { findPreset, passNames, presetFrom } from '../../lib/cryptomatte/presets/preset.js';
import { writeHeader } from '../../lib/format/header-writer.js';
import type { Program } from '../../lib/layers/seen-by/program.js';
import { seenBy, works } from '../../lib/layers/seen-by/seen-by.js';
import type { Header } from '../../lib/model/header.js';
import { run } from '../filters/support.js';
import { fixtureHeader, layer, makeHeader, makePart, setStrings } from './fixtures.js';

const others = ['nuke', 'arnold', 'fusion'];

const frames = [
  ...['allpasses', 'b2_arnoldnames', 'x_empty_name', 'panel_multiview'].map((name) => `blender5/${name}.header`),
  ...[
    'b2_two_dots',
    'b2_nonascii',
    'x_digits',
    'x_left_in_name',
    'x_lowercase',
    'b1_direct_origname',
    'b3_partial_rank0',
  ].map((name) => `seen-by/${name}.header`),
  ...['b1_direct_interleave', 'b2_slash', 'b2_rank123', 'levels2', 'panel_stereo_interleave', 'b1_direct_half_45'].map(
    (name) => `seen-by/${name}.header`,
  ),
].map((path) => [path, fixtureHeader(path)] as const);

async function renamed(header: Header, ...names: string[]): Promise<Header> {
  let after = header;
  for (const preset of names) after = (await run(rename({ preset }), after)).header;
  return after;
}

function working(header: Header, program: Program): (string | undefined)[] {
  return seenBy(header, program)
    .filter(works)
    .map(({ set }) => set.key);
}

function channelNames({ parts }: Header): string[] {
  return parts.flatMap(({ channels }) => channels.map(({ name }) => name));
}

t.test('there and back a frame of Blender 5 is the same to the byte, part names included', async (t) => {
  for (const [path, header] of frames)
    for (const preset of others) {
      const back = await renamed(header, preset, 'blender');
      t.strictSame(Buffer.from(writeHeader(back)), Buffer.from(writeHeader(header)), `${path} by ${preset}`);
    }
});

t.test('by way of two other programs, too', async (t) => {
  for (const [path, header] of frames) {
    const back = await renamed(header, 'arnold', 'nuke', 'fusion', 'blender');
    t.strictSame(Buffer.from(writeHeader(back)), Buffer.from(writeHeader(header)), path);
  }
});

t.test('what Blender found before it finds after every preset', async (t) => {
  for (const [path, header] of frames)
    for (const preset of others)
      t.strictSame(
        working(await renamed(header, preset), 'blender').length >= working(header, 'blender').length,
        true,
        `${path} to ${preset}`,
      );
});

t.test("names for Nuke survive Nuke's reader", async (t) => {
  for (const [path, header] of [...frames, ['digits', fixtureHeader('seen-by/15_digit_crypto.header')] as const]) {
    const all = seenBy(header, 'nuke').map(({ set }) => set.key);
    t.strictSame(working(await renamed(header, 'nuke'), 'nuke'), all, path);
  }
  const digits = await renamed(fixtureHeader('seen-by/15_digit_crypto.header'), 'nuke');
  t.ok(channelNames(digits).includes('_3dcrypto00.r'));
  t.strictSame(channelNames(await renamed(digits, 'fusion')).includes('_3dcrypto00.r'), true);
});

t.test('parts that Nuke wrote go on bearing the names of their layers', async (t) => {
  const header = fixtureHeader('cases/01_nuke_parts.exr');
  const after = await renamed(header, 'nuke');
  t.strictSame(working(after, 'nuke'), working(header, 'nuke'));
  t.strictSame(
    after.parts.map(({ name }) => name),
    header.parts.map(({ name }) => name),
  );
  t.ok(channelNames(after).every((name) => !name.includes('.')));
});

t.test('long pass names are passes that all presets know', async (t) => {
  const header = fixtureHeader('blender5/allpasses.header');
  const arnold = await renamed(header, 'arnold');
  const found = channelNames(arnold);
  for (const name of [
    'R',
    'Z',
    'diffuse_albedo.R',
    'specular_indirect.G',
    'transmission_direct.B',
    'emission.R',
    'background.R',
    'volume_direct.R',
  ])
    t.ok(found.includes(name), name);
  const nuke = channelNames(await renamed(header, 'nuke'));
  for (const name of [
    'DiffCol.R',
    'AO.G',
    'IndexOB.X',
    'Volume_Scatter.R',
    'Denoising_Albedo.R',
    'UV.U',
    'UV.A',
    'Vector.W',
  ])
    t.ok(nuke.includes(name), name);
  t.ok(nuke.every((name) => /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)?$/.test(name)));
  t.equal(arnold.parts[0]?.name, 'rgba');
  t.equal(arnold.parts[1]?.name, 'depth');
});

t.test('Blender keeps the pass names of its version, and a pass without any gets the first', async (t) => {
  for (const name of ['Diffuse Color', 'DiffCol']) {
    const header = makeHeader(makePart([...layer(`VL.${name}`, 'RGB'), ...layer('VL.Depth', 'V')]));
    t.strictSame(channelNames(await renamed(header, 'nuke', 'blender')), channelNames(header), name);
    t.ok(channelNames(await renamed(header, 'blender')).includes(`VL.${name}.R`));
  }
  const arnold = makeHeader(makePart([...layer('diffuse_albedo', 'RGB'), ...layer('specular_direct', 'RGB')]));
  t.ok(channelNames(await renamed(arnold, 'blender')).includes('DiffCol.R'));
});

t.test('passes that the requested names have no word for are reported, at most five', async (t) => {
  const passes = Array.from({ length: 7 }, (_, index) => `aov_${index}`);
  const header = makeHeader(
    makePart([...layer('VL.Combined', 'RGB'), ...passes.flatMap((one) => layer(`VL.${one}`, 'RGB'))]),
  );
  const { notices, header: after } = await run(rename({ preset: 'arnold' }), header);
  t.match(notices, [{ level: 'note', code: 'PASSES_UNKNOWN', message: /"aov_0", .*"aov_4" and 2 more$/ }]);
  t.notMatch(notices[0]?.message, /aov_5/);
  t.same((await run(rename({ preset: 'blender' }), after)).codes, [], 'not on the way back');
  const motion = makeHeader(makePart([...layer('VL.Combined', 'RGB'), ...layer('VL.Vector', 'XYZW')]));
  t.match((await run(rename({ preset: 'arnold' }), motion)).notices, [{ message: /for the pass "Vector"$/ }]);
  t.same((await run(rename({ preset: 'nuke' }), motion)).codes, []);
});

t.test('layers that become equal in plain names are numbered, with ranks after the number', async (t) => {
  const header = makeHeader(
    makePart([...layer('a b00', 'rgba'), ...layer('a_b00', 'rgba'), ...layer('a-b00', 'rgba')], {
      ...setStrings('1111111', 'a b'),
      ...setStrings('2222222', 'a_b'),
      ...setStrings('3333333', 'a-b'),
    }),
  );
  const after = await renamed(header, 'nuke');
  t.strictSame(
    new Set(channelNames(after).filter((name) => name.endsWith('.r'))),
    new Set(['a_b00.r', 'a_b_200.r', 'a_b_300.r']),
  );
  t.equal(working(after, 'nuke').length, 3);
  t.strictSame(channelNames(await renamed(after, 'blender')), channelNames(header));
});

t.test('a beauty or depth with other components stays a layer', async (t) => {
  const header = makeHeader(makePart([...layer('Combined', 'RGBA'), ...layer('Depth', 'RGBA')]));
  const found = channelNames(await renamed(header, 'fusion'));
  t.ok(found.includes('R') && found.includes('Depth.R'));
});

t.test('parts that would all be called alike keep their names', async (t) => {
  const header = makeHeader(
    ...['R', 'G', 'B'].map((name, number) => makePart([{ name }], {}, { name: `part${number}`, number })),
  );
  t.strictSame(
    (await renamed(header, 'blender')).parts.map(({ name }) => name),
    ['part0', 'part1', 'part2'],
  );
});

t.test('the note: one small attribute in the first part, and damage in it does no harm', async (t) => {
  const header = fixtureHeader('seen-by/b2_two_dots.header');
  const after = await renamed(header, 'arnold');
  t.strictSame(
    after.parts.map(({ attributes }) => attributes.has(namesAttribute)),
    after.parts.map((_, number) => number === 0),
  );
  t.match(notedNames(after), { now: 'arnold', before: 'blender', names: new Map([['Z', 'shot.main.Depth.V']]) });
  const text = (value: string): Header => ({
    ...after,
    parts: after.parts.map((part) => ({
      ...part,
      attributes: part.attributes.with(namesAttribute, { type: 'string', value: new TextEncoder().encode(value) }),
    })),
  });
  for (const value of [
    '',
    '{',
    '1',
    'null',
    '{"now":1}',
    '{"now":"arnold","before":"blender","names":null}',
    '{"now":"x","before":"y","names":{"Z":7}}',
  ])
    t.ok(channelNames(await renamed(text(value), 'blender')).includes('shot.main.Depth.Z'), value);
});

t.test('notes about names are not copied to other files', async (t) => {
  const donor = await renamed(fixtureHeader('seen-by/b2_two_dots.header'), 'arnold');
  const header = makeHeader(makePart(layer('VL.Combined', 'RGB')));
  const { header: after } = await run(copyAttributes({ from: 'donor.exr' }), header, { files: { 'donor.exr': donor } });
  t.ok(after.parts[0]?.attributes.has('Software'));
  t.notOk(after.parts[0]?.attributes.names().some((name) => name.startsWith('exrpipe/')));
});

t.test('a preset file may give several names to a pass', (t) => {
  const own = presetFrom({ passes: { diffuseColor: ['albedo', 'diff'] } }, 'studio');
  t.strictSame(passNames(own, 'diffuseColor'), ['albedo', 'diff']);
  t.throws(() => presetFrom({ passes: { diffuseColor: [] } }, 'x'), { message: /passes\.diffuseColor/ });
  t.throws(() => presetFrom({ passes: { diffuseColor: ['a.b'] } }, 'x'), { message: /dots/ });
  t.strictSame(passNames(findPreset('arnold'), 'mist'), []);
  t.end();
});

const piece = fc.constantFrom('main', 'FG elements', '010', 'v.2', 'ü');
const passesOf = [
  ['Combined', 'DiffCol', 'Depth', 'UV', 'Emit', 'aov 1', 'CryptoObject00', '3d00', 'Combined_key', 'IndexOB'],
  [
    'Combined',
    'Diffuse Color',
    'Depth',
    'UV',
    'Emission',
    'aov_1',
    'CryptoObject00',
    '3d00',
    'Combined_rim',
    'Object Index',
  ],
] as const;
const components: Readonly<Record<string, string>> = { Depth: 'V', UV: 'UVA', IndexOB: 'X', 'Object Index': 'X' };
const anyFrame = fc
  .record({
    blender: fc.boolean(),
    parts: fc.boolean(),
    layers: fc
      .constantFrom(...passesOf)
      .chain((passes) =>
        fc.uniqueArray(fc.tuple(piece, fc.constantFrom(...passes)), { minLength: 1, maxLength: 12, selector: String }),
      ),
  })
  .map(({ blender, parts, layers }) => {
    const strings: Record<string, string> = blender ? { BlenderMultiChannel: 'x' } : {};
    const channels = layers.map(([view, name]) => layer(`${view}.${name}`, components[name] ?? 'RGBA'));
    return parts && layers.length > 1
      ? makeHeader(
          ...channels.map((own, number) =>
            makePart(own, number === 0 ? strings : {}, { number, name: layers[number]?.join('.') }),
          ),
        )
      : makeHeader(makePart(channels.flat(), strings));
  });

t.test('what one preset still shows of a view layer and the next one does not comes back', async (t) => {
  const channels = ['FG elements.Combined.A', 'main.Object Index.X', 'main.aov_1.A'].map((name) => ({ name }));
  const header = makeHeader(makePart(channels, {}));
  t.strictSame(channelNames(await renamed(header, 'arnold', 'nuke', 'blender')), channelNames(header));
});

t.test('property: there and back by any two presets, whatever the names', async () => {
  await fc.assert(
    fc.asyncProperty(anyFrame, fc.constantFrom(...others), fc.constantFrom(...others), async (header, there, by) => {
      const back = await renamed(header, there, by, 'blender');
      return Buffer.from(writeHeader(back)).equals(Buffer.from(writeHeader(header)));
    }),
    { numRuns: 300 },
  );
});
