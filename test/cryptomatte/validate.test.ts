import t from 'tap';
import { bitsToFloat, nameBits } from '../../lib/cryptomatte/hash.js';
import { pxr24Bits, type SampleReader } from '../../lib/cryptomatte/ids.js';
import { formatManifest } from '../../lib/cryptomatte/manifest.js';
import { SequenceCheck } from '../../lib/cryptomatte/rules/sequence.js';
import { type Target, targets } from '../../lib/cryptomatte/targets.js';
import {
  cryptomatteRules,
  type Finding,
  validateHeader,
  validatePixels,
  validateSequence,
  validateSidecars,
} from '../../lib/cryptomatte/validate.js';
import { Attributes } from '../../lib/model/attributes.js';
import type { Header, Part } from '../../lib/model/header.js';
import { decodeText, encodeText } from '../../lib/model/text.js';
import { fixtureHeader, layer, makeHeader, makePart, only, setStrings } from './fixtures.js';

const ids = (findings: readonly Finding[]): string[] => [...new Set(findings.map(({ rule }) => rule))].sort();
const errors = (findings: readonly Finding[]): string[] => ids(findings.filter(({ severity }) => severity === 'error'));

const names = ['Hero', 'Prop', 'Ground', 'Sky'];
const manifest = decodeText(formatManifest(names.map((name) => [name, nameBits(name)])));
const sound = setStrings('3ae39a5', 'CryptoObject', manifest);
const channels = layer('CryptoObject00', 'rgba');

/** A sound single-part header, with some of its attributes or fields changed. */
function changed(strings: Record<string, string | undefined>, fields: Partial<Part> = {}): Header {
  const all = Object.entries({ ...sound, ...strings }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return makeHeader(makePart(channels, Object.fromEntries(all), fields));
}

const withChannels = (
  list: Parameters<typeof makePart>[0],
  name = 'CryptoObject',
  fields: Partial<Part> = {},
): Header => makeHeader(makePart(list, setStrings('1234567', name, '{}'), fields));

const withManifest = (text: string): Header => changed({ 'cryptomatte/3ae39a5/manifest': text });

const typed = (name: string, type: string): Header => {
  const header = changed({});
  const part = only(header.parts);
  const attributes = part.attributes.with(name, { type, value: encodeText('x') });
  return { ...header, parts: [{ ...part, attributes }] };
};

/** A header that breaks each header rule. */
const breakers: Readonly<Record<string, Header>> = {
  'CM-A01': changed({ 'cryptomatte/a/b/c': 'x' }),
  'CM-A02': typed('cryptomatte/3ae39a5/manifest', 'stringvector'),
  'CM-A03': changed({ 'cryptomatte/3ae39a5/extra': 'x' }),
  'CM-A04': changed({ 'cryptomatte/3ae39a5/hash': undefined }),
  'CM-A05': changed({ 'cryptomatte/3ae39a5/hash': 'murmurhash3_32' }),
  'CM-A06': makeHeader(makePart(channels, setStrings('3ae39a58', 'CryptoObject', manifest))),
  'CM-A07': makeHeader(makePart(channels, setStrings('3AE39A5', 'CryptoObject', manifest))),
  'CM-A08': makeHeader(makePart(channels, setStrings('0', 'CryptoObject', manifest))),
  'CM-A09': changed(setStrings('7654321', 'CryptoObject', manifest)),
  'CM-A11': makeHeader(
    makePart(channels, Object.fromEntries(Object.entries(sound).map(([key, value]) => [`nuke/${key}`, value]))),
  ),
  'CM-A12': changed({ 'cryptomatte/3ae39a5/a_field_of_a_long_name': 'x' }),
  'CM-A13': changed({ 'cryptomatte/3ae39a5/manif_file': 'a.json' }),
  'CM-B01': changed({ 'cryptomatte/3ae39a5/manifest': undefined }),
  'CM-B02': withManifest('nonsense'),
  'CM-B03': withManifest('{"a":"123"}'),
  'CM-B04': withManifest('{"obj45":"00734d5c"}'),
  'CM-B05': withManifest('{"a":"00000001","b":"00000001"}'),
  'CM-B06': withManifest('{"a":"00000000"}'),
  'CM-B07': withManifest('}'),
  'CM-B08': withManifest(`{"a"b":"${nameBits('a"b').toString(16).padStart(8, '0')}"}`),
  'CM-B09': withManifest(`${manifest.slice(0, -1)},`),
  'CM-B10': withManifest('{"\\u6728":"00000001"}'),
  'CM-B11': changed({ 'cryptomatte/3ae39a5/manif_file': '../a.json' }),
  'CM-B13': changed({ 'cryptomatte/3ae39a5/manif_file': 'a.json' }),
  'CM-B14': withManifest(`{"${'a'.repeat(17 << 20)}":"00000001"}`),
  'CM-B16': changed({ 'cryptomatte/3ae39a5/manif_file': 'a.json', 'cryptomatte/3ae39a5/manifest': undefined }),
  'CM-C01': withChannels([...layer('CryptoObject00', 'rgba'), ...layer('CryptoObject02', 'rgba')]),
  'CM-C02': withChannels([...layer('CryptoObject00', 'rgba'), ...layer('CryptoObject01', 'RGBA')]),
  'CM-C04': withChannels([...channels, ...layer('CryptoObject', 'RGBA')]),
  'CM-C05': withChannels(
    Array.from({ length: 11 }, (_, i) => layer(`CryptoObject${String(i).padStart(2, '0')}`, 'rgba')).flat(),
  ),
  'CM-C06': withChannels(layer('shot.main.CryptoObject00', 'rgba'), 'shot.main.CryptoObject'),
  'CM-C07': withChannels(layer('Char200', 'rgba'), 'Char2'),
  'CM-C08': makeHeader(
    makePart([...layer('ids00', 'rgba'), ...layer('idsHi00', 'rgba')], {
      ...setStrings('1111111', 'ids', '{}'),
      ...setStrings('2222222', 'idsHi', '{}'),
    }),
  ),
  'CM-C09': withChannels(layer(`${'long'.repeat(16)}00`, 'rgba'), 'long'.repeat(16)),
  'CM-C10': withChannels([{ name: 'R' }]),
  'CM-C11': makeHeader(makePart(channels)),
  'CM-C12': withChannels(layer('main.CryptoObject00', 'rgba'), 'main.CryptoObject'),
  'CM-C13': changed({}),
  'CM-D01': withChannels(layer('CryptoObject00', 'rgba', 'half')),
  'CM-D02': changed({}, { compression: 'pxr24' }),
  'CM-D03': withChannels(layer('CryptoObject00', 'RGBA'), 'CryptoObject', { compression: 'dwaa' }),
  'CM-D05': changed(
    {},
    { channels: only(changed({}).parts).channels.map((channel) => ({ ...channel, xSampling: 2 })) },
  ),
  'CM-D10': changed({}, { displayWindow: { xMin: 0, yMin: 0, xMax: 9, yMax: 9 } }),
  'CM-D11': makeHeader(
    makePart(channels, sound, { name: 'a' }),
    makePart([{ name: 'R' }], {}, { name: 'b', dataWindow: { xMin: 0, yMin: 0, xMax: 3, yMax: 3 } }),
  ),
  'CM-E01': makeHeader(
    makePart([{ name: 'R' }], sound, { name: 'a' }),
    makePart(channels, {}, { name: 'b', number: 1 }),
  ),
  'CM-E02': makeHeader(
    makePart(channels, sound, { name: 'a' }),
    makePart(layer('CryptoObject01', 'rgba'), sound, { name: 'b', number: 1 }),
  ),
  'CM-E03': makeHeader(
    makePart(channels, sound, { name: 'a' }),
    makePart([{ name: 'R' }], {}, { name: 'b', number: 1 }),
  ),
  'CM-E05': fixtureHeader('blender/headers/panel_stereo.header'),
  'CM-E06': typed('ids', 'idmanifest'),
};

t.test('a sound file breaks no rule', async (t) => {
  t.strictSame(
    validateHeader(changed({})).filter(({ severity }) => severity !== 'info'),
    [],
  );
});

t.test('every header rule sees what breaks it', async (t) => {
  for (const [rule, header] of Object.entries(breakers)) t.ok(ids(validateHeader(header)).includes(rule), rule);
  const stem = validateHeader(makeHeader(makePart([{ name: 'R' }, { name: 'A' }])), { stem: 'shot_CryptoObject00' });
  t.strictSame(ids(stem), ['CM-C14']);
});

t.test('every rule has a test that breaks it', async (t) => {
  const elsewhere = ['CM-A10', 'CM-B12', 'CM-B15', 'CM-C14', 'CM-D06', 'CM-D07', 'CM-D09', 'CM-D12', 'CM-D13'];
  t.strictSame(
    cryptomatteRules.map(({ id }) => id),
    [...Object.keys(breakers), ...elsewhere].sort(),
  );
});

t.test('rules are complete and their texts are sentences', async (t) => {
  for (const { id, meaning, mendedBy, command } of cryptomatteRules) {
    t.match(meaning, /^[A-Z].*\.$/, id);
    t.equal(command !== undefined, mendedBy === 'header' || mendedBy === 'pixels', `${id} has a command if one helps`);
  }
});

/** What the programs themselves made of these files: Blender's node, Psyop's plug-ins for Nuke and Fusion. */
const verdicts: readonly (readonly [string, Target[]])[] = [
  ['blender/b2_main_dot.0001.exr', ['blender', 'nuke', 'fusion']],
  ['blender/b5_direct_Chars.0001.exr', ['blender', 'nuke', 'fusion']],
  ['blender/panel_levels2.0001.exr', ['blender', 'nuke', 'fusion']],
  ['blender/headers/panel_f32_zip.header', ['blender', 'nuke', 'fusion']],
  ['blender/headers/panel_f32_dwaa.header', ['blender', 'nuke', 'fusion']],
  ['blender/headers/oiio_multipart_viewlayers.header', ['blender', 'nuke']],
  ['blender/headers/panel_nasty_eevee_escaped.header', ['blender', 'fusion']],
  ['blender/headers/panel_nasty_cycles_unescaped.header', []],
  ['blender/headers/panel_layernames.header', []],
  ['blender/headers/panel_stereo.header', []],
  ['blender/headers/b4_three_layers_lost.header', []],
  ['blender/b3_lost_sepcomb.0001.exr', []],
  ['blender/b3_partial_material_lost.0001.exr', []],
  ['blender/b2_longname.0001.exr', []],
  ['blender/b5_direct_nasty_FG_elements.0001.exr', []],
  ['blender/b1_direct_half.0001.exr', []],
  ['blender/b1_direct_pxr24.0001.exr', []],
];

t.test('real files: errors exactly for the programs that fail on them', async (t) => {
  for (const [file, working] of verdicts)
    for (const target of ['blender', 'nuke', 'fusion'] as const) {
      const found = errors(validateHeader(fixtureHeader(file), { target }));
      t.equal(found.length === 0, working.includes(target), `${file} in ${target}: ${found}`);
    }
});

t.test('a target sees only what matters to it', async (t) => {
  const header = breakers['CM-A07'] as Header;
  t.ok(errors(validateHeader(header, { target: 'fusion' })).includes('CM-A07'));
  t.notOk(ids(validateHeader(header, { target: 'nuke' })).includes('CM-A07'));
});

t.test('a breach that repeats is counted', async (t) => {
  const text = `{${Array.from({ length: 100 }, (_, index) => `"${index}":"00000001"`).join(',')}}`;
  const found = validateHeader(withManifest(text)).filter(({ rule }) => rule === 'CM-B05');
  t.equal(found.length, 6);
  t.match(found.at(-1)?.message, '94 more');
});

/** Pixels of one rank layer: pairs of ID and coverage, for each pixel two. */
function pixels(...list: readonly (readonly [number, number, number, number])[]): SampleReader {
  return async function* (_, wanted) {
    yield {
      region: { x: 0, y: 0, width: list.length, height: 1 },
      samples: wanted.map((name) => {
        const slot = 'rgba'.indexOf(name.slice(-1));
        return new Float32Array(
          list.map((pixel) => (slot % 2 === 0 ? bitsToFloat(pixel[slot] as number) : (pixel[slot] as number))),
        );
      }),
    };
  };
}

const [hero, prop] = names.map(nameBits) as [number, number];

t.test('pixel rules', async (t) => {
  const header = changed({});
  const check = async (reader: SampleReader) => ids(await validatePixels(header, reader));
  t.strictSame(await check(pixels([hero, 0.5, prop, 0.5])), ['CM-B15']);
  t.strictSame(await check(pixels([hero, 0.5, 0x12345678, 0.5])), ['CM-B15', 'CM-D09']);
  t.strictSame(await check(pixels([0x7f800000, 1, 0, 0], [hero, 1, 0, 0])), ['CM-B15', 'CM-D06', 'CM-D09']);
  t.strictSame(await check(pixels([hero, 0.9, prop, 0.8])), ['CM-B15', 'CM-D07']);
  t.strictSame(await check(pixels([hero, 0.2, prop, 0.8])), ['CM-B15', 'CM-D07']);
  t.strictSame(await check(pixels([pxr24Bits(hero), 1, pxr24Bits(prop), 0])), ['CM-B15', 'CM-D13']);
  t.strictSame(await check(pixels([(hero & 0xffffe000) >>> 0, 1, 0, 0])), ['CM-B15', 'CM-D12']);
  t.strictSame(await check(pixels([0, 0, 0, 0])), ['CM-B15']);
});

t.test('unnamed coverage is measured and placed', async (t) => {
  const [finding] = await validatePixels(changed({}), pixels([hero, 1, 0, 0], [0x12345678, 0.25, hero, 0.75]));
  t.match(finding, { rule: 'CM-D09', severity: 'warning', pixel: { x: 1, y: 0 }, set: 'CryptoObject' });
  t.match(finding?.message, '12.50 %');
});

t.test('sidecars are opened where it is safe', async (t) => {
  const header = (file: string) =>
    changed({ 'cryptomatte/3ae39a5/manif_file': file, 'cryptomatte/3ae39a5/manifest': undefined });
  const opened: string[] = [];
  const files = {
    picture: 'shots/a.exr',
    readFile: async (path: string) => {
      opened.push(path);
      if (path.endsWith('gone.json')) throw new Error('no such file');
      return encodeText(path.endsWith('empty.json') ? '{}' : manifest);
    },
  };
  const good = await validateSidecars(header('a.json'), files);
  t.strictSame(good.findings, []);
  t.strictSame([...(good.names.values().next().value ?? [])].length, 4);
  for (const file of ['gone.json', 'empty.json']) {
    const { findings } = await validateSidecars(header(file), files);
    t.strictSame(ids(findings), ['CM-B12'], file);
  }
  await validateSidecars(header('../../secret.json'), files);
  t.strictSame(opened, ['shots/a.json', 'shots/gone.json', 'shots/empty.json']);
  const pixelFindings = await validatePixels(header('a.json'), pixels([0x12345678, 1, 0, 0]), { sidecars: good.names });
  t.ok(ids(pixelFindings).includes('CM-D09'));
});

t.test('changes over a sequence are reported once each', async (t) => {
  const check = new SequenceCheck();
  check.add('frame 1', changed({}));
  check.add('frame 2', changed({}));
  t.strictSame(validateSequence(check), []);
  const fewer = makeHeader(makePart(channels, setStrings('0000000', 'CryptoObject', manifest)));
  check.add('frame 3', fewer);
  check.add('frame 4', fewer);
  check.add('frame 5', makeHeader(makePart(channels)));
  const found = validateSequence(check);
  t.strictSame(ids(found), ['CM-A10']);
  t.match(found[0]?.message, 'key 0000000 and 1 rank layers (a b g r) instead of key 3ae39a5');
  t.match(found[0]?.message, 'in frame 3 and 1 more frames');
  t.match(found[1]?.message, 'is missing in frame 5');
});

t.test('no header makes a rule fail', async (t) => {
  const odd = makeHeader({ ...makePart([{ name: 'R' }]), attributes: new Attributes() });
  for (const target of [undefined, ...targets]) t.strictSame(validateHeader(odd, { target }), []);
});
