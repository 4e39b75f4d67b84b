/** One small header for each kind of writer: the examples of `docs/layers.md`, which tests use as well. */
import { formatAttribute, makeStringAttribute } from '../lib/format/attribute-types.js';
import { setAttributes } from '../lib/layers/set-attributes.js';
import { type Attribute, Attributes } from '../lib/model/attributes.js';
import { sortChannels } from '../lib/model/channels.js';
import type { Channel, Header, Part } from '../lib/model/header.js';

interface PartSketch {
  readonly name?: string;
  readonly channels: readonly string[];
  /** The Cryptomattes that its metadata names. */
  readonly sets?: readonly string[];
  readonly view?: string;
  readonly views?: readonly string[];
  readonly colour?: string;
}

export interface Example {
  readonly title: string;
  /** What to know beside the table. */
  readonly about: string;
  readonly parts: readonly PartSketch[];
}

function components(layer: string, letters: string | readonly string[]): string[] {
  return [...letters].map((letter) => (layer === '' ? letter : `${layer}.${letter}`));
}

const words = ['red', 'green', 'blue', 'alpha'];

/** One file of each kind of writer, as small as it can be. */
export const examples: readonly Example[] = [
  {
    title: 'Blender up to 4.5; Blender 5 with "interleave"',
    about:
      'One part. Channels are named `VIEW LAYER.PASS.COMPONENT`. In stereo renders the view precedes the component, and `multiView` lists the views.',
    parts: [
      {
        channels: [...components('main.Combined', 'RGBA'), ...components('main.CryptoObject00', 'rgba')],
        sets: ['main.CryptoObject'],
      },
    ],
  },
  {
    title: 'Blender 5, render panel or File Output',
    about:
      'A part for each pass and each rank layer, named like the layer; its channels have full names, too. All metadata is in part 0, wherever the channels are. File Output gives parts the names of its items, so ranks may be called anything (`1`, `ids_A`, `00_001`), and names are cut at 63 bytes.',
    parts: [
      {
        name: 'main.Combined',
        channels: components('main.Combined', 'RGBA'),
        sets: ['main.CryptoObject'],
        colour: 'lin_rec709_scene',
      },
      { name: 'main.CryptoObject00', channels: components('main.CryptoObject00', 'rgba'), colour: 'data' },
    ],
  },
  {
    title: 'Blender 5, stereo',
    about: 'A part for each view of each pass, with the view at the end of its name.',
    parts: [
      {
        name: 'main.CryptoObject00-left',
        channels: components('main.CryptoObject00', 'rgba'),
        sets: ['main.CryptoObject'],
        view: 'left',
      },
      { name: 'main.CryptoObject00-right', channels: components('main.CryptoObject00', 'rgba'), view: 'right' },
    ],
  },
  {
    title: 'Blender 5, File Output with media "image"',
    about:
      'A file for each item. Its channels have no layer name, and the metadata names the item. Only the metadata shows that there are IDs, so these channels are suspects, and the pixels decide (see below).',
    parts: [{ channels: components('', 'rgba'), sets: ['CryptoObject00'] }],
  },
  {
    title: 'Nuke, V-Ray, Unreal: several parts',
    about:
      'The part has the name of the layer, and its channels have only component names: `red` or `R`. Each part may repeat the metadata (Nuke), or part 0 has it for all (V-Ray).',
    parts: [
      { name: 'rgba', channels: components('', words), sets: ['crypto_object'] },
      { name: 'crypto_object00', channels: components('', words), sets: ['crypto_object'] },
    ],
  },
  {
    title: 'Nuke, one part, two views',
    about: 'The first view of `multiView` is not named, the others come first in the name.',
    parts: [
      {
        channels: [...components('crypto_object00', words), ...components('right.crypto_object00', words)],
        sets: ['crypto_object'],
        views: ['left', 'right'],
      },
    ],
  },
  {
    title: 'Arnold, Karma, Clarisse, Redshift, Houdini',
    about:
      'One part, the beauty in the root layer. `crypto_object.R` without a number is a preview, not a rank. Manifests may be in sidecar files.',
    parts: [
      {
        channels: [
          ...components('', 'RGBA'),
          ...components('crypto_object', 'RGB'),
          ...components('crypto_object00', 'RGBA'),
        ],
        sets: ['crypto_object'],
      },
    ],
  },
  {
    title: 'OpenImageIO, exrmultipart',
    about:
      'Parts are named after the layer, or `subimage01`, which is not a layer. The metadata is copied to every part.',
    parts: [
      { name: 'subimage00', channels: components('main.Combined', 'RGBA'), sets: ['main.CryptoObject'] },
      { name: 'subimage01', channels: components('main.CryptoObject00', 'rgba'), sets: ['main.CryptoObject'] },
    ],
  },
  {
    title: 'RenderMan, Mitsuba, spectral renderers',
    about: 'Dots in names separate layers, and prove no view layer.',
    parts: [{ channels: [...components('Ci.003', 'rgb'), 'dd.y.Z', 'S0.395,000nm'] }],
  },
];

/** The headers of the examples, by their titles. */
export function exampleHeaders(): ReadonlyMap<string, Header> {
  return new Map(examples.map((example) => [example.title, makeHeader(example)]));
}

/** The header of an example. */
export function makeHeader({ parts }: Example): Header {
  return {
    parts: parts.map((sketch, number) => makePart(sketch, number)),
    longNames: false,
    multiPart: parts.length > 1,
  };
}

function makePart({ name, channels, sets = [], view, views, colour }: PartSketch, number: number): Part {
  const window = { xMin: 0, yMin: 0, xMax: 63, yMax: 35 };
  const manifest = new TextEncoder().encode('{"hero":"3f800001"}');
  const attributes: [string, Attribute][] = [
    ...sets.flatMap((set, key) => setAttributes({ key: `000000${key}`, name: set, manifest })),
    ...(view === undefined ? [] : [['view', makeStringAttribute(view)] as [string, Attribute]]),
    ...(views === undefined
      ? []
      : [
          ['multiView', { type: 'stringvector', value: formatAttribute('stringvector', [...views]) }] as [
            string,
            Attribute,
          ],
        ]),
    ...(colour === undefined ? [] : [['colorInteropID', makeStringAttribute(colour)] as [string, Attribute]]),
  ];
  return {
    name,
    type: 'scanlineimage',
    compression: 'zip',
    channels: sortChannels(
      channels.map(
        (own, index): Channel => ({
          name: own,
          type: 'float',
          xSampling: 1,
          ySampling: 1,
          linear: false,
          plane: { part: number, index },
        }),
      ),
    ),
    dataWindow: window,
    displayWindow: window,
    lineOrder: 'increasing',
    tiles: undefined,
    attributes: new Attributes(attributes),
  };
}
