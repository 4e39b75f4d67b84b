import t from 'tap';
import { nameBits } from '../../lib/cryptomatte/hash.js';
import { formatAttribute, makeStringAttribute } from '../../lib/format/attribute-types.js';
import { toSrgb } from '../../lib/look/chromaticities.js';
import { hexColour, IdColours, idColour } from '../../lib/look/id-colour.js';
import { makeRamp } from '../../lib/look/ramp.js';
import { placeIn, RangeFinder } from '../../lib/look/range.js';
import { linearByte, srgbByte } from '../../lib/look/srgb.js';
import { Attributes } from '../../lib/model/attributes.js';

/** As docs/preview.md has them. */
const vectors = ['#55fb78', '#58e333', '#b74e8a'];

t.test('the colours of IDs are those of the page', async (t) => {
  const found = ['Hero', 'tree_01', 'tree_02'].map((name) => hexColour(idColour(nameBits(name))));
  t.strictSame(found, vectors);
  t.strictSame(idColour(0), [0, 0, 0]);
  const colours = new IdColours();
  t.strictSame(colours.of(5), idColour(5));
  t.equal(colours.of(5), colours.of(5), 'worked out once');
});

t.test('the curve of sRGB', async (t) => {
  t.strictSame([0, 0.0031308, 0.2159, 1, 2, -1, Number.NaN].map(srgbByte), [0, 10, 128, 255, 255, 0, 0]);
  t.strictSame([0, 0.5, 1, 7, Number.NaN].map(linearByte), [0, 128, 255, 255, 0]);
});

function withChromaticities(values: readonly number[]): Attributes {
  const names = ['redX', 'redY', 'greenX', 'greenY', 'blueX', 'blueY', 'whiteX', 'whiteY'];
  const value = Object.fromEntries(names.map((name, i) => [name, values[i] ?? 0]));
  return new Attributes([
    ['chromaticities', { type: 'chromaticities', value: formatAttribute('chromaticities', value) }],
  ]);
}

t.test("a file's primaries are taken to those of sRGB", async (t) => {
  t.equal(toSrgb({ attributes: new Attributes() }), undefined);
  const rec709 = withChromaticities([0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329]);
  t.equal(toSrgb({ attributes: rec709 }), undefined, 'they are those already');
  const ap1 = toSrgb({ attributes: withChromaticities([0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767]) });
  // The matrix from ACEScg to linear sRGB, with Bradford's adaptation, as ACES publishes it (TB-2014-004 and OpenColorIO's config).
  const published = [1.70505, -0.62179, -0.08326, -0.13026, 1.1408, -0.01055, -0.024, -0.12897, 1.15297];
  t.ok(
    ap1?.every((value, i) => Math.abs(value - (published[i] ?? 0)) < 2e-4),
    String(ap1),
  );
  const named = toSrgb({ attributes: new Attributes([['colorInteropID', makeStringAttribute('lin_ap1_scene')]]) });
  t.ok(
    named?.every((value, i) => Math.abs(value - (ap1?.[i] ?? 0)) < 1e-5),
    'also by its name',
  );
  const mad = withChromaticities([0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3]);
  t.equal(toSrgb({ attributes: mad }), undefined, 'what spans no space is ignored');
});

t.test('ranges leave out what is no depth, and logarithms begin somewhere', async (t) => {
  const finder = new RangeFinder();
  finder.add(Float32Array.of(3, 1e10, Number.POSITIVE_INFINITY, Number.NaN, 12), 'float');
  t.strictSame(finder.range, { min: 3, max: 12 });
  t.strictSame(new RangeFinder().range, { min: 0, max: 1 });
  const halves = new RangeFinder();
  halves.add(Float32Array.of(65504, 2), 'half');
  t.strictSame(halves.range, { min: 2, max: 2 });
  t.strictSame([3, 7.5, 12].map(placeIn(finder.range, false)), [0, 0.5, 1]);
  t.ok(Math.abs(placeIn(finder.range, true)(6) - 0.5) < 1e-9);
  t.equal(placeIn({ min: 2, max: 2 }, false)(2), 0.5);
  t.equal(placeIn({ min: -1, max: 5 }, true)(-1), 0);
});

t.test('colour maps grow brighter all the way', async (t) => {
  for (const name of ['viridis', 'grey'] as const) {
    const ramp = makeRamp(name);
    const light = Array.from({ length: 1024 }, (_, i) => 2 * (ramp[i * 3] ?? 0) + 5 * (ramp[i * 3 + 1] ?? 0));
    t.ok(
      light.every((value, i) => i === 0 || value >= (light[i - 1] ?? 0) - 2),
      name,
    );
  }
});
