import { carrySets } from '../lib/cryptomatte/index.js';
import { formatAttribute, groupBy, makeStringAttribute } from '../lib/format/index.js';
import {
  type Attributes,
  advise,
  type Channel,
  defineFilter,
  ExrError,
  type FilterContext,
  type Header,
  isExrError,
  optionNamed,
  type Part,
  stepOf,
} from '../lib/index.js';
import {
  type ChannelPlace,
  colourAttribute,
  colourFirst,
  colourSpace,
  dataColour,
  isSetAttribute,
  joinChannelName,
  listedViews,
  parseChannelName,
  parseComponent,
  placesOf,
  viewsOf,
} from '../lib/layers/index.js';
import { isShared } from './shared/agreement.js';
import { describesPart, inheritGlobals, nothingAsked, partLabel } from './shared/attributes.js';
import { joinParts, type Piece } from './shared/join-parts.js';
import { lostOnTheWay } from './shared/one-way.js';

const programs = ['blender', 'nuke'] as const;
type Program = (typeof programs)[number];

/** Puts the same layers in one part, or in a part each. See docs/reference.md#layout for its options. */
export const layout = defineFilter({
  name: 'layout',
  summary: 'Store the same layers in one part, or in a part for each layer',
  description: [
    'Changes only where layers are stored, never their names: --to single makes one part whose channels carry the names of their layers, as Blender up to 4.5 writes it, for programs that do not support parts; --to parts makes a part for each layer and view. --for blender (the default) or --for nuke selects the convention.',
    'For blender a part has the name of its layer, LAYER.PASS or LAYER.PASS-VIEW, and its channels have full names, as in files of Blender 5. For nuke only the part has the name, with the view after a dot, and the channels are R, G, B. In a single part the view follows the layer for blender (main.Combined.left.R); for nuke the first view has no prefix, and the others come first (right.main.Combined.R).',
    'Metadata of the whole image, Cryptomattes included, goes to the first part, where Blender looks for it. The first part is a colour part where there is one. Where the file names colour spaces, parts without red, green and blue are "data".',
    'With ZIP, a single part is larger, by a third to a half for large frames: ZIP looks back 32 KB, and in a single part the line above is further away than that.',
    'One way and back again restores all names, channels and metadata, with parts ordered by name. What could not be restored, such as data windows of different sizes, is noted. For names that another program expects, add "then rename --preset".',
  ].join('\n\n'),
  examples: [
    {
      command: 'layout --to single then rename --preset fusion shot.0001.exr -o comp/shot.0001.exr',
      what: 'a frame of Blender 5 for a program that reads only single-part files',
    },
    { command: 'layout --to parts shot.0001.exr -o parts/shot.0001.exr', what: 'as Blender 5 writes: LAYER.PASS' },
    {
      command: 'layout --to parts --for nuke shot.0001.exr -o nuke/shot.0001.exr',
      what: 'a part for each layer, so that Nuke reads only the layers that a comp uses',
    },
  ],
  options: {
    to: { type: 'choice', choices: ['single', 'parts'], summary: 'one part, or one for each layer and view' },
  },
  rewritesChunks: () => true,
  check: ({ to }) => {
    if (to === undefined)
      throw nothingAsked(
        'layout',
        advise`choose the layout, with ${optionNamed('to', 'single')} or ${optionNamed('to', 'parts')}`,
      );
  },
  header(header, { to = 'single' }, context) {
    const program = layoutProgram(context);
    const result = { ...ways[to](header, program, context), madeFor: [program] };
    noteLosses(header, result, { to, program }, context);
    return result;
  },
});

/** The first program that was asked for, if its way of writing is known; Blender's where nobody asked. */
function layoutProgram({ programs: asked }: FilterContext): Program {
  const known = programs.find((program) => asked.includes(program));
  if (known || asked.length === 0) return known ?? 'blender';
  throw new ExrError('usage', 'NO_SUCH_LAYOUT', `there is no layout for ${asked.join(', ')}`, {
    hint: advise`${optionNamed('for')} must be ${programs.join(' or ')} here; every program reads ${stepOf('layout', { to: 'single' })} without it.`,
  });
}

const ways = { single: toSingle, parts: toParts } as const;

/** Things that a note names one by one. */
const mostNamed = 5;

/** Reports what going back would not give back. Of parts that only change their names there is no other way. */
function noteLosses(
  before: Header,
  after: Header,
  { to, program }: { readonly to: keyof typeof ways; readonly program: Program },
  context: FilterContext,
): void {
  if (before.parts.length > 1 && to === 'parts') return;
  const lost = wentBack(before, after, to === 'single' ? 'parts' : 'single', program, context);
  if (lost.length === 0) return;
  const shown = lost.slice(0, mostNamed).join(', ');
  const more = lost.length > mostNamed ? ` and ${lost.length - mostNamed} more` : '';
  context.note('ONE_WAY', `the reverse would not restore these: ${shown}${more}`);
}

function wentBack(
  before: Header,
  after: Header,
  to: keyof typeof ways,
  program: Program,
  context: FilterContext,
): string[] {
  try {
    const back = ways[to](after, program, { ...context, warn: () => {}, note: () => {} });
    return lostOnTheWay(before, back, to === 'single');
  } catch (error) {
    if (!isExrError(error)) throw error;
    return [`the one part, since ${error.message}`];
  }
}

function toSingle(header: Header, program: Program, context: FilterContext): Header {
  const views = orderedViews(header);
  const places = placesOf(header);
  const pieces = header.parts.map((part, number): Piece => {
    const channels = part.channels.map((channel) => ({
      ...channel,
      name: singleName(places.get(channel) as ChannelPlace, views, program),
    }));
    return { part, channels, label: part.name ?? partLabel(part, number) };
  });
  refuseClashes(pieces);
  const joined = joinParts(pieces, undefined, context);
  const attributes = listViews(joined.attributes, views, program);
  return carrySets(header, { ...header, parts: [{ ...joined, attributes }], multiPart: false }, context);
}

/** The views that are there, in the order in which a single part lists them: the first one is the main one. */
function orderedViews(header: Header): string[] {
  const there = viewsOf(header);
  const listed = header.parts.flatMap(listedViews).filter((view) => there.includes(view));
  return [...new Set([...listed, ...there])];
}

/** The full name. Where there is one view, nothing has to tell it from others. */
function singleName({ layer, view, component }: ChannelPlace, views: readonly string[], program: Program): string {
  const isPlain = view === '' || views.length < 2 || (program === 'nuke' && view === views[0]);
  const pieces = isPlain ? [layer] : program === 'nuke' ? [view, layer] : [layer, view];
  return joinChannelName(pieces.filter((piece) => piece !== '').join('.'), component);
}

/** Nuke lists the views of a single part also where there is only one; for Blender that part may carry the name itself. */
function listViews(attributes: Attributes, views: readonly string[], program: Program): Attributes {
  const [only, other] = views;
  if (only === undefined) return attributes.without('multiView');
  if (other === undefined && program === 'blender')
    return attributes.without('multiView').with('view', makeStringAttribute(only));
  const list = { type: 'stringvector', value: formatAttribute('stringvector', [...views]) };
  return attributes.without('view').with('multiView', list);
}

function refuseClashes(pieces: readonly Piece[]): void {
  const named = pieces.flatMap(({ channels, label }) => channels.map(({ name }) => ({ name, label })));
  const clashes = [...groupBy(named, ({ name }) => name)].filter(([, same]) => same.length > 1);
  const [first] = clashes;
  if (!first) return;
  const more = clashes.length > 1 ? `; and ${clashes.length - 1} more` : '';
  throw new ExrError(
    'usage',
    'CHANNELS_CLASH',
    `several parts have the same channels: "${first[0]}" in ${first[1].map(({ label }) => label).join(' and ')}${more}`,
    {
      hint: advise`${stepOf('merge', { name: '{layer}' })} or ${stepOf('merge', { onClash: 'prefix' })} gives them different names in one part.`,
    },
  );
}

/** The channels that become one part. */
interface Group {
  readonly place: ChannelPlace;
  readonly name: string;
  readonly components: Set<string>;
  /** By the number of the part they come from. */
  readonly members: Map<number, Channel[]>;
}

function toParts(header: Header, program: Program, context: FilterContext): Header {
  const sources = new Set<number>();
  const groups = groupChannels(header, program);
  const shared = new Map<number, Attributes>();
  const ofEach = (number: number, { attributes }: Part): Attributes => {
    const known = shared.get(number) ?? attributes.filter((name) => isOfEach(name));
    shared.set(number, known);
    return known;
  };
  const parts = groups.map((group): Part => {
    const pieces = [...group.members].flatMap(([number, channels]): Piece[] => {
      const part = header.parts[number];
      if (!part) return [];
      // What describes a part beside its pixels is stored once.
      const attributes = sources.has(number) ? ofEach(number, part) : part.attributes;
      sources.add(number);
      const colour = colourOf(part, channels, group.components);
      const settled = colour === undefined ? attributes : attributes.with(colourAttribute, makeStringAttribute(colour));
      return [{ part: { ...part, attributes: settled }, channels, label: part.name ?? partLabel(part, number) }];
    });
    return withView(joinParts(pieces, group.name, context), group.place.view);
  });
  // Alone in a file a part's name adds nothing.
  const spelt = program === 'nuke' && parts.length > 1 ? parts.map(withBareChannels) : parts;
  const [first, ...others] = colourFirst(spelt);
  if (!first) return header;
  const globals = header.parts[0]?.attributes ?? first.attributes;
  const sets = [...globals].filter(([name]) => isSetAttribute(name) && !first.attributes.has(name));
  const head = { ...first, attributes: inheritGlobals(first.attributes, globals).merge(sets) };
  return {
    ...header,
    parts: [head, ...others.map((part) => withoutCopies(part, head.attributes))],
    multiPart: others.length > 0,
  };
}

function groupChannels(header: Header, program: Program): Group[] {
  const taken = new Set<string>();
  const open = new Map<string, Group>();
  const groups: Group[] = [];
  for (const place of placesOf(header).values()) {
    const { layer, view, component, part, channel } = place;
    const label = layer === '' ? rootName(component) : layer;
    const key = JSON.stringify([layer === '', label, view]);
    let group = open.get(key);
    if (!group || group.components.has(component)) {
      group = { place, name: freeName(label, place, program, taken), components: new Set(), members: new Map() };
      open.set(key, group);
      groups.push(group);
    }
    group.components.add(component);
    const members = group.members.get(part);
    const renamed = { ...channel, name: joinChannelName(layer, component) };
    if (members) members.push(renamed);
    else group.members.set(part, [renamed]);
  }
  // Parts have an order of their own, channels only that of the alphabet.
  return header.parts.length > 1 ? groups : inOrder(groups, orderedViews(header));
}

/**
 * In Blender's order: what its compositor made, then one view layer after the other, each beginning with its beauty, which viewers
 * show, and the views of a layer side by side.
 */
function inOrder(groups: readonly Group[], views: readonly string[]): Group[] {
  const numbers = (names: Iterable<string>): Map<string, number> =>
    new Map([...new Set(names)].map((name, index) => [name, index]));
  const viewLayers = numbers(groups.map(({ place }) => place.viewLayer));
  const layers = numbers(groups.map(({ place }) => place.layer));
  const viewNumbers = numbers(views);
  const keyed = groups.map((group) => {
    const { layer, viewLayer, view } = group.place;
    const isWhole = layer === '' || viewLayer === 'Composite';
    const key = [
      isWhole ? -1 : (viewLayers.get(viewLayer) ?? 0),
      /(^|[._])Combined$/.test(layer) ? 0 : 1,
      layers.get(layer) ?? 0,
      viewNumbers.get(view) ?? 0,
    ];
    return { group, key };
  });
  const compare = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((order, number, index) => order || number - (b[index] ?? 0), 0);
  return keyed.sort((a, b) => compare(a.key, b.key)).map(({ group }) => group);
}

/** What Nuke calls the layers of channels without one: parts of these names are read as no layer's. */
function rootName(component: string): string {
  if (parseComponent(component)) return 'rgba';
  return component === 'Z' ? 'depth' : 'other';
}

function freeName(label: string, { layer, view }: ChannelPlace, program: Program, taken: Set<string>): string {
  const suffix = view === '' ? '' : `${program === 'nuke' ? '.' : '-'}${view}`;
  // Any `part…` is no layer's name.
  const base = layer === '' && taken.has(label + suffix) ? 'part' : label;
  let name = base + suffix;
  for (let number = 2; taken.has(name); number++)
    name = layer === '' ? `${base}${number}${suffix}` : `${base}_${number}${suffix}`;
  taken.add(name);
  return name;
}

/**
 * Attributes that every part has for itself; `xDensity` is among those that Blender repeats. A preview is one image's, and is not
 * needed again for each of its layers.
 */
function isOfEach(name: string): boolean {
  if (name === 'preview' || isSetAttribute(name)) return false;
  return describesPart(name) || isShared(name) || name === 'xDensity';
}

/**
 * A layer's colour space, where one is stated for several layers: undefined where it stays as it is stated. Red, green, blue and
 * luminance are colour; what else renderers write are depths, vectors, indices and other values.
 */
function colourOf(part: Part, channels: readonly Channel[], components: ReadonlySet<string>): string | undefined {
  if (colourSpace(part) === undefined || channels.length === part.channels.length) return undefined;
  const isColour = [...components].some((component) => {
    const slot = parseComponent(component)?.slot;
    const isLuminance = component === 'Y' && !components.has('X');
    return isLuminance || (slot !== undefined && slot !== 'a');
  });
  return isColour ? undefined : dataColour;
}

/** The channels without the layer that they have in common. */
function withBareChannels(part: Part): Part {
  const channels = part.channels.map((channel) => ({ ...channel, name: parseChannelName(channel.name).component }));
  return { ...part, channels };
}

function withView(part: Part, view: string): Part {
  const single = part.attributes.without('multiView');
  return { ...part, attributes: view === '' ? single.without('view') : single.with('view', makeStringAttribute(view)) };
}

/** A later part without what the first one has with the same value. */
function withoutCopies(part: Part, first: Attributes): Part {
  const attributes = part.attributes.filter((name, { type, value }) => {
    if (isOfEach(name)) return true;
    const known = first.get(name);
    if (!known || known.type !== type || known.value.length !== value.length) return true;
    return !known.value.every((byte, at) => byte === value[at]);
  });
  return { ...part, attributes };
}
