import {
  type Channel,
  carrySets,
  defineFilter,
  ExrError,
  type FilterContext,
  type Header,
  headerSets,
  orphanGroups,
  type Part,
  parseChannelName,
  viewLayers,
} from '../lib/index.js';
import { inheritGlobals } from './shared/attributes.js';
import { joinParts, type Piece } from './shared/join-parts.js';
import { cyclesLayer } from './shared/renaming.js';
import { contents } from './shared/select.js';
import { viewName } from './shared/tokens.js';

export const split = defineFilter({
  name: 'split',
  summary: 'Take a frame apart: one part for each view layer, layer or part',
  description: [
    "Each output is complete: it has its own Cryptomattes with their metadata, and the file's other metadata (camera, frame, scene). With -o 'dir/{layer}.exr' every part becomes a file of its own; without a pattern the result is one multi-part EXR, which also works on a pipe.",
    "--by view-layer follows Blender's view layers, whose names may hold dots and blanks, and brings together what Blender 5 writes as one part for each pass. --by layer makes an output of each pass, a Cryptomatte with all its ranks being one. --by part keeps parts as they are and makes each complete by itself. Channels that are in no layer go to an output called root.",
    '--strip-prefix takes the name of the layer off the channels and Cryptomattes in it, so that every file has the same names.',
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
    { command: 'split --by layer < shot.0001.exr > parts.0001.exr', what: 'a multi-part file on a pipe' },
  ],
  options: {
    by: {
      type: 'choice',
      choices: ['view-layer', 'layer', 'part'],
      default: 'view-layer',
      summary: 'what makes an output',
    },
    stripPrefix: { type: 'flag', summary: "take the layer's name off its channels and Cryptomattes" },
  },
  header(header, { by, stripPrefix }, context) {
    const groups = uniqueNames(grouping[by](header, context).flatMap((group) => separate(group, header)));
    const newName = stripPrefix ? prefixStripper(header) : (channel: Channel) => channel.name;
    const parts = groups.map((group) => {
      const whole = joinParts(takePieces(header, group, newName), group.name, context);
      return { ...whole, attributes: ownStatistics(whole, group.members, header) };
    });
    const after = { ...header, parts, multiPart: parts.length > 1 };
    return carrySets(header, after, context, { selfContained: true });
  },
});

/** The channels that become one part. */
interface Group {
  /** The part's name. */
  readonly name: string;
  /** The layer that --strip-prefix takes off. */
  readonly layer: string;
  readonly members: ReadonlySet<Channel>;
}

const rootName = 'root';

const grouping = { 'view-layer': byViewLayer, layer: byLayer, part: byPart } as const;

function byPart(header: Header, { inputs }: FilterContext): Group[] {
  return header.parts.map(({ name, channels }, number) => {
    const known = name ?? inputs[0]?.stem ?? `part${number}`;
    return { name: known, layer: known, members: new Set(channels) };
  });
}

function byLayer(header: Header): Group[] {
  const sets = setNames(header);
  const groups = new Map<string, Set<Channel>>();
  for (const { channels } of header.parts)
    for (const channel of channels) {
      const layer = sets.get(channel) ?? parseChannelName(channel.name).layer;
      const members = groups.get(layer) ?? new Set();
      groups.set(layer, members.add(channel));
    }
  return [...groups].map(([layer, members]) => ({ name: layer || rootName, layer, members }));
}

function byViewLayer(header: Header): Group[] {
  const layers = viewLayers(header);
  if (!layers.some(({ name }) => name !== ''))
    throw new ExrError('usage', 'NO_VIEW_LAYERS', 'no channel names a view layer', {
      hint: `Use --by layer for one output for each layer, or --by part. ${contents(header)}`,
    });
  return layers.map(({ name, channels }) => ({
    name: name || rootName,
    layer: name,
    members: new Set(channels.map(({ channel }) => channel)),
  }));
}

/** Channels of the same name cannot share a part: stereo parts go apart by view, others one by one. */
function separate(group: Group, header: Header): Group[] {
  if (!hasTwins(group.members)) return [group];
  const divide = (nameOf: (part: Part, number: number) => string): Group[] => {
    const groups = new Map<string, Set<Channel>>();
    for (const [number, part] of header.parts.entries()) {
      const own = part.channels.filter((channel) => group.members.has(channel));
      if (own.length === 0) continue;
      const name = nameOf(part, number);
      groups.set(name, new Set([...(groups.get(name) ?? []), ...own]));
    }
    return [...groups].map(([name, members]) => ({ ...group, name, members }));
  };
  const views = divide((part) => [group.name, viewName(part)].filter((piece) => piece !== '').join('.'));
  if (!views.some(({ members }) => hasTwins(members))) return views;
  return divide(({ name }, number) => `${name ?? `part${number}`}.${group.name}`);
}

function hasTwins(channels: ReadonlySet<Channel>): boolean {
  return new Set([...channels].map(({ name }) => name)).size < channels.size;
}

/** What each arrived part gives to a group. */
function takePieces(
  header: Header,
  { name, layer, members }: Group,
  newName: (channel: Channel, layer: string) => string,
): Piece[] {
  const globals = header.parts[0]?.attributes;
  return header.parts.flatMap((part): Piece[] => {
    const channels = part.channels.filter((channel) => members.has(channel));
    if (channels.length === 0) return [];
    const attributes = globals ? inheritGlobals(part.attributes, globals) : part.attributes;
    return [
      {
        part: { ...part, attributes },
        channels: channels.map((channel) => ({ ...channel, name: newName(channel, layer) })),
        label: part.name ?? name,
      },
    ];
  });
}

/** The name of the Cryptomatte each rank channel belongs to, with or without metadata. */
function setNames(header: Header): Map<Channel, string> {
  const names = new Map<Channel, string>();
  for (const { name, layers } of [...orphanGroups(header), ...headerSets(header)])
    for (const { channels } of layers) for (const channel of channels) if (name !== undefined) names.set(channel, name);
  return names;
}

/** Part names must differ; two of the same name get a number. */
function uniqueNames(groups: readonly Group[]): Group[] {
  const taken = new Set<string>();
  return groups.map((group) => {
    let { name } = group;
    for (let number = 2; taken.has(name); number++) name = `${group.name}_${number}`;
    taken.add(name);
    return { ...group, name };
  });
}

/**
 * A channel's name without the name of its layer in front. A rank keeps at least the Cryptomatte's own name, since
 * `00.r` alone would say nothing.
 */
function prefixStripper(header: Header): (channel: Channel, layer: string) => string {
  const sets = setNames(header);
  return (channel, layer) => {
    const set = sets.get(channel);
    const prefix = set === layer ? layer.slice(0, layer.lastIndexOf('.') + 1) : `${layer}.`;
    const rest = channel.name.startsWith(prefix) ? channel.name.slice(prefix.length) : '';
    const tooShort = rest === '' || (set !== undefined && !rest.includes('.'));
    return tooShort ? channel.name : rest;
  };
}

/** Without the Cycles statistics of view layers that went elsewhere. */
function ownStatistics(part: Part, members: ReadonlySet<Channel>, header: Header): Part['attributes'] {
  const all = header.parts.flatMap(({ channels }) => channels);
  const foreign = (layer: string): boolean => {
    const inLayer = all.filter(({ name }) => name.startsWith(`${layer}.`));
    return inLayer.length > 0 && !inLayer.some((channel) => members.has(channel));
  };
  return part.attributes.filter((name) => {
    const layer = cyclesLayer(name);
    return layer === undefined || !foreign(layer);
  });
}
