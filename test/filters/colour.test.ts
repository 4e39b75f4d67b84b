/** What becomes of attributes other than Cryptomatte's when files are copied, merged and split. */
import t from 'tap';
import { copyAttributes } from '../../filters/copy-attributes.js';
import { merge } from '../../filters/merge.js';
import { pick } from '../../filters/pick.js';
import { setAttribute } from '../../filters/set-attribute.js';
import { split } from '../../filters/split.js';
import { formatAttribute, stringAttribute } from '../../lib/format/index.js';
import type { Attribute, Header, Part } from '../../lib/index.js';
import { fixtureHeader, layer, makeHeader, makePart, setStrings, single } from '../cryptomatte/fixtures.js';
import { failure, joined, run } from './support.js';

const beauty = layer('main.Combined', 'RGBA');
const depth = layer('main.Depth', 'Z');
const ids = layer('main.CryptoObject00', 'rgba');

function names({ parts }: Header): (string | undefined)[] {
  return parts.map(({ name }) => name);
}

function texts({ parts }: Header, attribute: string): (string | undefined)[] {
  return parts.map(({ attributes }) => stringAttribute(attributes.get(attribute)));
}

/** A part of Blender 5: named like its layer, with its colour space. */
function pass(
  channels: readonly { name: string }[],
  colour: string | undefined,
  number = 0,
  strings: Record<string, string> = {},
): Part {
  const name = channels[0]?.name.replace(/\.[^.]*$/, '');
  return makePart(
    channels,
    { ...strings, ...(colour === undefined ? {} : { colorInteropID: colour }) },
    { name, number },
  );
}

async function mergeFiles(files: Record<string, Header>, options: Parameters<typeof merge>[0] = {}) {
  const { header, inputs } = joined(files);
  return run(merge(options), header, { inputs });
}

function chromaticities(...numbers: number[]): Attribute {
  const fields = ['redX', 'redY', 'greenX', 'greenY', 'blueX', 'blueY', 'whiteX', 'whiteY'];
  return {
    type: 'chromaticities',
    value: formatAttribute(
      'chromaticities',
      Object.fromEntries(fields.map((field, at) => [field, numbers[at] ?? 0.3])),
    ),
  };
}

function withAttribute(part: Part, name: string, attribute: Attribute): Part {
  return { ...part, attributes: part.attributes.with(name, attribute) };
}

t.test('copy-attributes keeps what defines how pixels are read', async (t) => {
  const describing = {
    colorInteropID: 'lin_ap1_scene',
    'oiio:ColorSpace': 'ACEScg',
    whiteLuminance: '1',
    adoptedNeutral: '1',
    gamma: '2.2',
    acesImageContainerFlag: '1',
    envmap: 'cube',
    deepImageState: 'tidy',
    dwaCompressionLevel: '45',
    originalDataWindow: '0',
    view: 'left',
    preview: 'x',
  };
  const files = {
    'render.exr': makeHeader(
      withAttribute(
        pass(beauty, undefined, 0, { ...describing, Camera: 'shotCam' }),
        'chromaticities',
        chromaticities(),
      ),
    ),
  };
  const comp = makeHeader(pass(beauty, 'lin_rec709_scene'), pass(depth, 'data', 1), pass(ids, undefined, 2));
  const { header } = await run(copyAttributes({ from: 'render.exr' }), comp, { files });
  t.same(texts(header, 'colorInteropID'), ['lin_rec709_scene', 'data', undefined]);
  t.same(texts(header, 'Camera'), ['shotCam', 'shotCam', 'shotCam']);
  for (const { attributes } of header.parts)
    t.same(
      attributes.names().filter((name) => !['colorInteropID', 'Camera'].includes(name)),
      [],
    );

  for (const name of ['colorInteropID', 'whiteLuminance', 'chromaticities']) {
    const error = await failure(copyAttributes({ from: 'render.exr', only: [name] }), comp, { files });
    t.match(error, { code: 'NOTHING_TO_COPY', hint: `set-attribute ${name}=VALUE` });
  }
  const { header: set } = await run(setAttribute({ attributes: ['colorInteropID=lin_ap1_scene'] }), comp);
  t.equal(texts(set, 'colorInteropID')[0], 'lin_ap1_scene', 'what the hint says works');
});

t.test('neither command sends the user to the other for what neither does', async (t) => {
  const preview = { type: 'preview', value: new Uint8Array(8) };
  const files = { 'render.exr': makeHeader(withAttribute(pass(beauty, undefined), 'preview', preview)) };
  const comp = makeHeader(pass(beauty, undefined));
  const copy = await failure(copyAttributes({ from: 'render.exr', only: ['preview'] }), comp, { files });
  t.notMatch(copy.hint, 'set-attribute');
  t.notMatch((await failure(setAttribute({ attributes: ['preview=1'] }), comp)).hint, 'copy-attributes');
});

t.test('copy-attributes brings values, not placeholders', async (t) => {
  const empty = { Camera: '<none>', File: '<untitled>', RenderTime: '00:00.00', Note: '', Marker: '<none>' };
  const full = { Camera: 'shotCam', File: '/shot.blend', RenderTime: '00:05.47', Note: 'x' };
  const files = {
    'empty.exr': makeHeader(pass(beauty, undefined, 0, empty)),
    'full.exr': makeHeader(pass(beauty, undefined, 0, full)),
  };
  const kept = await run(copyAttributes({ from: 'empty.exr' }), makeHeader(pass(beauty, undefined, 0, full)), {
    files,
  });
  const brought = await run(copyAttributes({ from: 'full.exr' }), makeHeader(pass(beauty, undefined, 0, empty)), {
    files,
  });
  for (const { header } of [kept, brought])
    t.same(
      [...Object.keys(full)].map((name) => texts(header, name)[0]),
      Object.values(full),
    );
  t.equal(texts(kept.header, 'Marker')[0], '<none>', 'where there is no value, the placeholder is as good');
});

t.test('merge: what only one file knows about the image is kept, in any order and in all parts', async (t) => {
  const bare = fixtureHeader('cases/08_merge_a_bare.exr');
  const timed = fixtureHeader('cases/08_merge_b_timecode.exr');
  const source = single(timed.parts).attributes;
  for (const files of [
    { 'a.exr': bare, 'b.exr': timed },
    { 'b.exr': timed, 'a.exr': bare },
  ])
    for (const as of ['single', 'parts'] as const) {
      const { header, codes } = await mergeFiles(files, { as });
      t.same(codes, [], 'nothing differs');
      for (const { attributes } of header.parts)
        for (const name of ['timeCode', 'chromaticities'])
          t.same(attributes.get(name), source.get(name), `${as}: ${name}`);
    }
});

t.test('merge repairs a file in which only a later part has chromaticities', async (t) => {
  const { header, codes } = await run(merge({ as: 'parts' }), fixtureHeader('cases/20_chromaticities_later_part.exr'));
  t.same(codes, []);
  t.same(
    header.parts.map(({ attributes }) => attributes.has('chromaticities')),
    [true, true],
  );
});

t.test('merge: chromaticities within a ten-thousandth are equal, others warn', async (t) => {
  const file = (name: string, attribute?: Attribute): Header => {
    const part = makePart([{ name }]);
    return makeHeader(attribute ? withAttribute(part, 'chromaticities', attribute) : part);
  };
  const codes = async (a?: Attribute, b?: Attribute) => {
    const files = { 'none.exr': file('N'), 'a.exr': file('A', a), 'b.exr': file('B', b) };
    const results = await Promise.all((['single', 'parts'] as const).map((as) => mergeFiles(files, { as })));
    for (const { notices } of results)
      for (const { message } of notices) t.match(message, /"a\.exr"; it differs in "b\.exr"/);
    t.same(results[0]?.codes, results[1]?.codes);
    return results[0]?.codes;
  };
  t.same(await codes(chromaticities(0.64, 0.33), chromaticities(0.6401, 0.3299)), []);
  t.same(await codes(chromaticities(0.64, 0.33), chromaticities(0.6402, 0.33)), ['SHARED_ATTRIBUTE']);
  t.same(await codes(undefined, chromaticities(0.7)), []);
  const short = { type: 'chromaticities', value: new Uint8Array(4) };
  t.same(await codes(chromaticities(), short), ['SHARED_ATTRIBUTE'], 'a damaged one is another');
  const numberless = { type: 'chromaticities', value: new Uint8Array(32).fill(0xff) };
  t.same(await codes(numberless, chromaticities()), ['SHARED_ATTRIBUTE'], 'as is one of no numbers');
});

t.test('merge: colour spaces that differ warn, data goes along with any', async (t) => {
  const files = { 'a.exr': fixtureHeader('cases/32_color_a.exr'), 'b.exr': fixtureHeader('cases/32_color_b.exr') };
  const differing = await mergeFiles(files);
  t.same(differing.notices, [
    {
      level: 'warning',
      code: 'SHARED_ATTRIBUTE',
      message: 'colorInteropID is taken from "a.exr"; it differs in "b.exr"',
    },
  ]);
  t.same(texts(differing.header, 'colorInteropID'), ['lin_ap1_scene']);
  const apart = await mergeFiles(files, { as: 'parts' });
  t.same(apart.codes, ['COLOURS_DIFFER']);
  t.same(texts(apart.header, 'colorInteropID'), ['lin_ap1_scene', 'lin_rec709_scene'], 'each part keeps its own');

  const one = async (...parts: Part[]) => {
    const result = await mergeFiles(Object.fromEntries(parts.map((part, at) => [`${at}.exr`, makeHeader(part)])));
    t.same(result.codes, []);
    return texts(result.header, 'colorInteropID')[0];
  };
  const data = pass(depth, 'data');
  const colour = pass(beauty, 'lin_ap1_scene');
  t.equal(await one(data, colour), 'lin_ap1_scene');
  t.equal(await one(colour, data), 'lin_ap1_scene');
  t.equal(await one(data, pass(layer('main.Normal', 'XYZ'), 'data')), 'data');
  t.equal(await one(pass(ids, 'data'), pass(layer('main.CryptoObject01', 'rgba'), undefined)), 'data');
  t.equal(
    await one(pass(beauty, undefined), data),
    undefined,
    'data does not speak for colours of which nobody speaks',
  );
  t.equal(await one(data, pass(beauty, 'unknown')), undefined);
  t.equal(await one(pass(beauty, undefined), pass(layer('main.AO', 'RGB'), 'lin_ap1_scene')), 'lin_ap1_scene');
});

t.test('merge: values win over placeholders', async (t) => {
  const empty = pass(beauty, 'lin_rec709_scene', 0, {
    Camera: '<none>',
    RenderTime: '00:00.00',
    Scene: 'a',
    Lens: '<none>',
  });
  const full = pass(layer('BG.Combined', 'RGBA'), 'lin_rec709_scene', 0, {
    Camera: 'shotCam',
    RenderTime: '00:05.47',
    Scene: 'b',
  });
  for (const parts of [
    [empty, full],
    [full, empty],
  ])
    for (const as of ['single', 'parts'] as const) {
      const files = Object.fromEntries(parts.map((part, at) => [`${at}.exr`, makeHeader(part)]));
      const { header } = await mergeFiles(files, { as });
      const [first] = header.parts as [Part];
      const value = (name: string) => stringAttribute(first.attributes.get(name));
      t.same([value('Camera'), value('RenderTime')], ['shotCam', '00:05.47'], as);
      t.equal(value('Scene'), parts[0] === empty ? 'a' : 'b', 'else the first one’s word');
    }
});

t.test('merge --as parts: an empty value in one part is not a placeholder', async (t) => {
  const own = (colour: string, manifest: string): Record<string, string> => ({
    ...setStrings('1234567', 'main.CryptoObject', manifest),
    colorInteropID: colour,
  });
  const files = {
    'a.exr': makeHeader(makePart([...beauty, ...ids], own('', ''))),
    'b.exr': makeHeader(makePart(ids, own('data', '{"a":"00000001"}'))),
  };
  const { header } = await mergeFiles(files, { as: 'parts' });
  t.same(texts(header, 'colorInteropID'), ['', 'data']);
  t.same(texts(header, 'cryptomatte/1234567/manifest'), ['', '{"a":"00000001"}']);
});

t.test('merge --as parts begins with colour and keeps what the first part knew', async (t) => {
  const files = {
    'ids.exr': makeHeader(pass(ids, 'data', 0, { Scene: 'shot', ...setStrings('1234567', 'main.CryptoObject', '{}') })),
    'depth.exr': makeHeader(pass(depth, 'data')),
    'beauty.exr': makeHeader(pass(beauty, 'lin_rec709_scene', 0, { Camera: 'shotCam' })),
  };
  const { header, notices } = await mergeFiles(files, { as: 'parts' });
  t.same(names(header), ['main.Combined', 'main.CryptoObject00', 'main.Depth']);
  t.same(texts(header, 'Scene').slice(0, 2), ['shot', 'shot']);
  t.match(notices, [{ level: 'note', code: 'PARTS_REORDERED', message: /"main\.Combined".*"main\.CryptoObject00"/ }]);
  const { 'beauty.exr': first, ...others } = files;
  const sorted = await mergeFiles({ 'beauty.exr': first, ...others }, { as: 'parts' });
  t.same(sorted.codes, []);
  const silent = await mergeFiles(
    { 'ids.exr': makeHeader(pass(ids, undefined)), 'b.exr': makeHeader(pass(beauty, undefined)) },
    { as: 'parts' },
  );
  t.same(
    names(silent.header),
    ['main.CryptoObject00', 'main.Combined'],
    'where nobody speaks of colour, the order is the user’s',
  );
});

t.test('merge --as parts: dropped values are reported only for files in the result', async (t) => {
  const part = (ratio: number) =>
    withAttribute(pass(beauty, undefined), 'pixelAspectRatio', {
      type: 'float',
      value: formatAttribute('float', ratio),
    });
  const files = { 'a.exr': makeHeader(part(1)), 'b.exr': makeHeader(part(2)) };
  for (const onClash of ['first', 'last'] as const) {
    const { header, codes } = await mergeFiles(files, { as: 'parts', onClash });
    t.same(codes, []);
    t.same(
      single(header.parts).attributes.get('pixelAspectRatio'),
      part(onClash === 'first' ? 1 : 2).attributes.get('pixelAspectRatio'),
    );
  }
});

t.test('merge --as parts warns of what Nuke refuses', async (t) => {
  const full = fixtureHeader('cases/17_full.exr');
  const cropped = fixtureHeader('cases/17_cropped_crypto.exr');
  const { notices } = await mergeFiles({ 'full.exr': full, 'ids.exr': cropped }, { as: 'parts' });
  t.match(notices, [{ level: 'warning', code: 'PARTS_DIFFER', message: /different data windows.*Nuke/ }]);
  t.same((await mergeFiles({ 'full.exr': full, 'ids.exr': cropped })).codes, [], 'as the warning says');
  const upwards = makeHeader({ ...single(full.parts), lineOrder: 'decreasing', name: 'up' });
  const orders = await mergeFiles({ 'full.exr': full, 'up.exr': upwards }, { as: 'parts' });
  t.match(orders.notices, [{ code: 'PARTS_DIFFER', message: /different line orders/ }]);
});

/** One part with everything, as Blender 5 writes it when told to. */
const interleaved = makeHeader(
  pass([...ids, ...depth, ...beauty], 'lin_ap1_scene', 0, setStrings('1234567', 'main.CryptoObject', '{}')),
);

/** A part for each pass. */
const parted = makeHeader(
  pass(beauty, 'lin_ap1_scene', 0, { Scene: 'shot', ...setStrings('1234567', 'main.CryptoObject', '{}') }),
  pass(depth, 'data', 1),
  pass(ids, 'data', 2),
  pass(layer('main.Diffuse Color', 'RGB'), 'lin_ap1_scene', 3),
);

t.test('mattes alone are data, whatever they were beside', async (t) => {
  for (const header of [interleaved, parted]) {
    const picked = await run(pick({ layer: ['*.Crypto*'] }), header);
    t.same(texts(picked.header, 'colorInteropID'), ['data']);
    const apart = await run(split({ by: 'layer' }), header);
    const spaces = Object.fromEntries(
      apart.header.parts.map(({ name }, at) => [name, texts(apart.header, 'colorInteropID')[at]]),
    );
    t.match(spaces, { 'main.Combined': 'lin_ap1_scene', 'main.CryptoObject': 'data' });
    const again = await run(merge({}), apart.header);
    t.same(texts(again.header, 'colorInteropID'), ['lin_ap1_scene'], 'colour and mattes in one part keep the colour’s');
  }
  const silent = makeHeader(pass([...ids, ...beauty], undefined));
  t.same(texts((await run(pick({ layer: ['*.Crypto*'] }), silent)).header, 'colorInteropID'), [undefined]);
});

t.test('pick and split leave no data before colour', async (t) => {
  const picked = await run(pick({ layer: ['main.Depth', 'main.Diffuse Color'] }), parted);
  t.same(names(picked.header), ['main.Diffuse Color', 'main.Depth']);
  t.same(picked.codes, ['PARTS_REORDERED']);
  t.equal(texts(picked.header, 'Scene')[0], 'shot', 'what the first part knew goes along');
  const kept = await run(pick({ layer: ['main.Combined', 'main.Depth'] }), parted);
  t.same(names(kept.header), ['main.Combined', 'main.Depth']);
  const own = makeHeader(pass(depth, 'data'), pass(beauty, 'lin_ap1_scene', 1), pass(ids, 'data', 2));
  t.same(
    names((await run(pick({ layer: ['main.Depth', 'main.Combined'] }), own)).header),
    ['main.Depth', 'main.Combined'],
    'an order that was there stays',
  );
  const apart = await run(split({ by: 'layer' }), own);
  t.same(names(apart.header), ['main.Combined', 'main.Depth', 'main.CryptoObject']);
});

t.test('a part that is taken out has its own colour space, and the primaries of the file', async (t) => {
  const first = withAttribute(
    pass(beauty, 'lin_ap1_scene', 0, { Camera: 'shotCam' }),
    'chromaticities',
    chromaticities(),
  );
  const header = makeHeader(first, pass(layer('main.AO', 'RGB'), undefined, 1, { Camera: '<none>' }));
  const { header: apart } = await run(split({ by: 'part' }), header);
  t.same(texts(apart, 'colorInteropID'), ['lin_ap1_scene', undefined]);
  t.same(texts(apart, 'Camera'), ['shotCam', 'shotCam']);
  t.same(
    apart.parts.map(({ attributes }) => attributes.has('chromaticities')),
    [true, true],
  );
});
