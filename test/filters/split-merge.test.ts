import fc from 'fast-check';
import t from 'tap';
import { filters } from '../../filters/index.js';
import { merge } from '../../filters/merge.js';
import { rename } from '../../filters/rename.js';
import { split } from '../../filters/split.js';
import { parseHeader } from '../../lib/format/header-parser.js';
import { writeHeader } from '../../lib/format/header-writer.js';
import { formatAttribute, stringAttribute } from '../../lib/format/index.js';
import {
  type Attribute,
  Attributes,
  type Box,
  type Compression,
  type Header,
  makePlan,
  type Part,
  sourcePlanes,
} from '../../lib/index.js';
import { routeParts } from '../../lib/io/route.js';
import { headerSets, withoutSets } from '../../lib/layers/index.js';
import { fixtureHeader, layer, makeHeader, makePart, setStrings, single } from '../cryptomatte/fixtures.js';
import { failure, inputInfo, joined, run, thrown } from './support.js';

const panel = fixtureHeader('blender/headers/panel_f32_zip.header');
const dwaa = fixtureHeader('blender/headers/panel_f32_dwaa.header');
const odd = fixtureHeader('blender/headers/panel_layernames.header');
const multi = fixtureHeader('blender/headers/oiio_multipart_viewlayers.header');
const lost = fixtureHeader('blender/headers/b4_three_layers_lost.header');
const stereo = fixtureHeader('blender/headers/panel_stereo.header');
const chars = fixtureHeader('blender/b5_direct_Chars.0001.exr');
const elements = fixtureHeader('blender/b5_direct_FG_elements.0001.exr');

/** One part for each pass, as Blender 5 writes them: metadata in the first part only, ranks in parts of their own. */
const blender5 = makeHeader(
  makePart(
    layer('main.Combined', 'RGBA'),
    { Scene: 'shot', ...setStrings('a3346d2', 'main.CryptoObject', '{}') },
    {
      name: 'main.Combined',
    },
  ),
  makePart(layer('main.CryptoObject00', 'rgba'), {}, { name: 'main.CryptoObject00', number: 1 }),
  makePart(layer('main.CryptoObject01', 'rgba'), {}, { name: 'main.CryptoObject01', number: 2 }),
  makePart(layer('BG.Combined', 'RGBA'), {}, { name: 'BG.Combined', number: 3 }),
);

function partNames(header: Header): (string | undefined)[] {
  return header.parts.map(({ name }) => name);
}

/** The sets each part has when it is a file of its own. */
function setsByPart(header: Header): (string | undefined)[][] {
  return header.parts.map((part) =>
    headerSets({ parts: [part] })
      .filter(({ layers }) => layers.length > 0)
      .map(({ name }) => name)
      .toSorted(),
  );
}

/** Channel names with the pixels each shows. */
function pixelsOf(header: Header): string[] {
  return header.parts
    .flatMap(({ channels }) => channels.map((one) => `${one.name} ${one.type} ${JSON.stringify(sourcePlanes(one))}`))
    .toSorted();
}

function crypto(layerName: string): string[] {
  return ['Asset', 'Material', 'Object'].map((kind) => `${layerName}.Crypto${kind}`);
}

/** Attributes as text by name, without what the number of parts changes. */
function attributeTexts({ parts }: Header): [string, string][] {
  return [...single(parts).attributes]
    .filter(([name]) => name !== 'name' && name !== 'type' && name !== 'channels')
    .map(([name, { type, value }]): [string, string] => [name, `${type} ${Buffer.from(value).toString('hex')}`])
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

t.test('split by view layer: each complete, with its own Cryptomattes', async (t) => {
  const { header, codes } = await run(split({ by: 'view-layer' }), panel);
  t.same(codes, []);
  t.same(partNames(header), ['BG', 'Chars', 'FG elements']);
  t.same(setsByPart(header), [crypto('BG'), crypto('Chars'), crypto('FG elements')]);
  for (const part of header.parts) {
    t.equal(part.channels.length, 63);
    t.equal(stringAttribute(part.attributes.get('Camera')), 'shotCam');
    t.ok(part.attributes.has('BlenderMultiChannel'));
    t.ok(part.attributes.has(`cycles.${part.name}.samples`));
    t.equal(part.attributes.names().filter((name) => name.startsWith('cycles.')).length, 4);
    t.equal(part.attributes.names().filter((name) => name.startsWith('cryptomatte/')).length, 12);
  }
  t.same(pixelsOf(header), pixelsOf(panel));
  t.equal(parseHeader(writeHeader(header)).header.parts.length, 3, 'a valid multi-part header');
});

t.test('split --strip-prefix: the same names in every part, Cryptomattes too', async (t) => {
  const { header } = await run(split({ by: 'view-layer', stripPrefix: true }), panel);
  const names = header.parts.map(({ channels }) => channels.map(({ name }) => name));
  t.same(names[0], names[1]);
  t.ok(names[0]?.includes('CryptoObject00.r'));
  t.same(setsByPart(header)[2], ['CryptoAsset', 'CryptoMaterial', 'CryptoObject']);

  const dotted = await run(split({ by: 'view-layer', stripPrefix: true }), odd);
  t.same(partNames(dotted.header).toSorted(), [
    '1st layer',
    'Bäume (木)',
    'a_view_layer_with_a_really_long_name_up_to_sixty_three_characte',
    'main.chars.v2',
  ]);
  const v2 = dotted.header.parts.find(({ name }) => name === 'main.chars.v2');
  t.ok(v2?.channels.some(({ name }) => name === 'Combined.R'));
});

t.test('split of files without metadata, with stereo views, of several parts', async (t) => {
  t.same(partNames((await run(split({}), lost)).header), ['BG', 'Chars', 'FG elements']);
  const views = await run(split({}), stereo);
  t.same(partNames(views.header), ['BG', 'Chars', 'FG elements']);
  t.ok(views.header.parts.every(({ channels }) => channels.length === 126));

  const again = await run(split({ by: 'part' }), multi);
  t.same(partNames(again.header), ['Chars', 'BG', 'FG elements']);
  t.same(setsByPart(again.header), [crypto('Chars'), crypto('BG'), crypto('FG elements')]);
  for (const part of again.header.parts)
    t.equal(part.attributes.names().filter((name) => name.startsWith('cryptomatte/')).length, 12, 'no foreign copies');

  const single = await run(split({ by: 'part' }), chars, { inputs: [inputInfo('in/shot.0001.exr', chars)] });
  t.same(partNames(single.header), ['shot'], 'a part without a name is called like its file');
});

t.test('split brings together what Blender 5 writes as one part for each pass', async (t) => {
  const { header, codes } = await run(split({ by: 'view-layer' }), blender5);
  t.same(codes, []);
  t.same(partNames(header), ['main', 'BG']);
  t.same(setsByPart(header), [['main.CryptoObject'], []]);
  t.equal(stringAttribute(header.parts[1]?.attributes.get('Scene')), 'shot', 'what part 0 knows for all');
});

t.test('split --as parts leaves parts apart, one file for each view layer, and touches no pixels', async (t) => {
  const files = (header: Header, pattern = 'out/{layer}.exr'): Record<string, unknown> =>
    Object.fromEntries(
      routeParts({ header, arrived: blender5, inputs: [inputInfo('shot.exr', blender5)] } as never, pattern).map(
        ({ path, header: { parts } }) => [path, parts.map(({ name }) => name)],
      ),
    );
  const passes = ['Combined', 'CryptoObject00', 'CryptoObject01'];
  const { header, codes } = await run(split({ as: 'parts' }), blender5);
  t.same(codes, []);
  t.same(files(header), {
    'out/main.exr': passes.map((pass) => `main.${pass}`),
    'out/BG.exr': ['BG.Combined'],
  });
  t.ok(makePlan(header, blender5).every(({ method }) => method === 'forward'));
  t.equal(stringAttribute(header.parts[3]?.attributes.get('Scene')), 'shot', 'what part 0 knows for all');
  t.same(Object.keys(files(header, '{name}.exr')).length, 4, '{name} is the part');

  const bare = await run(split({ as: 'parts', stripPrefix: true }), blender5);
  t.same(files(bare.header), { 'out/main.exr': passes, 'out/BG.exr': ['Combined'] });
  t.ok(bare.header.parts[0]?.channels.every(({ name }) => name.startsWith('Combined.')));

  const single = await run(split({ as: 'parts' }), panel);
  t.same(partNames(single.header), partNames((await run(split({}), panel)).header), 'what is one part stays one');
});

t.test('split by layer: a Cryptomatte is one output, the root layer another', async (t) => {
  const part = makePart(
    [
      ...layer('x.CryptoObject00', 'rgba'),
      ...layer('x.CryptoObject01', 'rgba'),
      { name: 'R' },
      ...layer('x.Depth', 'Z'),
    ],
    {
      ...setStrings('1234567', 'x.CryptoObject'),
      'cycles.x.samples': '4',
    },
  );
  const { header } = await run(split({ by: 'layer', stripPrefix: true }), makeHeader(part));
  t.same(partNames(header), ['root', 'x.CryptoObject', 'x.Depth']);
  t.same(
    header.parts.map(({ channels }) => channels[0]?.name),
    ['R', 'CryptoObject00.a', 'Z'],
  );
  t.same(setsByPart(header), [[], ['CryptoObject'], []]);
  t.notOk(header.parts[0]?.attributes.has('cycles.x.samples'));

  const twins = makeHeader(
    makePart(layer('Combined', 'RGBA'), {}, { name: 'Chars' }),
    makePart(layer('Combined', 'RGBA'), {}, { name: 'BG', number: 1 }),
  );
  t.same(partNames((await run(split({ by: 'layer' }), twins)).header), ['Chars.Combined', 'BG.Combined']);
  const eyes = makeHeader(
    makePart(layer('main.Combined', 'RGBA'), { view: 'left' }, { name: 'main.Combined-left' }),
    makePart(layer('main.Depth', 'Z'), { view: 'left' }, { name: 'main.Depth-left', number: 1 }),
    makePart(layer('main.Combined', 'RGBA'), { view: 'right' }, { name: 'main.Combined-right', number: 2 }),
  );
  t.same(partNames((await run(split({}), eyes)).header), ['main.left', 'main.right']);
});

t.test('split reports what to do when there are no view layers', async (t) => {
  const arnold = makeHeader(makePart([...layer('diffuse', 'RGB'), { name: 'R' }, { name: 'Z' }]));
  t.match(await failure(split({}), arnold), {
    kind: 'usage',
    code: 'NO_VIEW_LAYERS',
    hint: /`by: 'layer'` .*"\(root\)", "diffuse"/,
  });
});

t.test('split, then merge, gives the file back', async (t) => {
  for (const [title, header] of Object.entries({ panel, odd, stereo, lost })) {
    for (const by of ['view-layer', 'layer', 'part'] as const) {
      const apart = await run(split({ by }), header);
      const again = await run(merge({}), apart.header);
      t.strictSame(single(again.header.parts).channels, single(header.parts).channels, `${title} by ${by}: channels`);
      const dangling = headerSets(header).filter(({ layers }) => layers.length === 0);
      t.equal(apart.codes.filter((code) => code === 'SET_DROPPED').length, dangling.length, `${title} by ${by}: notes`);
      const before = single(header.parts);
      const expected = makeHeader({ ...before, attributes: withoutSets(before.attributes, dangling) });
      t.strictSame(attributeTexts(again.header), attributeTexts(expected), `${title} by ${by}: attributes`);
      t.equal(single(again.header.parts).name, by === 'part' ? 'shot' : undefined);
    }
  }
});

t.test('property: split --strip-prefix, then merge under the old names', async (t) => {
  const layerNames = fc.uniqueArray(fc.constantFrom('main', 'a.b', 'é 木', 'X', '_'), { minLength: 1 });
  const passes = fc.uniqueArray(fc.constantFrom('Combined', 'Depth', 'CryptoObject00', 'Mist'), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(layerNames, passes, async (names, kinds) => {
      const header = makeHeader(
        makePart(
          names.flatMap((name) => kinds.flatMap((kind) => layer(`${name}.${kind}`, 'rgba'))),
          Object.assign(
            { Scene: 'x' },
            ...names.map((name, index) =>
              kinds.includes('CryptoObject00')
                ? setStrings(`000000${index}`, `${name}.CryptoObject`, `{"${name}":"00000001"}`)
                : {},
            ),
          ),
        ),
      );
      const apart = await run(split({ stripPrefix: true }), header);
      t.same(partNames(apart.header).toSorted(), names.toSorted());
      const again = await run(merge({ name: '{layer}' }), apart.header);
      t.strictSame(pixelsOf(again.header), pixelsOf(header));
      t.strictSame(attributeTexts(again.header), attributeTexts(header));
    }),
    { numRuns: 30 },
  );
});

t.test('merge of several files into one part', async (t) => {
  const beauty = makeHeader(
    makePart(
      layer('', 'RGBA').map(({ name }) => ({ name: name.slice(1), type: 'half' })),
      { owner: 'me', Date: '1' },
    ),
  );
  const mattes = makeHeader(
    makePart(layer('CryptoObject00', 'rgba'), {
      Date: '2',
      lens: '50',
      ...setStrings('3ae39a5', 'CryptoObject', '{}'),
    }),
  );
  const { header, inputs } = joined({ 'in/beauty.0001.exr': beauty, 'in/mattes.0001.exr': mattes });
  const result = await run(merge({}), header, { inputs });
  t.same(result.codes, []);
  const part = single(result.header.parts);
  t.same(
    part.channels.map(({ name, plane }) => [name, plane]),
    [
      ['A', { part: 0, index: 0 }],
      ['B', { part: 0, index: 1 }],
      ['CryptoObject00.a', { part: 1, index: 0 }],
      ['CryptoObject00.b', { part: 1, index: 1 }],
      ['CryptoObject00.g', { part: 1, index: 2 }],
      ['CryptoObject00.r', { part: 1, index: 3 }],
      ['G', { part: 0, index: 2 }],
      ['R', { part: 0, index: 3 }],
    ],
  );
  t.equal(stringAttribute(part.attributes.get('Date')), '1', "the first one's word");
  t.equal(stringAttribute(part.attributes.get('lens')), '50', 'what only the second knows');
  t.same(setsByPart(result.header), [['CryptoObject']]);
  t.equal(result.header.multiPart, false);
});

t.test('merge: names that clash', async (t) => {
  const { header, inputs } = joined({ 'a/Chars.exr': chars, 'b/FG.0001.exr': elements });
  const clash = await failure(merge({}), header, { inputs });
  t.match(clash, { kind: 'usage', code: 'CHANNELS_CLASH', hint: /`name: / });
  t.match(clash.message, '"main.Combined.A" in a/Chars.exr and b/FG.0001.exr');

  const named = await run(merge({ name: '{stem}' }), header, { inputs });
  t.equal(single(named.header.parts).channels.length, 82);
  t.same(setsByPart(named.header), [[...crypto('Chars.main'), ...crypto('FG.main')]]);
  const keys = headerSets(named.header).map(({ key }) => key);
  t.equal(new Set(keys).size, 6, 'the same key in both files is told apart');
  for (const set of headerSets(named.header)) t.ok(set.manifest, 'each with its own names');

  const first = await run(merge({ onClash: 'first' }), header, { inputs });
  t.strictSame(single(first.header.parts).channels, header.parts[0]?.channels);
  t.strictSame(
    headerSets(first.header).map(({ manifest }) => manifest),
    headerSets(chars).map(({ manifest }) => manifest),
  );
  const last = await run(merge({ onClash: 'last' }), header, { inputs });
  t.ok(single(last.header.parts).channels.every(({ plane }) => 'part' in plane && plane.part === 1));
  t.strictSame(
    headerSets(last.header).map(({ manifest }) => manifest),
    headerSets(elements).map(({ manifest }) => manifest),
  );
  const prefixed = await run(merge({ onClash: 'prefix' }), header, { inputs });
  const names = single(prefixed.header.parts).channels.map(({ name }) => name);
  t.ok(names.includes('main.Combined.R') && names.includes('FG.main.Combined.R'));
  t.same(setsByPart(prefixed.header), [[...crypto('FG.main'), ...crypto('main')]]);
});

t.test('merge --on-clash: a Cryptomatte as a whole, other channels one by one, layers together', async (t) => {
  const a = makeHeader(
    makePart([{ name: 'R' }, { name: 'G' }, ...layer('ids00', 'rgba')], setStrings('1111111', 'ids')),
  );
  const b = makeHeader(
    makePart(
      [{ name: 'R' }, { name: 'Z' }, ...layer('ids00', 'rgba'), ...layer('ids01', 'rgba')],
      setStrings('2222222', 'ids'),
    ),
  );
  const { header, inputs } = joined({ 'a.exr': a, 'b.exr': b });
  const origins = async (onClash: 'first' | 'last' | 'prefix'): Promise<Record<string, number>> => {
    const result = await run(merge({ onClash }), header, { inputs });
    return Object.fromEntries(
      single(result.header.parts).channels.map((one) => [one.name, sourcePlanes(one)[0]?.part ?? -1]),
    );
  };
  t.same(await origins('first'), { G: 0, R: 0, Z: 1, 'ids00.a': 0, 'ids00.b': 0, 'ids00.g': 0, 'ids00.r': 0 });
  const last = await origins('last');
  t.equal(Object.keys(last).length, 11);
  t.match(last, { G: 0, R: 1, Z: 1, 'ids00.a': 1, 'ids01.r': 1 });
  t.match(await origins('prefix'), { R: 0, G: 0, 'b.R': 1, 'b.Z': 1, 'ids00.a': 0, 'b.ids00.a': 1, 'b.ids01.a': 1 });
});

t.test('merge: windows, tiles, line order, codecs', async (t) => {
  const window = (xMin: number, yMin: number, xMax: number, yMax: number): Box => ({ xMin, yMin, xMax, yMax });
  const tiles = { width: 32, height: 32, levels: 'mipmap', rounding: 'down' } as const;
  const make = (name: string, rest: Partial<Part>): Header => makeHeader(makePart([{ name }], {}, rest));
  const mergeAll = async (...headers: Header[]) => {
    const { header, inputs } = joined(Object.fromEntries(headers.map((one, index) => [`f${index}.exr`, one])));
    const { header: merged, codes } = await run(merge({}), header, { inputs });
    return { part: single(merged.parts), codes };
  };

  const windows = await mergeAll(
    make('R', { dataWindow: window(-5, 0, 10, 10), displayWindow: window(0, 0, 10, 10), lineOrder: 'decreasing' }),
    make('G', { dataWindow: window(0, -7, 20, 5), displayWindow: window(0, 0, 20, 20) }),
  );
  t.match(windows.part, {
    dataWindow: window(-5, -7, 20, 10),
    displayWindow: window(0, 0, 10, 10),
    lineOrder: 'decreasing',
  });
  t.same(windows.codes, ['SHARED_ATTRIBUTE']);

  const tiled: Partial<Part> = { type: 'tiledimage', tiles, lineOrder: 'random' };
  const alike = await mergeAll(make('R', tiled), make('G', tiled));
  t.match(alike, { part: { type: 'tiledimage', tiles, lineOrder: 'random' }, codes: [] });
  const mixed = await mergeAll(make('R', tiled), make('G', {}));
  t.match(mixed, { part: { type: 'scanlineimage', lineOrder: 'increasing' }, codes: ['LEVELS_DROPPED'] });
  t.equal(mixed.part.tiles, undefined);
  const cropped = await mergeAll(make('R', tiled), make('G', { ...tiled, dataWindow: window(0, 0, 3, 3) }));
  t.match(cropped, { part: { type: 'tiledimage', tiles: { levels: 'one' } }, codes: ['LEVELS_DROPPED'] });

  const codec = async (...codecs: [Compression, string][]) => {
    const { part, codes } = await mergeAll(...codecs.map(([compression, name]) => make(name, { compression })));
    return [part.compression, ...codes];
  };
  t.same(await codec(['piz', 'R'], ['dwaa', 'G']), ['piz']);
  t.same(await codec(['dwaa', 'R'], ['dwaa', 'G']), ['dwaa']);
  t.same(await codec(['dwaa', 'R'], ['zip', 'G']), ['zip', 'CODEC_CHANGED']);
  t.same(await codec(['dwaa', 'R'], ['zip', 'depth.Z']), ['zip', 'CODEC_CHANGED'], 'R would be coded again');
  t.same(await codec(['dwaa', 'depth.Z'], ['zip', 'ids.A']), ['dwaa'], 'which DWA keeps');
  t.same(await codec(['pxr24', 'R'], ['zip', 'G']), ['zip', 'CODEC_CHANGED']);
  t.same(await codec(['htj2k32', 'R'], ['zip', 'G']), ['htj2k32']);
  t.same(await codec(['lj2k', 'Z'], ['zip', 'G']), ['zip', 'CODEC_CHANGED'], 'which is not written');
  t.equal((await mergeAll(dwaa)).part.compression, 'dwaa');

  const deep = make('Z', { type: 'deepscanline', compression: 'zips' });
  const { header, inputs } = joined({ 'flat.exr': make('R', {}), 'deep.exr': deep });
  t.match(await failure(merge({}), header, { inputs }), { code: 'DEEP_MERGE', hint: /merge\(\{ as: 'parts' \}\)/ });
});

t.test('merge --as parts keeps each part, and makes them agree', async (t) => {
  const attribute = (fps: number): [string, Attribute][] => [
    ['timeCode', { type: 'timecode', value: formatAttribute('timecode', { timeAndFlags: fps, userData: 0 }) }],
    ['pixelAspectRatio', { type: 'float', value: formatAttribute('float', fps) }],
  ];
  const a = makeHeader(
    makePart([{ name: 'R' }], {}, { attributes: new Attributes(attribute(1)), compression: 'dwaa' }),
  );
  const b = makeHeader(
    makePart(
      [{ name: 'R' }],
      {},
      {
        attributes: new Attributes([
          ...attribute(2),
          ['chromaticities', { type: 'chromaticities', value: new Uint8Array(32) }],
        ]),
        dataWindow: { xMin: 1, yMin: 1, xMax: 2, yMax: 2 },
      },
    ),
  );
  const { header, inputs } = joined({ 'left.exr': a, 'right.exr': b });
  const { header: merged, codes, notices } = await run(merge({ as: 'parts' }), header, { inputs });
  t.same(partNames(merged), ['left', 'right']);
  t.same(codes, ['SHARED_ATTRIBUTE', 'SHARED_ATTRIBUTE', 'PARTS_DIFFER']);
  const differing = notices.filter(({ code }) => code === 'SHARED_ATTRIBUTE');
  t.ok(differing.every(({ message }) => message.includes('"left.exr"') && message.includes('"right.exr"')));
  const [left, right] = merged.parts;
  t.same(right?.attributes.get('timeCode'), left?.attributes.get('timeCode'));
  t.same(left?.attributes.get('chromaticities'), b.parts[0]?.attributes.get('chromaticities'), 'which only one has');
  t.match(right, {
    compression: 'zip',
    dataWindow: { xMin: 1 },
    channels: [{ name: 'R', plane: { part: 1, index: 0 } }],
  });
  t.equal(left?.compression, 'dwaa', 'nothing is coded again');
  t.equal(parseHeader(writeHeader(merged)).header.parts.length, 2);

  const twice = joined({ 'a/left.exr': a, 'b/left.exr': b });
  t.match(await failure(merge({ as: 'parts' }), twice.header, { inputs: twice.inputs }), { code: 'PARTS_CLASH' });
  const last = await run(merge({ as: 'parts', onClash: 'last' }), twice.header, { inputs: twice.inputs });
  t.equal(sourcePlanes(single(last.header.parts).channels[0] ?? { plane: { part: 9, index: 0 } })[0]?.part, 1);
  const named = joined({ 'x.exr': multi, 'y.exr': multi });
  const parts = await run(merge({ as: 'parts', onClash: 'prefix' }), named.header, { inputs: named.inputs });
  t.same(partNames(parts.header), ['Chars', 'BG', 'FG elements', 'y.Chars', 'y.BG', 'y.FG elements']);
  const pattern = await run(merge({ as: 'parts', name: '{stem}.{layer}' }), named.header, { inputs: named.inputs });
  t.same(partNames(pattern.header)[4], 'y.BG');
});

t.test(
  'merge --as parts: the Cryptomattes of two eyes are one with the names of both, unless a name has two IDs',
  async (t) => {
    const eye = (view: string, manifest: string) =>
      makePart(layer('CryptoObject00', 'rgba'), { view, ...setStrings('3ae39a5', 'CryptoObject', manifest) });
    const merged = (left: string, right: string) => {
      const { header, inputs } = joined({
        'l.exr': makeHeader(eye('left', left)),
        'r.exr': makeHeader(eye('right', right)),
      });
      return run(merge({ as: 'parts' }), header, { inputs });
    };
    const names = (header: Header) =>
      headerSets(header).map(({ manifest, layers }) => [
        layers.map(({ view }) => view),
        new TextDecoder().decode(manifest),
      ]);
    const one = await merged('{"b":"01000002"}', '{"c":"01000003", "b":"01000002"}');
    t.same(names(one.header), [[['left', 'right'], '{"b":"01000002","c":"01000003"}']]);
    t.ok(one.codes.includes('UNITED'));

    const two = await merged('{"b":"01000002"}', '{"b":"01000003"}');
    t.equal(names(two.header).length, 2);
    t.notOk(two.codes.includes('UNITED'));
  },
);

t.test('merge joins the parts of one file, and keeps Blender 5’s Cryptomattes', async (t) => {
  const { header, codes } = await run(merge({}), blender5);
  t.same(codes, []);
  t.equal(header.multiPart, false);
  const set = single(headerSets(header));
  t.equal(set.layers.length, 2);
  t.equal(single(header.parts).name, undefined);
  const real = await run(merge({}), multi);
  t.same(pixelsOf(real.header), pixelsOf(multi));
  t.same(setsByPart(real.header), [[...crypto('BG'), ...crypto('Chars'), ...crypto('FG elements')]]);
  t.notOk(single(real.header.parts).attributes.has('chunkCount'));
});

t.test('a rename, a split and a merge that cancel leave everything where it was', async (t) => {
  const renamed = await run(rename({ map: ['Chars=main'] }), panel);
  const apart = await run(split({ stripPrefix: true }), renamed.header);
  const again = await run(merge({ name: '{layer}' }), apart.header);
  const back = await run(rename({ map: ['main=Chars'] }), again.header);
  t.strictSame(single(back.header.parts).channels, single(panel.parts).channels);
  t.equal(single(makePlan(back.header, panel)).method, 'forward');
  t.not(
    single(makePlan(renamed.header, panel)).method,
    'forward',
    'a rename that changes the order is not a header edit',
  );
  t.ok(makePlan((await run(split({ by: 'part' }), multi)).header, multi).every(({ method }) => method === 'forward'));
  const two = joined({ 'a.exr': panel, 'b.exr': dwaa });
  const parts = await run(merge({ as: 'parts' }), two.header, { inputs: two.inputs });
  t.ok(makePlan(parts.header, two.header).every(({ method }) => method === 'forward'));
});

t.test('every filter explains itself', (t) => {
  t.match(
    thrown(() => merge({ name: '{shot}' })),
    { code: 'UNKNOWN_TOKEN', hint: /\{stem\}/ },
  );
  const names = filters.map(({ definition }) => definition.name);
  t.equal(new Set(names).size, names.length);
  for (const { definition } of filters) {
    t.ok(definition.description.length > 150, definition.name);
    t.ok(definition.examples.length >= 2, `${definition.name} has two examples`);
    for (const { command } of definition.examples) {
      t.match(command, /(^|then )[a-z-]+ /);
      t.match(command, definition.name);
      t.match(command, /\.exr/);
    }
    for (const [option, { summary }] of Object.entries(definition.options))
      t.notMatch(summary, /\.$|^[A-Z]/, `${definition.name} ${option}`);
  }
  t.end();
});

t.test(
  'split by layer and by view layer: ranks of a part each come together where parts bear the names of their layers',
  async (t) => {
    const bare = (name: string, number: number, strings: Readonly<Record<string, string>> = {}) =>
      makePart(
        ['r', 'g', 'b', 'a'].map((one) => ({ name: one })),
        strings,
        { name, number },
      );
    const parts = [
      makePart(layer('Chars.Combined', 'RGBA'), setStrings('abcdefa', 'ids', '{}'), { name: 'Chars.Combined' }),
      bare('ids00', 1),
      bare('ids01', 2),
    ];
    const expected = ['ids00.a', 'ids00.b', 'ids00.g', 'ids00.r', 'ids01.a', 'ids01.b', 'ids01.g', 'ids01.r'];
    for (const by of ['layer', 'view-layer'] as const) {
      const { header, codes } = await run(split({ by }), makeHeader(...parts));
      t.same(partNames(header), by === 'layer' ? ['Chars.Combined', 'ids'] : ['Chars', 'root']);
      t.same(
        header.parts[1]?.channels.map(({ name }) => name),
        expected,
      );
      t.notOk(codes.includes('SET_SCATTERED'), 'all ranks are in one output');
    }
  },
);
