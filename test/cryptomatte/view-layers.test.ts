import t from 'tap';
import { placesOf } from '../../lib/layers/place.js';
import { groupBy } from '../../lib/model/group-by.js';
import type { Header } from '../../lib/model/header.js';
import { fixtureHeader, layer, makeHeader, makePart } from './fixtures.js';

function counts(header: Header): Record<string, number> {
  const layers = groupBy(placesOf(header).values(), ({ viewLayer }) => viewLayer);
  return Object.fromEntries([...layers].map(([name, places]) => [name, places.length]));
}

/** What follows the view layer in the names of its layers. */
function passesOf(header: Header, name: string): string[] {
  const places = [...placesOf(header).values()].filter(({ viewLayer }) => viewLayer === name);
  return [...new Set(places.map(({ layer }) => (name === '' ? layer : layer.slice(name.length + 1))))];
}

t.test('the panel file has three view layers of 63 channels', async (t) => {
  const header = fixtureHeader('blender/headers/panel_f32_zip.header');
  t.strictSame(counts(header), { BG: 63, Chars: 63, 'FG elements': 63 });
  t.ok(passesOf(header, 'FG elements').includes('CryptoObject00'));
  t.ok(passesOf(header, 'FG elements').includes('aov_mask'), 'a pass of the artist too');
});

t.test('dots, blanks, digits and other scripts may stand in view layer names', async (t) => {
  t.strictSame(counts(fixtureHeader('blender/headers/panel_layernames.header')), {
    '1st layer': 41,
    'Bäume (木)': 41,
    'main.chars.v2': 41,
    // Blender cut the names at 63 bytes and kept one channel.
    a_view_layer_with_a_really_long_name_up_to_sixty_three_characte: 1,
  });
});

t.test('views are not part of the pass', async (t) => {
  const header = fixtureHeader('blender/headers/panel_stereo.header');
  t.strictSame(counts(header), { BG: 126, Chars: 126, 'FG elements': 126 });
  t.ok(passesOf(header, 'BG').includes('CryptoAsset01'));
  t.notOk(passesOf(header, 'BG').some((pass) => /left|right/.test(pass)));
});

t.test('File Output slots named like the panel, with and without metadata', async (t) => {
  t.strictSame(counts(fixtureHeader('blender/headers/b4_three_layers_lost.header')), {
    BG: 41,
    Chars: 41,
    'FG elements': 41,
  });
  t.strictSame(counts(fixtureHeader('blender/b3_lost_sepcomb.0001.exr')), { main: 41 });
});

t.test('parts hold view layers as they come', async (t) => {
  const places = placesOf(fixtureHeader('blender/headers/oiio_multipart_viewlayers.header')).values();
  t.strictSame(
    [...groupBy(places, ({ viewLayer }) => viewLayer)].map(([name, own]) => [
      name,
      [...new Set(own.map(({ part }) => part))],
    ]),
    [
      ['Chars', [0]],
      ['BG', [1]],
      ['FG elements', [2]],
    ],
  );
});

t.test('Blender 5: one part for each pass, named after view layer and pass', async (t) => {
  const header = makeHeader(
    makePart(layer('my.layer.Combined', 'RGBA'), { view: 'left' }, { name: 'my.layer.Combined-left' }),
    makePart([{ name: 'R' }, { name: 'G' }], { view: 'left' }, { name: 'my.layer.Emit-left', number: 1 }),
    makePart([{ name: 'X' }], {}, { name: 'other.Normal', number: 2 }),
  );
  t.strictSame(counts(header), { 'my.layer': 6, other: 1 });
  t.strictSame(passesOf(header, 'my.layer'), ['Combined', 'Emit']);
});

t.test('the longest known view layer wins', async (t) => {
  const header = makeHeader(
    makePart([
      ...layer('main.Combined', 'RGB'),
      ...layer('main.chars.Combined', 'RGB'),
      ...layer('main.chars.look', 'RGB'),
    ]),
  );
  t.strictSame(counts(header), { main: 3, 'main.chars': 6 });
});

t.test('a view layer may be called like a pass', async (t) => {
  const header = makeHeader(
    makePart([...layer('Depth.Combined', 'RGB'), ...layer('Depth.Depth', 'Z'), ...layer('Mist', 'Z')]),
  );
  t.strictSame(counts(header), { Depth: 4, '': 1 });
});

t.test('what belongs to no view layer is kept together', async (t) => {
  const header = makeHeader(
    makePart([{ name: 'R' }, { name: 'Z' }, ...layer('diffuse_direct', 'RGB'), ...layer('CryptoObject00', 'rgba')]),
  );
  t.strictSame(counts(header), { '': 9 });
  t.strictSame(passesOf(header, ''), ['CryptoObject00', '', 'diffuse_direct']);
});

t.test('without evidence there is no view layer', async (t) => {
  for (const layers of [
    ['hero.v2.beauty', 'hero.v2.matte'],
    ['dd.y', 'pos', 'sn'],
    ['Ci.003', 'Ci.004'],
  ]) {
    const header = makeHeader(makePart(layers.flatMap((name) => layer(name, 'RGB'))));
    t.strictSame(counts(header), { '': 3 * layers.length }, layers.join(' '));
  }
});
