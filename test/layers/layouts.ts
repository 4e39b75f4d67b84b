/**
 * Headers as programs write them: one generator for each way of spelling views, layers and Cryptomattes, and files in which
 * several ways meet. Every Cryptomatte has a manifest of its own, so that tests can tell whose names arrive where.
 */
import fc from 'fast-check';
import { layerKey } from '../../lib/cryptomatte/index.js';
import { formatAttribute, makeStringAttribute } from '../../lib/format/attribute-types.js';
import { parseHeader } from '../../lib/format/header-parser.js';
import { writeHeader } from '../../lib/format/header-writer.js';
import { groupBy } from '../../lib/format/index.js';
import { type Attribute, type Header, isArrived, type Part, type PixelType } from '../../lib/index.js';
import { type ChannelSketch, layer, makeHeader, makePart, setStrings } from '../cryptomatte/fixtures.js';

/** A Cryptomatte before anybody spells it. */
export interface SketchedCryptomatte {
  /** With the view layer before it, where there is one. */
  readonly name: string;
  /** What follows the name in the layers of its ranks. */
  readonly ends: readonly string[];
}

/** What is to be in a file. */
export interface Scene {
  readonly viewLayers: readonly string[];
  readonly cryptomattes: readonly SketchedCryptomatte[];
  readonly views: readonly string[];
  readonly hasMetadata: boolean;
}

/** Dots, blanks, other alphabets and digits in front: all of these are names of view layers in somebody's file. */
const viewLayerNames = ['Chars', 'BG', 'FG elements', 'shot.main', '木.前景', '3d layer'];
const ends = fc.constantFrom(['00', '01', '02'], ['00', '01'], ['00'], ['1', '2', '3'], ['0', '1'], ['']);
const digits = fc.constantFrom(['00', '01', '02'], ['00', '01'], ['00']);

function viewLayers(most: number): fc.Arbitrary<string[]> {
  return fc.uniqueArray(fc.constantFrom(...viewLayerNames), { minLength: 1, maxLength: most });
}

/** One to three Cryptomattes with different names. */
function cryptomattes(
  names: readonly string[],
  numbers: fc.Arbitrary<readonly string[]>,
): fc.Arbitrary<SketchedCryptomatte[]> {
  return fc.uniqueArray(fc.record({ name: fc.constantFrom(...names), ends: numbers }), {
    selector: ({ name }) => name,
    minLength: 1,
    maxLength: 3,
  });
}

const kinds = ['CryptoObject', 'CryptoMaterial', 'CryptoAsset'];
const stereo = fc.constantFrom<string[]>([], [], ['left', 'right']);

function blenderScene(numbers: fc.Arbitrary<readonly string[]>): fc.Arbitrary<Scene> {
  return viewLayers(2).chain((own) =>
    fc.record({
      viewLayers: fc.constant(own),
      cryptomattes: cryptomattes(
        own.flatMap((viewLayer) => kinds.map((kind) => `${viewLayer}.${kind}`)),
        numbers,
      ),
      views: stereo,
      hasMetadata: fc.boolean(),
    }),
  );
}

/** Scenes of programs that know no view layers. */
function plainScene(names: readonly string[], numbers = ends, views = stereo): fc.Arbitrary<Scene> {
  return fc.record({
    viewLayers: fc.constant([]),
    cryptomattes: cryptomattes(names, numbers),
    views,
    hasMetadata: fc.boolean(),
  });
}

const lower = ['r', 'g', 'b', 'a'];
const upper = ['R', 'G', 'B', 'A'];
const words = ['red', 'green', 'blue', 'alpha'];

/** Metadata of a scene's Cryptomattes, each with one name that no other has. */
function metadata({ cryptomattes: own, hasMetadata }: Scene, prefix = 'cryptomatte/'): Record<string, string> {
  if (!hasMetadata) return {};
  const entries = own.flatMap(({ name }) =>
    Object.entries(setStrings(layerKey(name), name, manifestOf(name))).map(([attribute, value]) => [
      attribute.replace('cryptomatte/', prefix),
      value,
    ]),
  );
  return Object.fromEntries(entries) as Record<string, string>;
}

export function manifestOf(name: string): string {
  return `{"what ${name} names":"${layerKey(name)}0"}`;
}

function multiView(views: readonly string[]): [string, Attribute][] {
  return views.length === 0
    ? []
    : [['multiView', { type: 'stringvector', value: formatAttribute('stringvector', [...views]) }]];
}

function withAttributes(part: Part, entries: Iterable<readonly [string, Attribute]>): Part {
  return { ...part, attributes: part.attributes.merge(entries) };
}

/** Bare channels: the part, or nobody, bears the layer's name. */
function bare(components: readonly string[], type: PixelType = 'float'): ChannelSketch[] {
  return components.map((name) => ({ name, type }));
}

/** One part to be: its layer, and its channels by their components. */
interface Sheet {
  readonly layer: string;
  readonly components: readonly string[];
  readonly type: PixelType;
  readonly isRank: boolean;
}

function sheets(scene: Scene, components: readonly string[], colours: readonly Sheet[]): Sheet[] {
  const ranks = scene.cryptomattes.flatMap(({ name, ends: own }) =>
    own.map((end): Sheet => ({ layer: `${name}${end}`, components, type: 'float', isRank: true })),
  );
  return [...colours, ...ranks];
}

function colour(name: string, components: readonly string[] = upper, type: PixelType = 'half'): Sheet {
  return { layer: name, components, type, isRank: false };
}

function blenderColours({ viewLayers: own }: Scene): Sheet[] {
  return own.flatMap((viewLayer) => [
    colour(`${viewLayer}.Combined`),
    colour(`${viewLayer}.Depth`, ['Z'], 'float'),
    colour(`${viewLayer}.Diffuse Color`, ['R', 'G', 'B'], 'float'),
  ]);
}

/** Parts that are numbered in their order, as a file has them. */
function inOrder(parts: readonly ((number: number) => Part)[]): Header {
  return makeHeader(...parts.map((make, number) => make(number)));
}

/** Blender up to 4.5, and 5.x "interleaved": everything in one part. */
const blenderSingle = blenderScene(digits).map((scene): Header => {
  const channels = sheets(scene, lower, blenderColours(scene)).flatMap((sheet) =>
    (scene.views.length > 0 ? scene.views.map((view) => `${sheet.layer}.${view}`) : [sheet.layer]).flatMap((name) =>
      layer(name, sheet.components, sheet.type),
    ),
  );
  const part = makePart(channels, { ...metadata(scene), 'cycles.Chars.samples': '64' });
  return makeHeader(withAttributes(part, multiView(scene.views)));
});

/** Blender 5.x: a part for each pass and view, all metadata in the first one, colour spaces named. */
const blenderParts = fc.tuple(blenderScene(ends), fc.boolean()).map(([scene, hasColour]): Header => {
  const views = scene.views.length > 0 ? scene.views : [''];
  const parts = sheets(scene, lower, blenderColours(scene)).flatMap((sheet) => views.map((view) => ({ sheet, view })));
  return inOrder(
    parts.map(({ sheet, view }) => (number) => {
      const space = sheet.isRank || sheet.layer.endsWith('Depth') ? 'data' : 'lin_rec709_scene';
      const part = makePart(layer(sheet.layer, sheet.components, sheet.type), number === 0 ? metadata(scene) : {}, {
        number,
        name: view === '' ? sheet.layer : `${sheet.layer}-${view}`,
      });
      return withAttributes(part, [
        ...(view === '' ? [] : [['view', makeStringAttribute(view)] as const]),
        ...(hasColour ? [['colorInteropID', makeStringAttribute(space)] as const] : []),
      ]);
    }),
  );
});

/** Blender's media "image": one rank in a file of its own, its channels bare, metadata named after the item. */
const blenderImage = fc.tuple(plainScene(['CryptoObject00', 'ids_A', '1']), fc.constantFrom('', undefined)).map(
  ([scene, name]): Header =>
    makeHeader(
      makePart(bare(lower), metadata({ ...scene, cryptomattes: scene.cryptomattes.slice(0, 1) }), {
        ...(name !== undefined && { name }),
      }),
    ),
);

/** A part for each layer and view, which bears the layer's name: Nuke, and V-Ray with metadata in the first part only. */
const bareParts = fc
  .record({
    scene: plainScene(['CryptoObject', 'crypto_material', 'ids', '3dcrypto', 'Set dressing.CryptoAsset']),
    components: fc.constantFrom(words, upper),
    everywhere: fc.boolean(),
    main: fc.constantFrom('rgba', 'rgba.main', 'beauty', 'RGB_color'),
  })
  .map(({ scene, components, everywhere, main }): Header => {
    const views = scene.views.length > 0 ? scene.views : [''];
    const parts = sheets(scene, components, [
      { ...colour(main), components },
      { ...colour('diffuse filter'), components },
    ]).flatMap((sheet) => views.map((view) => ({ sheet, view })));
    return inOrder(
      parts.map(({ sheet, view }) => (number) => {
        const strings = everywhere || number === 0 ? metadata(scene) : {};
        const name = view === '' ? sheet.layer : `${sheet.layer}.${view}`;
        const part = makePart(bare(sheet.components, sheet.type), strings, { number, name });
        return view === '' ? part : withAttributes(part, [['view', makeStringAttribute(view)]]);
      }),
    );
  });

/** Nuke's single part: the first view is bare, the others stand in front; Nuke puts prefixes before the metadata it read. */
const nukeSingle = fc
  .record({
    scene: plainScene(['CryptoObject', 'crypto_material', 'main_CryptoAsset'], digits),
    components: fc.constantFrom(words, upper),
    prefix: fc.constantFrom('cryptomatte/', 'exr/cryptomatte/', 'nuke/exr/cryptomatte/'),
  })
  .map(({ scene, components, prefix }): Header => {
    const views = scene.views.length > 0 ? scene.views : [''];
    const channels = sheets(scene, components, [colour('')]).flatMap((sheet) =>
      views.flatMap((view, index) => {
        const name = [index === 0 ? '' : view, sheet.layer].filter((piece) => piece !== '').join('.');
        return name === '' ? bare(sheet.components, sheet.type) : layer(name, sheet.components, sheet.type);
      }),
    );
    return makeHeader(withAttributes(makePart(channels, metadata(scene, prefix)), multiView(scene.views)));
  });

/** Arnold, Karma, Clarisse, Redshift: root colour, AOVs, and a preview for each Cryptomatte. */
const arnold = fc
  .record({
    scene: plainScene(
      ['crypto_object', 'crypto_material', 'crypto_asset', 'Cryptomatte'],
      digits,
      fc.constant<string[]>([]),
    ),
    previews: fc.boolean(),
    name: fc.constantFrom(undefined, 'C'),
  })
  .map(({ scene, previews, name }): Header => {
    const channels = [
      ...bare(upper, 'half'),
      ...layer('N', 'XYZ'),
      ...layer('diffuse_direct', 'RGB', 'half'),
      ...sheets(scene, upper, []).flatMap((sheet) => layer(sheet.layer, sheet.components)),
      ...(previews ? scene.cryptomattes.flatMap((one) => layer(one.name, 'RGBA', 'half')) : []),
    ];
    return makeHeader(makePart(channels, metadata(scene), { ...(name !== undefined && { name }) }));
  });

/** OpenImageIO and exrmultipart: parts named by their layers or numbered, metadata copied to all of them. */
const copies = fc
  .record({
    scene: plainScene(
      ['CryptoObject', 'crypto_object', 'Lights.CryptoAsset', 'ids'],
      digits,
      fc.constant<string[]>([]),
    ),
    isBare: fc.boolean(),
    isNumbered: fc.boolean(),
  })
  .map(
    ({ scene, isBare, isNumbered }): Header =>
      inOrder(
        sheets(scene, lower, [colour('beauty')]).map((sheet) => (number) => {
          // Numbered parts with bare channels would say nothing about the layers.
          const name = isNumbered && !isBare ? `subimage${String(number + 1).padStart(2, '0')}` : sheet.layer;
          const channels = isBare
            ? bare(sheet.components, sheet.type)
            : layer(sheet.layer, sheet.components, sheet.type);
          return makePart(channels, metadata(scene), { number, name });
        }),
      ),
  );

/** RenderMan, Mitsuba, spectral files: dots and numbers that mean neither view layers nor views. */
export const unproved = fc
  .uniqueArray(
    fc.constantFrom(
      'Ci.003.r',
      'Ci.003.g',
      'Ci.003.b',
      'dd.y.Z',
      'pos.X',
      'pos.Y',
      'sn.X',
      'S0.395nm',
      'S0.400nm',
      '395',
      'left.R',
      'a.b.c.R',
      'R',
      'G',
      'B',
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((names) => makeHeader(makePart(names.map((name) => ({ name })))));

/** The parts of one file behind those of another, as tools put them together. Names of parts stay apart. */
export function together(one: Header, other: Header): Header {
  const parts = [...one.parts, ...other.parts];
  const taken = new Set<string>();
  return makeHeader(
    ...parts.map((part, number) => {
      let name = part.name ?? 'rgba';
      while (taken.has(name)) name = `${name}_2`;
      taken.add(name);
      const channels = part.channels.map((channel) =>
        isArrived(channel.plane) ? { ...channel, plane: { part: number, index: channel.plane.index } } : channel,
      );
      return { ...part, name, channels };
    }),
  );
}

/** A row of the table for each writer. */
export const writers = {
  'Blender, one part': blenderSingle,
  'Blender 5, parts': blenderParts,
  'Blender, one image': blenderImage,
  'Nuke and V-Ray, parts': bareParts,
  'Nuke, one part': nukeSingle,
  'Arnold and others': arnold,
  'OpenImageIO, copies': copies,
  'RenderMan, Mitsuba, spectral': unproved,
} as const;

/** A header and the names of those who wrote it. */
export interface Layout {
  readonly writer: string;
  readonly header: Header;
  readonly [fc.toStringMethod]: () => string;
}

/** As it is read from a file: all that a header says stands in its attributes too. */
function makeLayout(writer: string, sketched: Header): Layout {
  const { header } = parseHeader(writeHeader(sketched));
  return { writer, header, [fc.toStringMethod]: () => `${writer}:\n${describe(header)}\n` };
}

const rows = Object.entries(writers).map(([writer, headers]) =>
  (headers as fc.Arbitrary<Header>).map((header) => makeLayout(writer, header)),
);
const oneWriter = fc.oneof(...rows);

/** Headers of any writer; some are of two writers in one file, whose Cryptomattes have different names. */
export const layouts: fc.Arbitrary<Layout> = fc.oneof(
  { arbitrary: oneWriter, weight: 4 },
  {
    arbitrary: fc
      .tuple(blenderParts, fc.oneof(rows[3] as fc.Arbitrary<Layout>, rows[6] as fc.Arbitrary<Layout>))
      .map(([one, { writer, header }]) => makeLayout(`Blender 5, parts, with ${writer}`, together(one, header))),
    weight: 1,
  },
);

/** What a header holds, a line for each part: a failed property is understood by it. */
export function describe({ parts }: Pick<Header, 'parts'>): string {
  return parts
    .map((part) => {
      const layers = groupBy(part.channels, ({ name }) => name.split('.').slice(0, -1).join('.'));
      const channels = [...layers].map(([name, own]) => {
        const components = own.map((channel) => channel.name.split('.').at(-1)).join(',');
        return `${name}.{${components}}${own.some(({ type }) => type === 'half') ? ' half' : ''}`;
      });
      const attributes = [...part.attributes]
        .filter(([name]) => name === 'view' || name === 'multiView' || /name$|manifest$/.test(name))
        .map(([name, { value }]) => `${name}=${new TextDecoder().decode(value)}`);
      return `  ${part.name}: ${channels.join(' ')} [${attributes.join(', ')}]`;
    })
    .join('\n');
}
