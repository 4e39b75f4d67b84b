/** Which colour space parts say they are in, and which part comes first. */
import fc from 'fast-check';
import t from 'tap';
import { makeStringAttribute } from '../../lib/format/attribute-types.js';
import { stringAttribute } from '../../lib/format/index.js';
import type { Header, Part } from '../../lib/index.js';
import { colourFirst, colourSpace, settleColour } from '../../lib/layers/colour.js';
import { type ChannelSketch, layer, makeHeader, makePart, setStrings } from '../cryptomatte/fixtures.js';

function part(channels: readonly ChannelSketch[], colour?: string, strings: Record<string, string> = {}): Part {
  return makePart(channels, { ...strings, ...(colour === undefined ? {} : { colorInteropID: colour }) });
}

function colours({ parts }: Pick<Header, 'parts'>): (string | undefined)[] {
  return parts.map(({ attributes }) => stringAttribute(attributes.get('colorInteropID')));
}

const ids = layer('main.CryptoObject00', 'rgba');
const beauty = layer('main.Combined', 'RGBA');

t.test('parts that declare nothing about the colour space name none', (t) => {
  t.equal(colourSpace(part(beauty, 'lin_ap1_scene')), 'lin_ap1_scene');
  for (const nothing of [undefined, '', 'unknown']) t.equal(colourSpace(part(beauty, nothing)), undefined);
  const number = { type: 'int', value: new Uint8Array(4) };
  t.equal(colourSpace({ attributes: part([]).attributes.with('colorInteropID', number) }), undefined);
  t.end();
});

t.test('parts of Cryptomattes alone are data, others keep what they say', (t) => {
  const before = makeHeader(
    part(beauty, 'lin_ap1_scene'),
    part(ids, 'lin_ap1_scene'),
    part([...beauty, ...ids], 'lin_ap1_scene'),
    part(layer('main.Depth', 'Z'), 'lin_ap1_scene'),
    part([], 'lin_ap1_scene'),
    part(ids),
  );
  t.same(colours(settleColour(before)), [
    'lin_ap1_scene',
    'data',
    'lin_ap1_scene',
    'lin_ap1_scene',
    'lin_ap1_scene',
    'data',
  ]);
  t.equal(colours(before)[1], 'lin_ap1_scene', 'the header it was given stays');
  t.end();
});

t.test('IDs are recognised by metadata or by their names, not by numbers alone', (t) => {
  const declared = part(layer('masks1', 'rgba'), 'lin_ap1_scene', setStrings('1234567', 'masks'));
  t.same(colours(settleColour(makeHeader(declared))), ['data']);
  const lights = part([...layer('light00', 'rgba'), ...layer('light01', 'rgba')], 'lin_ap1_scene');
  t.same(
    colours(settleColour(makeHeader(lights))),
    ['lin_ap1_scene'],
    'the guard keeps them float; they are colours all the same',
  );
  const preview = part([...layer('CryptoObject', 'RGB'), ...layer('CryptoObject00', 'rgba')], 'lin_ap1_scene');
  t.same(colours(settleColour(makeHeader(preview))), ['lin_ap1_scene'], 'a preview is colour');
  t.end();
});

t.test('files that never named a colour space stay without', (t) => {
  const file = makeHeader(part(ids));
  t.equal(settleColour(file), file);
  const whole = makeHeader(part(beauty, 'lin_rec709_scene'), part(ids));
  t.same(colours(settleColour(file, whole)), ['data'], 'a part of a file that did');
  t.end();
});

t.test('the first part of colour comes before data', (t) => {
  const data = part(layer('main.Depth', 'Z'), 'data');
  const colour = part(beauty, 'lin_rec709_scene');
  const other = part(layer('main.Normal', 'XYZ'), 'data');
  t.same(colourFirst([data, other, colour]), [colour, data, other]);
  for (const parts of [[colour, data], [data, other], [data], []]) t.equal(colourFirst(parts), parts);
  const silent = part(beauty);
  t.same(colourFirst([data, silent]), [silent, data], 'colours of a program that names no colour space');
  t.same(colourFirst([data, part(ids), part(layer('main.Depth', 'Z')), silent])[0], silent, 'IDs and depth are none');
  const unsaid = [part(ids), silent];
  t.equal(colourFirst(unsaid), unsaid, 'where nothing says data, the order is the user’s');
  t.end();
});

t.test('property: settling twice is settling once, and order loses no part', (t) => {
  const anyPart = fc
    .record({
      channels: fc.constantFrom(ids, beauty, [...ids, ...beauty], layer('main.Depth', 'Z'), layer('x', 'rgba')),
      colour: fc.constantFrom(undefined, '', 'unknown', 'data', 'lin_rec709_scene', 'lin_ap1_scene'),
      set: fc.boolean(),
    })
    .map(({ channels, colour, set }) => part(channels, colour, set ? setStrings('1234567', 'main.CryptoObject') : {}));
  fc.assert(
    fc.property(fc.array(anyPart, { maxLength: 5 }), (parts) => {
      const once = settleColour(makeHeader(...parts));
      t.equal(settleColour(once), once);
      t.same(
        once.parts.map(({ channels, attributes }) => [channels, attributes.without('colorInteropID').names()]),
        parts.map(({ channels, attributes }) => [channels, attributes.without('colorInteropID').names()]),
      );
      const ordered = colourFirst(once.parts);
      t.same(new Set(ordered), new Set(once.parts));
      t.equal(ordered.length, parts.length);
      t.equal(colourFirst(ordered), ordered);
      const spaces = ordered.map(colourSpace);
      t.notOk(spaces[0] === 'data' && spaces.some((space) => space !== undefined && space !== 'data'));
    }),
    { numRuns: 200 },
  );
  t.end();
});

t.test('a damaged attribute makes nothing throw', (t) => {
  const broken = part(ids).attributes.with('colorInteropID', { type: 'string', value: Uint8Array.of(0xff, 0xfe) });
  const settled = settleColour(makeHeader({ ...part(ids), attributes: broken }));
  t.same(settled.parts[0]?.attributes.get('colorInteropID'), makeStringAttribute('data'));
  t.end();
});
