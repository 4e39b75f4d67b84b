/** `docs/layers.md`: how files are spelt, and what becomes of it. Its tables are what the code makes of small headers. */
import { formatAttribute, makeStringAttribute } from '../lib/format/attribute-types.js';
import { guardedChannels, type IdEvidence } from '../lib/layers/guard.js';
import { placesOf } from '../lib/layers/place.js';
import { programFacts, programs } from '../lib/layers/seen-by/program.js';
import { seenBy, seenChannels, works } from '../lib/layers/seen-by/seen-by.js';
import { setAttributes } from '../lib/layers/set-attributes.js';
import { type Attribute, Attributes } from '../lib/model/attributes.js';
import { sortChannels } from '../lib/model/channels.js';
import type { Channel, Header, Part } from '../lib/model/header.js';
import { code, prose, table } from './markdown.js';

interface PartSketch {
  readonly name?: string;
  readonly channels: readonly string[];
  /** The Cryptomattes that its metadata names. */
  readonly sets?: readonly string[];
  readonly view?: string;
  readonly views?: readonly string[];
  readonly colour?: string;
}

interface Example {
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
const examples: readonly Example[] = [
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

function makeHeader({ parts }: Example): Header {
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

/** The first channel of each layer, and what it is. */
function placeTable(header: Header): string {
  const guarded = guardedChannels(header);
  const shown = new Set<string>();
  const rows = [...placesOf(header)].flatMap(([channel, place]) => {
    const { part, layer, view, viewLayer, component, speltBy } = place;
    const identity = JSON.stringify([part, layer, view]);
    if (shown.has(identity)) return [];
    shown.add(identity);
    return [
      [
        nameOf(header, part),
        code(channel.name),
        layer === '' ? '(root)' : code(layer),
        viewLayer && code(viewLayer),
        view && code(view),
        code(component),
        speltBy,
        evidence(guarded.get(channel)),
      ],
    ];
  });
  return table(['part', 'a channel', 'layer', 'view layer', 'view', 'component', 'spelt by', 'guarded'], rows);
}

function nameOf({ parts }: Header, number: number): string {
  const name = parts[number]?.name;
  return name === undefined ? String(number) : `${number} ${code(name)}`;
}

function evidence(found: IdEvidence | undefined): string {
  return found ?? '';
}

/** How programs call the first rank channel of an example, and whether its Cryptomatte works there. */
function sightTable(header: Header): string {
  const isRed = ({ name }: Channel): boolean => /(^|\.)(r|R|red)$/.test(name);
  // Where nothing is guarded only the metadata knows of ranks.
  const rank = [...guardedChannels(header).keys()].find(isRed) ?? header.parts.at(-1)?.channels.find(isRed);
  const rows = programs.map((program) => {
    const seen = seenChannels(header, program).find(({ channel }) => channel === rank);
    const [sighting] = seenBy(header, program);
    const name = seen && (seen.layer === '' ? seen.name : `${seen.layer}.${seen.name}`);
    const verdict = sighting && (works(sighting) ? 'yes' : `no: ${sighting.problem?.text ?? ''}`);
    return [programFacts[program].label, name === undefined ? 'not shown' : code(name), prose(verdict ?? '')];
  });
  return table(['program', `calls ${code(rank?.name ?? '')}`, 'the Cryptomatte works'], rows);
}

function section(example: Example): string[] {
  const header = makeHeader(example);
  const hasSet = example.parts.some(({ sets }) => sets !== undefined);
  return [`### ${example.title}\n`, `${example.about}\n`, placeTable(header), ...(hasSet ? [sightTable(header)] : [])];
}

/** Examples by programs. */
function overview(): string {
  const rows = examples
    .filter(({ parts }) => parts.some(({ sets }) => sets !== undefined))
    .map((example) => {
      const header = makeHeader(example);
      return [
        example.title,
        ...programs.map((program) => (seenBy(header, program).every((one) => works(one)) ? 'yes' : 'no')),
      ];
    });
  return table(['', ...programs.map((program) => programFacts[program].label)], rows);
}

/** `docs/layers.md`. */
export function layersPage(): string {
  return [
    introduction,
    model,
    '## One example each\n',
    'The tables show one channel of each layer. "Guarded" names what protects the channel (see below).\n',
    ...examples.flatMap(section),
    readingRules,
    '## What programs see\n',
    'Which programs get the right mattes from the examples above, by their own rules:\n',
    overview(),
    `The programs stand for these readers:\n`,
    table(
      ['`info --as`', 'program', 'reader'],
      programs.map((program) => [code(program), programFacts[program].label, prose(programFacts[program].reader)]),
    ),
    programRules,
    guard,
    writing,
    invariants,
  ].join('\n');
}

const introduction = `# Layers: how files name them

Generated by \`npm run docs\` from \`scripts/layers-page.ts\` and the code that it describes; do not edit.

OpenEXR has parts and channels. Everything else is a matter of names: which channels form a layer, which view and which
view layer they belong to, which of them are ranks of a Cryptomatte. Every program has its own rules for that. exrpipe asks
two questions and keeps them apart:

* **What is it?** The best interpretation of all the evidence. Filters ask this. \`lib/layers\` has the answers (\`placesOf\`,
  \`headerSets\`, \`guardedChannels\`).
* **What does a program see?** The result of that program's own algorithm, whatever the file is. \`validate --target\` and
  \`info --as\` ask this (\`seenBy\`, \`seenChannels\`).
`;

const model = `## The words

| | |
|---|---|
| part | has a data window, a codec, a list of channels and attributes. Files have one or several |
| channel | a plane of pixels with a name: \`main.Combined.R\` |
| component | the channel's place in its layer: \`R\`, \`red\`, \`Z\` |
| layer | the channels that make up one image: \`main.Combined\`. The root layer has no name. A layer's name is the same whether the channels, the part or both carry it |
| view layer | the beginning of a layer's name, if it is one of Blender's view layers: \`main\` |
| view | \`left\`, \`right\`: the same layer for another eye |
| rank layer | a layer that holds Cryptomatte pixels: two IDs with their coverages. Red is an ID, green its coverage, blue the next ID, alpha its coverage |
| Cryptomatte | a name, its metadata (\`cryptomatte/KEY/name\`, \`hash\`, \`conversion\`, \`manifest\` or \`manif_file\`) and its rank layers, in any part of the file |
`;

const readingRules = `## How names are read

In this order, for each part:

1. **View.** The part's attribute \`view\`. Otherwise, with a \`multiView\`: a piece of the name that is one of its views, at
   the front (Nuke) or before the component (Blender); channels without one belong to the first view. Without either
   attribute there are no views, and \`left.X\` is a layer.
2. **Layer.** If any channel of the part has a dot, channel names contain the layer. The part's name may repeat it ("both") or
   is only a label.
3. If none has, and the file has several parts, the part's name is the layer, without the view at its end, unless it is
   a default name that programs assign: \`rgba\`, \`beauty\`, \`main\`, \`depth\`, \`part1\`,
   \`subimage01\`, a view.
4. **View layer.** Only with proof: \`cycles.VIEW LAYER.…\` attributes, the note that \`rename --preset\` leaves
   (\`exrpipe/viewLayers\`), or one of Blender's own passes after it in the name of a layer or a Cryptomatte.
   \`Composite\` is what Blender 5 calls the result of its compositor; it counts as a view layer, and \`split --by view-layer\`
   gives it a file of its own.
5. **Ranks** of a Cryptomatte called N: the layers named N and two digits, in all parts, for each view. If there are none: N
   and any digits (\`1\`, \`2\`; \`00_001\`); if there are none of these either: the layer N itself. A name changed by Nuke's
   rules, another case or the view layer still leads to its channels, as long as the match is unique both ways.
`;

const programRules = `The rules that programs follow, measured in Blender 5.3 and 4.5, and taken from the published code of the others:

| program | metadata | names of layers | ranks of N | what stops it |
|---|---|---|---|---|
| Blender 4.5 and 5.x | part 0 only, in the file itself; \`\\u\` escapes are not decoded | the part's name is prefixed to channels that do not begin with it, even in a single part. The last piece is the channel, the one before it the pass, the rest the layer | in the first layer with a match: passes that begin with the rest of N, in the file's order, N itself omitted. One view is read, once for each existing view | 63 bytes for the name of a Cryptomatte, for a layer and for a pass; a last rank of two channels; parts with another data window than part 0 (misplaced, or Blender 5.3 crashes); a colour space: the first part in file order that names a known one other than "data" decides for the whole file |
| Blender 3.0 to 4.4 | the same | as written | only the first layer whose name begins N; N itself counts as a rank | root R, G, B, A beside a Cryptomatte in a layer |
| Nuke | part 0 only; attributes under \`cryptomatte/\` (\`exr/cryptomatte/\` in a file is not found) | part names are prefixed only where no channel of the whole file has a dot, or by \`nuke/full_layer_names\`. Two dots separate levels, characters other than letters and digits become \`_\`, leading digits and views are removed | N by the same rules and digits, twelve layers | parts with another data window or line order; multi-part stereo of Blender 5 |
| Fusion | part 0, keys of a-z and 0-9; one key with a capital letter stops it for the whole file | as written | what begins with N, by the last digit, ten | several parts; a missing manifest |
| After Effects | part 0 | in files of several parts the names of all parts but the first are prefixed, with or without dots | N and two digits, float, until one is missing | names over 63 bytes |
| scripts (cryptomatte-api) | part 0 | part 0 only, as written | N and two digits from 00 on, without a gap; the last may have two channels | any attribute that the specification does not know |

No program opens what OpenEXR itself refuses (parts with another display window, pixel aspect ratio or chromaticities).
`;

const guard = `## What the guard protects

Cryptomatte IDs are floats whose bits must arrive exactly. Half, PXR24, B44 and DWA change them and destroy the mattes. So
the planner refuses to write a guarded channel as anything but lossless float. It judges the file **as it
arrived**: no rename, \`drop-attribute\` or \`split\` on the way changes the answer.

| evidence | |
|---|---|
| declared | metadata names the Cryptomatte, in any spelling that a program may have given it |
| named | the layer's or the part's name contains "crypto", and the channels are float |
| numbered | \`N00\`, \`N01\`, …: all float and complete |

Where metadata dangles (its channels have other names), float layers without another explanation are suspects: \`repair\` and
\`inject-manifest\` examine their pixels. Plain R, G, B, A without any of this is colour. A wrong guess that
something holds IDs costs space, the opposite destroys IDs.
`;

const writing = `## What happens on writing

Filters rename layers, not channels or parts: a new name is written where the old one was: in the channels, the part, or
both. Metadata follows the pixels: whatever was renamed, dropped, split or merged, a Cryptomatte goes where its rank channels go.
The rest is decided for each output file, once its parts are known (\`lib/cryptomatte/settle.ts\`):

* A Cryptomatte is written into the files that hold some of its channels, in part 0, the only one that all
  programs read. Copies in other parts stay.
* If a part is alone in its file and holds ranks, a part name that its channels do not begin with is removed, since Blender would
  prefix it to them. If it was the layer's name, the channels get it first.
* Two Cryptomattes with the same name stay in their parts, with a warning: programs see at most one of them.
* \`multiView\` and \`view\` name the existing views.
* \`colorInteropID\` stays with the pixels it describes; parts that hold only Cryptomattes are "data" where a file names colour
  spaces, and data does not come before colour.

This changes attributes, names of parts and the common beginning of a part's channel names, never pixels.
`;

const invariants = `## Invariants

Tests check these on the headers above and on random ones of all these kinds:

* Renaming everything to its own name gives the same header, byte for byte. Every channel has exactly one place.
* Without evidence there are no view layers and no views.
* After any chain a Cryptomatte that kept all its channels has the same names for the same pixels, or a warning names it;
  it never gets another one's manifest.
* Settling a file a second time changes nothing.
* A guarded channel is written as lossless float, or the run is refused, whatever came before.
* Interpreting a header takes time in proportion to its size, and never fails, whatever it holds.
`;
