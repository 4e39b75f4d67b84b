import { carrySets } from '../lib/cryptomatte/index.js';
import {
  advise,
  type Channel,
  defineFilter,
  ExrError,
  type FilterContext,
  type Header,
  optionNamed,
  type Part,
} from '../lib/index.js';
import {
  type ChannelPlace,
  colourFirst,
  cyclesLayer,
  fullName,
  headerSets,
  orphanGroups,
  placeOf,
  placesOf,
  respell,
  settleColour,
  viewLayersOf,
} from '../lib/layers/index.js';
import { inheritGlobals } from './shared/attributes.js';
import { imagesForViewers } from './shared/for-viewers.js';
import { joinParts, type Piece } from './shared/join-parts.js';
import { contents } from './shared/select.js';
import { viewName } from './shared/tokens.js';

/** Writes parts, layers or view layers to files of their own. See docs/reference.md#split for its options. */
export const split = defineFilter({
  name: 'split',
  summary: 'Split a frame by view layer, layer or part',
  description: [
    "Each output is complete: it has its own Cryptomattes with their metadata, and the file's other metadata (camera, frame, scene). With -o 'dir/{layer}.exr' every part becomes a separate file; without a pattern the result is one multi-part EXR, which also works on a pipe.",
    "--by view-layer follows Blender's view layers, whose names may contain dots and spaces, and combines what Blender 5 writes as one part for each pass. --by layer makes an output for each pass; a Cryptomatte with all its ranks is one. --by part keeps parts as they are and makes each one complete. The output of Blender's compositor, the view layer Composite, gets an output of its own. Channels that are in no layer go to an output called root.",
    '--as single, the default, makes one part of each output, which every program reads. --as parts keeps the parts of the input, as Blender 5 writes them, without touching their pixels; {layer} in -o is still the view layer. "layout --to parts" before it makes a part of each layer first.',
    '--for viewers (the same as --as viewers) writes images for programs without layers, such as GIMP, OpenCV, ffmpeg and three.js: a file for each layer, regardless of --by, with channels R, G, B and A, or Y if there is only one. X, Y, Z become R, G, B, two channels get a third one of zeros, and other channels of a layer that has colour get files of their own. One file has one pixel type, the data window of the display window, and a codec that all readers have (ZIP instead of DWA and others). Cryptomattes are dropped ("masks" writes them as PNG). docs/viewers.md lists the programs.',
    '--strip-prefix removes the name of the layer from its channels and Cryptomattes, so that every file has the same names.',
  ].join('\n\n'),
  examples: [
    {
      command: "split --by view-layer shot.0001.exr -o 'out/{layer}.0001.exr'",
      what: 'one file for each view layer',
    },
    {
      command: "split --by view-layer --strip-prefix shot.0001.exr -o 'out/{layer}/shot.0001.exr'",
      what: 'the same with names that do not depend on the view layer, for one comp script',
    },
    {
      command: "split --as parts blender5.0001.exr -o 'out/{layer}.0001.exr'",
      what: 'one multi-part file for each view layer of a frame of Blender 5, nothing re-encoded',
    },
    { command: 'split --by layer < shot.0001.exr > parts.0001.exr', what: 'a multi-part file on a pipe' },
    {
      command: "split --for viewers shot.0001.exr -o 'out/{layer}.0001.exr'",
      what: 'an image for each pass, for programs without layers',
    },
  ],
  options: {
    by: {
      type: 'choice',
      choices: ['view-layer', 'layer', 'part'],
      default: 'view-layer',
      summary: 'what each output holds',
    },
    as: {
      type: 'choice',
      choices: ['single', 'parts', 'viewers'],
      default: 'single',
      summary: 'one part, the parts of the input, or images for programs without layers',
    },
    stripPrefix: { type: 'flag', summary: 'remove the name of the layer from its channels and Cryptomattes' },
  },
  rewritesChunks: ({ by, as }) => as !== 'parts' && by !== 'part',
  header(header, { by, as, stripPrefix }, context) {
    if (as === 'viewers') return imagesForViewers(header, context);
    const newLayer = stripPrefix ? prefixStripper(header) : ({ layer }: ChannelPlace) => layer;
    const found = grouping[by](header, context);
    const groups = uniqueNames(as === 'parts' ? found : found.flatMap((group) => separate(group, header, newLayer)));
    const partsOf = (group: Group): readonly Part[] =>
      as === 'parts'
        ? keepParts(header, group, newLayer)
        : [joinParts(takePieces(header, group, newLayer), group.name, context)];
    const isForeign = foreignStatistics(header);
    const outputs = groups.map((group) => {
      const parts = partsOf(group).map((part) => ({
        ...part,
        attributes: part.attributes.filter((name) => !isForeign(name, group)),
      }));
      return colourFirst(settleColour({ parts }, header).parts);
    });
    const parts = colourFirst(outputs.flat());
    const after = { ...header, parts, multiPart: parts.length > 1 };
    return carrySets(header, after, context, { beside: true });
  },
});

/** The channels that become one part. */
interface Group {
  /** The part's name. */
  readonly name: string;
  /** The layer that --strip-prefix takes off. */
  readonly layer: string;
  /** The channels by the number of the part they come from. */
  readonly members: ReadonlyMap<number, readonly Channel[]>;
}

const rootName = 'root';

const grouping = { 'view-layer': byViewLayer, layer: byLayer, part: byPart } as const;

function byPart(header: Header, { inputs }: FilterContext): Group[] {
  return header.parts.map(({ name, channels }, number) => {
    const known = name ?? inputs[0]?.stem ?? `part${number}`;
    return { name: known, layer: known, members: new Map([[number, channels]]) };
  });
}

function byLayer(header: Header): Group[] {
  const sets = setNames(header);
  const layers = new Collection();
  for (const { part, channel, layer } of placesOf(header).values())
    layers.add(sets.get(channel) ?? layer, part, channel);
  return [...layers].map(([layer, members]) => ({ name: layer || rootName, layer, members }));
}

function byViewLayer(header: Header): Group[] {
  if (viewLayersOf(header).length === 0)
    throw new ExrError('usage', 'NO_VIEW_LAYERS', 'no channel names a view layer', {
      hint: advise`Use ${optionNamed('by', 'layer')} for one output for each layer, or ${optionNamed('by', 'part')}. ${contents(header)}`,
    });
  const found = new Collection();
  for (const { part, channel, viewLayer } of placesOf(header).values()) found.add(viewLayer, part, channel);
  return [...found].map(([layer, members]) => ({ name: layer || rootName, layer, members }));
}

/** Gives the layer that a channel is in from now on, within the group that its own layer is in. */
type NewLayer = (place: ChannelPlace, layer: string) => string;

/** Channels of the same name cannot share a part: stereo parts go apart by view, others one by one. */
function separate(group: Group, header: Header, newLayer: NewLayer): Group[] {
  const nameOf = (channel: Channel): string => {
    const place = placeOf(header, channel);
    return fullName(place, { layer: newLayer(place, group.layer) });
  };
  if (!hasDuplicates(group.members, nameOf)) return [group];
  const divide = (labelOf: (part: Part | undefined, number: number) => string): Group[] => {
    const found = new Collection();
    for (const [number, channels] of group.members)
      for (const channel of channels) found.add(labelOf(header.parts[number], number), number, channel);
    return [...found].map(([name, members]) => ({ ...group, name, members }));
  };
  const views = divide((part) => [group.name, viewName(part)].filter((piece) => piece !== '').join('.'));
  if (!views.some(({ members }) => hasDuplicates(members, nameOf))) return views;
  return divide((part, number) => {
    // A part with its layer's name keeps it: Blender expects it at the beginning of the channels' names.
    const isNamed = part?.channels.every((channel) => placeOf(header, channel).speltBy !== 'channel');
    return isNamed && part?.name ? part.name : `${part?.name ?? `part${number}`}.${group.name}`;
  });
}

function hasDuplicates(members: Group['members'], nameOf: (channel: Channel) => string): boolean {
  const names = [...members.values()].flatMap((channels) => channels.map(nameOf));
  return new Set(names).size < names.length;
}

/** Channels collected under names, and there by the part they come from. */
class Collection implements Iterable<[string, Group['members']]> {
  readonly #groups = new Map<string, Map<number, Channel[]>>();

  add(name: string, part: number, channel: Channel): void {
    const group = this.#groups.get(name) ?? new Map<number, Channel[]>();
    this.#groups.set(name, group);
    const channels = group.get(part);
    if (channels) channels.push(channel);
    else group.set(part, [channel]);
  }

  [Symbol.iterator](): IterableIterator<[string, Group['members']]> {
    return this.#groups.entries();
  }
}

/** What each arrived part gives to a group. A part that stays whole goes on bearing its layer's name; of others the channels do. */
function takePieces(header: Header, { name, layer, members }: Group, newLayer: NewLayer): Piece[] {
  const globals = header.parts[0]?.attributes;
  return [...members].flatMap(([number, channels]): Piece[] => {
    const part = header.parts[number];
    if (!part || !globals) return [];
    const staysWhole = members.size === 1 && part.name === name && channels.length === part.channels.length;
    const nameOf = (channel: Channel): string => {
      const place = placeOf(header, channel);
      const wanted = newLayer(place, layer);
      return staysWhole && wanted === place.layer ? channel.name : fullName(place, { layer: wanted });
    };
    return [
      {
        part: { ...part, attributes: inheritGlobals(part.attributes, globals) },
        channels: channels.map((channel) => ({ ...channel, name: nameOf(channel) })),
        label: part.name ?? name,
      },
    ];
  });
}

/** The channels of a group in the parts they came in. The first one inherits what the file's first part has for the whole image. */
function keepParts(header: Header, { name, layer, members }: Group, newLayer: NewLayer): readonly Part[] {
  const globals = header.parts[0]?.attributes;
  const kept = [...members].flatMap(([number, channels], index) => {
    const part = header.parts[number];
    if (!part || !globals) return [];
    const isWhole = channels.length === part.channels.length;
    const attributes = index === 0 ? inheritGlobals(part.attributes, globals) : part.attributes;
    // Of a part that goes to several outputs each piece is called like its output, so that names stay different on a pipe.
    return [{ ...part, name: isWhole ? (part.name ?? name) : name, channels, attributes, output: name }];
  });
  const apart = { ...header, parts: uniqueNames(kept) };
  const wantedOf = (channel: Channel): string => newLayer(placeOf(header, channel), layer);
  const changes = (channel: Channel): boolean => wantedOf(channel) !== placeOf(header, channel).layer;
  if (!apart.parts.some(({ channels }) => channels.some(changes))) return apart.parts;
  return respell(apart, {
    channel: (old, { channel }) =>
      changes(channel) ? fullName(placeOf(header, channel), { layer: wantedOf(channel) }) : old,
    part: (old, { channels }) =>
      channels.some(changes) && old.startsWith(`${layer}.`) ? old.slice(layer.length + 1) : old,
  }).parts;
}

/** The name of the Cryptomatte each rank channel belongs to, with or without metadata. */
function setNames(header: Header): Map<Channel, string> {
  const names = new Map<Channel, string>();
  for (const { name, layers } of [...orphanGroups(header), ...headerSets(header)])
    for (const { channels } of layers) for (const channel of channels) if (name !== undefined) names.set(channel, name);
  return names;
}

/** Part names must differ; two of the same name get a number. */
function uniqueNames<Named extends { readonly name: string }>(named: readonly Named[]): Named[] {
  const taken = new Set<string>();
  return named.map((one) => {
    let { name } = one;
    for (let number = 2; taken.has(name); number++) name = `${one.name}_${number}`;
    taken.add(name);
    return { ...one, name };
  });
}

/**
 * A layer's name without the name of the group in front. A rank keeps at least the Cryptomatte's own name, since `00.r` alone
 * would be empty, and a name that is cut off behind the dot has nothing else.
 */
function prefixStripper(header: Header): NewLayer {
  const sets = setNames(header);
  return ({ channel, component, layer: old }, layer) => {
    const set = sets.get(channel);
    const prefix = set === layer ? layer.slice(0, Math.max(0, layer.lastIndexOf('.'))) : layer;
    const rest = old === prefix ? '' : old.startsWith(`${prefix}.`) ? old.slice(prefix.length + 1) : old;
    return (set !== undefined || component === '') && rest === '' ? old : rest;
  };
}

/** Tells which Cycles statistics speak of a view layer that went elsewhere; those of none that is there stay everywhere. */
function foreignStatistics(header: Header): (attribute: string, group: Group) => boolean {
  const present = new Set(viewLayersOf(header));
  const own = new Map<Group, Set<string>>();
  return (attribute, group) => {
    const layer = cyclesLayer(attribute);
    if (layer === undefined || !present.has(layer)) return false;
    const channels = [...group.members.values()].flat();
    const layers = own.get(group) ?? new Set(channels.map((channel) => placeOf(header, channel).viewLayer));
    own.set(group, layers);
    return !layers.has(layer);
  };
}
