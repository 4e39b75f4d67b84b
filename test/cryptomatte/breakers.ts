/** Headers that each break one rule. */
import { nameBits } from '../../lib/cryptomatte/hash.js';
import { formatManifest } from '../../lib/cryptomatte/manifest.js';
import { formatAttribute } from '../../lib/format/attribute-types.js';
import type { Header, Part } from '../../lib/model/header.js';
import { decodeText, encodeText } from '../../lib/model/text.js';
import { fixtureHeader, layer, makeHeader, makePart, setStrings, single } from './fixtures.js';

export const names = ['Hero', 'Prop', 'Ground', 'Sky'];
export const manifest = decodeText(formatManifest(names.map((name) => [name, nameBits(name)])));
const sound = setStrings('3ae39a5', 'CryptoObject', manifest);
export const channels = layer('CryptoObject00', 'rgba');

/** A sound single-part header, with some of its attributes or fields changed. */
export function changed(strings: Record<string, string | undefined>, fields: Partial<Part> = {}): Header {
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

export const withManifest = (text: string): Header => changed({ 'cryptomatte/3ae39a5/manifest': text });

const typed = (name: string, type: string): Header => {
  const header = changed({});
  const part = single(header.parts);
  const attributes = part.attributes.with(name, { type, value: encodeText('x') });
  return { ...header, parts: [{ ...part, attributes }] };
};

const withFloat = (name: string, value: number): Header => {
  const part = single(changed({}).parts);
  const attributes = part.attributes.with(name, { type: 'float', value: formatAttribute('float', value) });
  return makeHeader({ ...part, attributes });
};

/** A header that breaks each header rule. */
export const breakers: Readonly<Record<string, Header>> = {
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
  'CM-C15': withChannels([...layer('main.CryptoObject00', 'rgba'), { name: 'R' }], 'main.CryptoObject'),
  'CM-C16': withChannels([...channels, { name: 'CryptoObject00.matte' }]),
  'CM-C17': withChannels([...channels, ...Array.from({ length: 1020 }, (_, index) => ({ name: `aov${index}.Y` }))]),
  'CM-D01': withChannels(layer('CryptoObject00', 'rgba', 'half')),
  'CM-D02': changed({}, { compression: 'pxr24' }),
  'CM-D03': withChannels(layer('CryptoObject00', 'RGBA'), 'CryptoObject', { compression: 'dwaa' }),
  'CM-D05': changed(
    {},
    { channels: single(changed({}).parts).channels.map((channel) => ({ ...channel, xSampling: 2 })) },
  ),
  'CM-D10': changed({}, { displayWindow: { xMin: 0, yMin: 0, xMax: 9, yMax: 9 } }),
  'CM-D11': makeHeader(
    makePart(channels, sound, { name: 'a' }),
    makePart([{ name: 'R' }], {}, { name: 'b', dataWindow: { xMin: 0, yMin: 0, xMax: 3, yMax: 3 } }),
  ),
  'CM-D14': changed({ colorInteropID: 'lin_ap1_scene' }),
  'CM-D15': changed({}, { compression: 'htj2k32' }),
  'CM-E01': makeHeader(
    makePart([{ name: 'R' }], {}, { name: 'a' }),
    makePart(channels, sound, { name: 'b', number: 1 }),
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
  'CM-E07': changed({}, { name: 'BG' }),
  'CM-F01': makeHeader(
    makePart([{ name: 'R' }], {}, { name: 'a' }),
    makePart([{ name: 'G' }], {}, { name: 'b', number: 1, displayWindow: { xMin: 0, yMin: 0, xMax: 9, yMax: 9 } }),
  ),
  'CM-F02': makeHeader(
    makePart([{ name: 'R' }], {}, { name: 'a' }),
    makePart([{ name: 'G' }], {}, { name: 'a', number: 1 }),
  ),
  'CM-F03': withFloat('pixelAspectRatio', 0),
  'CM-F08': changed({}, { compression: 'zstd' }),
  'CM-G01': withFloat('gamma', 2.2),
  'CM-G02': changed({ FILE_NAME: '/home/artist/shot.exr' }),
  'CM-G03': changed(
    {},
    {
      type: 'tiledimage',
      tiles: { width: 16, height: 4, levels: 'one', rounding: 'down' },
      dataWindow: { xMin: 0, yMin: 0, xMax: 99, yMax: 99 },
    },
  ),
};
