import t from 'tap';
import { defaultLook, lookOfChannel, lookOfLayer } from '../../lib/look/choose.js';
import { looksOf } from '../../lib/look/looks.js';
import { fixtureHeader, layer, makeHeader, makePart } from '../cryptomatte/fixtures.js';

function kinds(header: Parameters<typeof looksOf>[0]): Record<string, string> {
  return Object.fromEntries(looksOf(header).map(({ layer: name, kind }) => [name, kind]));
}

t.test('every pass of Blender gets the look that fits it', async (t) => {
  const found = kinds(fixtureHeader('blender5/allpasses.header'));
  const { 'Chars.Combined': combined, 'Chars.Depth': depth, 'Chars.Mist': mist, 'Chars.UV': uv } = found;
  t.strictSame({ combined, depth, mist, uv }, { combined: 'colour', depth: 'depth', mist: 'mask', uv: 'uv' });
  t.equal(found['Chars.Normal'], 'normal');
  t.equal(found['Chars.Denoising Normal'], 'normal');
  t.equal(found['Chars.Vector'], 'motion');
  t.equal(found['Chars.Position'], 'position');
  t.equal(found['Chars.Object Index'], 'numbers');
  t.equal(found['Chars.CryptoObject'], 'ids');
  t.equal(found['Chars.CryptoObject00'], undefined, 'ranks are in their Cryptomatte');
});

t.test('names of other programs', async (t) => {
  const part = makePart([
    ...layer('N', 'XYZ'),
    ...layer('P', 'RGB'),
    ...layer('motionvector', 'RG'),
    ...layer('matte', 'R'),
    { name: 'Z', type: 'float' },
    { name: 'id', type: 'uint' },
    { name: 'Y' },
    ...layer('luma', ['Y', 'RY', 'BY']),
  ]);
  t.strictSame(kinds(makeHeader(part)), {
    N: 'normal',
    P: 'position',
    motionvector: 'motion',
    matte: 'grey',
    Z: 'depth',
    id: 'numbers',
    Y: 'grey',
    luma: 'chroma',
  });
});

t.test('the image is the root, else the beauty, else the first colour, else anything', async (t) => {
  const of = (...names: string[]) => {
    const channels = names.flatMap((name) => (name === '' ? [...'RGB'].map((c) => ({ name: c })) : layer(name, 'RGB')));
    return defaultLook(makeHeader(makePart(channels))).layer;
  };
  t.equal(of('a', '', 'Combined'), '');
  t.equal(of('a', 'Chars.Combined', 'beauty'), 'Chars.Combined');
  t.equal(of('a', 'beauty'), 'beauty');
  t.equal(of('a', 'b'), 'a');
  t.equal(defaultLook(makeHeader(makePart([{ name: 'x.V' }]))).layer, 'x');
  const deep = makePart([{ name: 'R' }], {}, { type: 'deepscanline' });
  t.throws(() => defaultLook(makeHeader(deep)), { kind: 'unsupported', code: 'NOTHING_TO_SHOW' });
});

t.test('layers by their names, or the last piece of them', async (t) => {
  const header = makeHeader(makePart([...layer('a.diffuse', 'RGB'), ...layer('a.N', 'XYZ'), ...layer('b.N', 'XYZ')]));
  t.equal(lookOfLayer(header, 'diffuse').layer, 'a.diffuse');
  t.throws(() => lookOfLayer(header, 'N'), { code: 'SEVERAL_FIT', hint: /a\.N/ });
  t.throws(() => lookOfLayer(makeHeader(makePart([{ name: 'Y' }])), 'N'), {
    code: 'NO_SUCH_LAYER',
    hint: /has no name/,
  });
  t.throws(() => lookOfLayer(header, 'a.difuse'), { code: 'NO_SUCH_LAYER', hint: /a\.diffuse/ });
});

t.test('capital and small letters are the same where no layer is spelt so', async (t) => {
  const header = makeHeader(makePart([...layer('Chars.Depth', 'V'), ...layer('mist', 'V'), ...layer('Mist', 'V')]));
  t.equal(lookOfLayer(header, 'depth').layer, 'Chars.Depth');
  t.equal(lookOfLayer(header, 'chars.depth').layer, 'Chars.Depth');
  t.equal(lookOfLayer(header, 'mist').layer, 'mist');
  t.throws(() => lookOfLayer(header, 'MIST'), { code: 'SEVERAL_FIT', hint: /"Mist", "mist"/ });
  t.equal(lookOfChannel(header, 'V', 'DEPTH').layer, 'Chars.Depth.V');
});

t.test('a Cryptomatte is its IDs, not the colours that renderers write under its name', async (t) => {
  const channels = [...layer('crypto_object', 'RGB'), ...layer('crypto_object00', 'RGBA')];
  const header = makeHeader(makePart(channels, { 'cryptomatte/f834d0a/name': 'crypto_object' }));
  const same = looksOf(header).filter(({ layer: name }) => name === 'crypto_object');
  t.strictSame(same.map(({ kind }) => kind).sort(), ['colour', 'ids']);
  t.equal(lookOfLayer(header, 'crypto_object').kind, 'ids');
});

t.test('single channels', async (t) => {
  const header = makeHeader(makePart([...layer('a', 'RGBA'), ...layer('b', 'RGB')]));
  t.match(lookOfChannel(header, 'a.A', undefined), { layer: 'a.A', kind: 'mask' });
  t.match(lookOfChannel(header, 'G', 'b'), { layer: 'b.G', kind: 'grey' });
  t.throws(() => lookOfChannel(header, 'G', undefined), { code: 'SEVERAL_FIT' });
  t.throws(() => lookOfChannel(header, 'Q', undefined), { code: 'NO_SUCH_CHANNEL' });
});

t.test('the views of a stereo file are those of one look', async (t) => {
  const views = looksOf(fixtureHeader('blender/headers/panel_stereo.header')).map(({ views }) => views.length);
  t.ok(
    views.every((count) => count === 2),
    String(views),
  );
});
