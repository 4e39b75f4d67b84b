import { carrySets, uniteSameNames } from '../lib/cryptomatte/index.js';
import { firstFew, groupBy, listed } from '../lib/format/index.js';
import {
  type Advice,
  advise,
  type Channel,
  chainOf,
  defineFilter,
  ExrError,
  type Header,
  type InputInfo,
  optionNamed,
  type Part,
  sourcePlanes,
  stepOf,
} from '../lib/index.js';
import {
  type ChannelPlace,
  distinctRanks,
  fullName,
  headerSets,
  nameProblem,
  orphanGroups,
  placesOf,
  rankChannels,
  settleColour,
  suspectLayers,
} from '../lib/layers/index.js';
import { agree, warnAboutDifferences, warnAboutParts } from './shared/agreement.js';
import { describesPart } from './shared/attributes.js';
import { joinParts } from './shared/join-parts.js';
import { beginWithColour } from './shared/part-order.js';
import { preferValue } from './shared/placeholders.js';
import { checkNamePattern, fillName } from './shared/tokens.js';

const clashAnswers = ['error', 'first', 'last', 'prefix'] as const;
type ClashAnswer = (typeof clashAnswers)[number];

/** Joins several inputs in one file. See docs/reference.md#merge for its options. */
export const merge = defineFilter({
  name: 'merge',
  summary: 'Combine several files or parts in one file',
  description: [
    'Combines passes that were rendered separately (beauty, volumes, Cryptomattes, utilities) in one EXR. --as single, the default, makes one part with all channels, which every program reads; --as parts keeps each part as it is, without touching its pixels, and is smaller with ZIP.',
    "--name adds a prefix to a file's channels (or names its part): {stem} is the file's name without frame and extension, {layer} the part's name, {view} its stereo view, {part} its number. Channels of the same name in two files are an error, unless --on-clash lets the first or the last one win, or prefixes later ones with the name of their file. A Cryptomatte wins or loses as a whole.",
    'The result follows the first file: metadata, compression, line order and display window. Metadata that only others have is added, and values win over placeholders (Camera "<none>"). --as single covers all data windows, with zeros where a file had no pixels, and stores scan lines unless all files are tiled alike. A compression that would harm lossless data, or lose quality twice, becomes zip. All of this is reported.',
    'With --as parts each part keeps the colour space of its pixels. The first part is a colour part where there is one: programs without support for parts show that one, and Blender uses its colour space for the whole image. Time code and chromaticities are the same in all parts, as readers require.',
    'Cryptomattes keep their metadata. Those of the same name are combined when their channels are, and with --as parts when they are the views of one frame and no name has two IDs.',
  ].join('\n\n'),
  examples: [
    {
      command: 'merge beauty.0001.exr volume.0001.exr crypto.0001.exr -o shot.0001.exr',
      what: 'one multilayer file, stored like the first file',
    },
    {
      command: "merge --name '{stem}' key.0001.exr fill.0001.exr rim.0001.exr -o lights.0001.exr",
      what: 'files with the same channel names: key.R, fill.R, rim.R',
    },
    { command: 'merge --as parts left.exr right.exr -o stereo.exr', what: 'a multi-part file, nothing re-encoded' },
    { command: 'merge blender5.0001.exr -o single.0001.exr', what: 'the parts of one file as a single part' },
  ],
  joins: true,
  options: {
    as: { type: 'choice', choices: ['single', 'parts'], default: 'single', summary: 'one part, or one for each' },
    name: { type: 'text', placeholder: 'PATTERN', summary: 'prefix for channel names, or name of the part' },
    onClash: { type: 'choice', choices: clashAnswers, default: 'error', summary: 'what to do with names that clash' },
  },
  rewritesChunks: ({ as }) => as === 'single',
  check: ({ name }) => {
    if (name !== undefined) checkNamePattern(name);
  },
  header(header, options, context) {
    const arrivals = header.parts.map((part, number) => arrival(part, number, context.inputs));
    if (arrivals.length === 0) throw new ExrError('usage', 'NOTHING_TO_MERGE', 'there is nothing to merge');
    const before = context.inputs
      .map((input) => ({ parts: arrivals.filter((one) => one.input === input).map(({ part }) => part) }))
      .filter(({ parts }) => parts.length > 0);
    if (options.as === 'single') {
      const pieces = resolveChannels(before, arrivals, options.name ?? '', options.onClash);
      const kept = pieces.filter(({ channels }) => channels.length > 0);
      const name = kept.length === 1 ? kept[0]?.part.name : undefined;
      const part = joinParts(kept, name, context);
      return carrySets(before, { ...header, parts: [part], multiPart: false }, context);
    }
    const named = resolveParts(arrivals, options.name, options.onClash);
    const channels = new Set(named.map((part) => part.channels));
    const left = arrivals.filter(({ part }) => channels.has(part.channels)).map(piece);
    warnAboutDifferences(left, context);
    warnAboutParts(left, context);
    const settled = settleColour({ parts: agree(named) }).parts;
    const parts = fillPlaceholders(beginWithColour(settled, context));
    const after = carrySets(before, { ...header, parts, multiPart: header.multiPart || parts.length > 1 }, context);
    checkApart(before, after);
    return uniteSameNames(after, context);
  },
});

/** Two Cryptomattes of one name, each with its ranks in several parts, would be taken for one with all the ranks. */
function checkApart(before: readonly Pick<Header, 'parts'>[], after: Header): void {
  const known = new Set(before.flatMap((input) => mixedNames(input)));
  const mixed = mixedNames(after).filter((name) => !known.has(name));
  if (mixed.length > 0)
    throw new ExrError('usage', 'CRYPTOMATTES_CLASH', `several inputs have Cryptomattes called ${listed(mixed)}`, {
      hint: advise`Prefix all names with the names of the files: ${chainOf(stepOf('merge', { name: '{stem}' }), stepOf('layout', { to: 'parts' }))}.`,
    });
}

function mixedNames(header: Pick<Header, 'parts'>): string[] {
  return headerSets(header).flatMap(({ name, layers }) => (name !== undefined && !distinctRanks(layers) ? [name] : []));
}

/** A part and the input it came with. */
interface Arrival {
  readonly part: Part;
  readonly number: number;
  readonly input: InputInfo | undefined;
  readonly stem: string;
  /** How messages call it. */
  readonly label: string;
}

function arrival(part: Part, number: number, inputs: readonly InputInfo[]): Arrival {
  const plane = part.channels.flatMap(sourcePlanes)[0]?.part;
  const input = inputs.find(({ parts }) => plane !== undefined && parts.includes(plane)) ?? inputs[0];
  const stem = input?.stem ?? `input${number}`;
  const file = input?.path ?? stem;
  const several = (input?.parts.length ?? 1) > 1;
  const own = `part "${part.name ?? number}"`;
  return { part, number, input, stem, label: inputs.length === 1 ? own : several ? `${file}, ${own}` : file };
}

function piece({ part, label }: Arrival): { part: Part; channels: readonly Channel[]; label: string } {
  return { part, channels: part.channels, label };
}

interface NamedChannel {
  readonly channel: Channel;
  readonly arrival: Arrival;
  /** Channels with the same unit win, lose or move together: a Cryptomatte, else the channel or its layer. */
  readonly set: unknown;
  readonly place: ChannelPlace;
  readonly name: string;
  /** Whether it may be what Cryptomatte metadata of its file speaks of under another name. */
  readonly isMissed: boolean;
}

/** The channels of every part under names that do not clash. */
function resolveChannels(
  before: readonly Pick<Header, 'parts'>[],
  arrivals: readonly Arrival[],
  pattern: string,
  onClash: ClashAnswer,
): { part: Part; channels: Channel[]; label: string }[] {
  const sets = new Map(before.flatMap((input) => [...cryptomattesOf(input)]));
  const places = new Map(before.flatMap((input) => [...placesOf(input)]));
  const missed = new Set(before.flatMap((input) => suspectLayers(input).flatMap(({ channels }) => channels)));
  const named = arrivals.flatMap((one) => {
    const prefix = fillName(pattern, one);
    return one.part.channels.map((channel): NamedChannel => {
      const place = places.get(channel) as ChannelPlace;
      return {
        channel,
        arrival: one,
        set: sets.get(channel),
        place,
        name: prefixed(prefix, place),
        isMissed: missed.has(channel),
      };
    });
  });
  const resolved = answers[onClash](named);
  checkNames(resolved, pattern);
  const names = new Map(resolved.map(({ channel, name }) => [channel, name]));
  return arrivals.map(({ part, label }) => ({
    part,
    label,
    channels: part.channels.flatMap((channel) => {
      const name = names.get(channel);
      return name === undefined ? [] : [{ ...channel, name }];
    }),
  }));
}

/** The full name behind a prefix. A prefix that ends in exactly the layer, as `{layer}` makes it, stands for it. */
function prefixed(prefix: string, place: ChannelPlace): string {
  const name = fullName(place);
  if (prefix === '') return name;
  const isLayer = prefix === place.layer || prefix.endsWith(`.${place.layer}`);
  return isLayer && place.layer !== '' ? fullName(place, { layer: prefix }) : `${prefix}.${name}`;
}

/** Which Cryptomatte a rank channel belongs to, with or without metadata. */
function cryptomattesOf(header: Pick<Header, 'parts'>): Map<Channel, unknown> {
  const sets = new Map<Channel, unknown>();
  for (const set of [...orphanGroups(header), ...headerSets(header)])
    for (const { channels } of set.layers) for (const channel of channels) sets.set(channel, set);
  return sets;
}

const answers: Readonly<Record<ClashAnswer, (channels: readonly NamedChannel[]) => readonly NamedChannel[]>> = {
  error: (channels) => channels,
  first: firstWins,
  last: (channels) => firstWins(channels.toReversed()),
  prefix: prefixLater,
};

function firstWins(channels: readonly NamedChannel[]): NamedChannel[] {
  const taken = new Map<string, Channel>();
  return inUnits(channels, ({ channel }) => channel).flatMap((unit) => {
    if (unit.some(({ name }) => taken.has(name))) return [];
    for (const { name, channel } of unit) taken.set(name, channel);
    return unit;
  });
}

/** Later channels move out of the way with their whole layer, into one with their file's name, or their part's as well. */
function prefixLater(channels: readonly NamedChannel[]): NamedChannel[] {
  const taken = new Set<string>();
  const layerOf = ({ arrival: { number }, place: { layer } }: NamedChannel): string => JSON.stringify([number, layer]);
  return inUnits(channels, layerOf).flatMap((unit) => {
    const [{ arrival: owner }] = unit as [NamedChannel];
    const prefixes = ['', `${owner.stem}.`, `${fillName('{stem}.{layer}', owner)}.`];
    const free = prefixes.find((prefix) => unit.every(({ name }) => !taken.has(prefix + name))) ?? '';
    const moved = unit.map((one) => ({ ...one, name: free + one.name }));
    for (const { name } of moved) taken.add(name);
    return moved;
  });
}

/** Groups channels that stay together: those of a Cryptomatte always, others as the caller chooses. */
function inUnits(channels: readonly NamedChannel[], unitOf: (channel: NamedChannel) => unknown): NamedChannel[][] {
  const units = new Map<unknown, NamedChannel[]>();
  for (const one of channels) {
    const unit = one.set ?? unitOf(one);
    const members = units.get(unit);
    if (members) members.push(one);
    else units.set(unit, [one]);
  }
  return [...units.values()];
}

function checkNames(channels: readonly NamedChannel[], pattern: string): void {
  const clashes = [...groupBy(channels, ({ name }) => name)].filter(([, same]) => same.length > 1);
  if (clashes.length > 0) {
    const shown = clashes.map(([name, same]) => `"${name}" in ${inputsOf(same)}`);
    throw new ExrError('usage', 'CHANNELS_CLASH', `several inputs have the same channels: ${firstFew(shown, '; ')}`, {
      hint: clashHint(
        clashes.flatMap(([, same]) => same),
        pattern,
      ),
    });
  }
  const bad = channels.filter(({ name, channel }) => {
    const problem = nameProblem(name);
    return problem !== undefined && problem !== nameProblem(channel.name);
  });
  if (bad.length > 0)
    throw new ExrError('usage', 'BAD_NAMES', `these names are not allowed: ${listed(bad.map(({ name }) => name))}`, {
      hint: advise`Choose a shorter or simpler ${optionNamed('name')}.`,
    });
}

/** Labels of the inputs that channels came with. */
function inputsOf(channels: readonly NamedChannel[]): string {
  const labels = channels.map(({ arrival: { label } }) => label);
  return labels.length > 2 ? firstFew(labels, ', ', 2) : labels.join(' and ');
}

/** The first of the words that would tell all the clashing channels apart. */
function clashHint(clashing: readonly NamedChannel[], pattern: string): Advice {
  const tellApart = ['{stem}', '{view}', '{layer}', '{stem}.{layer}', '{part}'].find((candidate) => {
    const names = clashing.map(({ arrival: one, place }) => prefixed(fillName(candidate, one), place));
    return candidate !== pattern && new Set(names).size === names.length;
  });
  const answers = advise`${optionNamed('onClash', 'first')}, last or prefix, or ${optionNamed('as', 'parts')}`;
  if (tellApart === undefined) return advise`Use ${answers}.`;
  const joined = clashing.some(({ isMissed }) => isMissed)
    ? advise` ${chainOf(stepOf('merge', { name: tellApart }), stepOf('repair'))} also makes one Cryptomatte of ranks in separate files.`
    : '';
  return advise`Use ${optionNamed('name', tellApart)} to tell them apart, ${answers}.${joined}`;
}

/** The parts under names that do not clash. */
function resolveParts(arrivals: readonly Arrival[], pattern: string | undefined, onClash: ClashAnswer): Part[] {
  const own = arrivals.map(({ part }) => part.name || commonLayer(part));
  const counts = new Map([...groupBy(own, (name) => name)].map(([name, same]) => [name, same.length]));
  const named = arrivals.map((one, index) => {
    // Files whose names begin alike are told apart by what they are called themselves.
    const known = one.part.name || (counts.get(own[index] ?? '') === 1 ? own[index] : '');
    const name = (pattern === undefined ? known : fillName(pattern, one)) || one.stem;
    return { ...one, part: { ...one.part, name } };
  });
  if (onClash === 'first') return firstByName(named);
  if (onClash === 'last') return firstByName(named.toReversed()).toReversed();
  const taken = new Set<string>();
  const clashes: string[] = [];
  const parts = named.map(({ part, stem, label }): Part => {
    const candidates = onClash === 'prefix' ? [part.name, `${stem}.${part.name}`] : [part.name];
    const name = candidates.find((one) => !taken.has(one));
    if (name === undefined) clashes.push(`"${part.name}" in ${label}`);
    taken.add(name ?? part.name);
    return { ...part, name };
  });
  if (clashes.length > 0)
    throw new ExrError('usage', 'PARTS_CLASH', `part names are already taken: ${firstFew(clashes, '; ')}`, {
      hint: advise`Use ${optionNamed('name', '{stem}.{layer}')}, or ${optionNamed('onClash', 'first')}, last or prefix.`,
    });
  return parts;
}

/**
 * What the names of all channels of a part with Cryptomattes begin with, '' for nothing. Blender puts any other name of a part
 * before its channels' names, and then finds no Cryptomatte in it. Only parts that came alone have no name.
 */
function commonLayer(part: Part): string {
  if (rankChannels({ parts: [part] }).size === 0) return '';
  const [first = [], ...others] = part.channels.map(({ name }) => name.split('.').slice(0, -1));
  const length = first.findIndex((piece, index) => others.some((pieces) => pieces[index] !== piece));
  return first.slice(0, length < 0 ? first.length : length).join('.');
}

function firstByName(arrivals: readonly { part: Part & { name: string } }[]): Part[] {
  const found = new Map<string, Part>();
  for (const { part } of arrivals) if (!found.has(part.name)) found.set(part.name, part);
  return [...found.values()];
}

/** The parts with a first one that has a value wherever any part has: programs read the metadata of the first for the whole file. */
function fillPlaceholders(parts: readonly Part[]): readonly Part[] {
  const [first, ...others] = parts;
  if (!first) return parts;
  const filled = [...first.attributes].map(([name, attribute]) => {
    const values = describesPart(name) ? [] : others.flatMap(({ attributes }) => attributes.get(name) ?? []);
    return [name, values.reduce((known, value) => preferValue(name, known, value), attribute)] as const;
  });
  return [{ ...first, attributes: first.attributes.merge(filled) }, ...others];
}
