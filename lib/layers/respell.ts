/** New names for the channels of a file, written where the old ones were: in the channels, in the parts, or in both. */
import { longestName } from '../format/limits.js';
import type { Attributes } from '../model/attributes.js';
import { sortChannels } from '../model/channels.js';
import { ExrError } from '../model/error.js';
import { groupBy } from '../model/group-by.js';
import type { Channel, Header, Part } from '../model/header.js';
import { firstFew, listed } from '../model/listed.js';
import { joinChannelName, parseChannelName } from '../model/names.js';
import { textLength } from '../model/text.js';
import { type ChannelPlace, placesOf } from './place.js';
import { cyclesLayer } from './view-layers.js';

/** A renaming's decisions. */
export interface Respelling {
  /** The new full name of a channel, from the one it has: `CryptoObject00.red`, also where the part has the layer's name. */
  channel(name: string, place: ChannelPlace): string;
  /** The new name of a part that is not named after a layer, or of one whose channels all keep their names. */
  part(name: string, part: Part): string;
}

/** A channel's name with its layer, even if the layer's name is the part's; with some of its pieces replaced, if given. */
export function fullName(
  { layer, view, viewSpelt, component, speltBy, channel }: ChannelPlace,
  changed: { readonly layer?: string; readonly component?: string } = {},
): string {
  if (changed.layer === undefined && changed.component === undefined && speltBy !== 'part') return channel.name;
  const pieces = [
    viewSpelt === 'before' ? view : '',
    changed.layer ?? layer,
    viewSpelt === 'behind' ? view : '',
  ].filter((piece) => piece !== '');
  return joinChannelName(pieces.join('.'), changed.component ?? component);
}

/**
 * Renames channels and parts. Every channel keeps its plane, the lists are sorted again, and Cycles' statistics of a view layer
 * follow it. Carrying Cryptomatte metadata is up to the caller.
 *
 * @throws ExrError of kind `usage`: one error about everything that is wrong with the new names.
 */
export function respell(header: Header, respelling: Respelling): Header {
  const places = placesOf(header);
  const names = new Map(
    [...places.values()].map((place) => [place.channel, respelling.channel(fullName(place), place)] as const),
  );
  const spelt = header.parts.map((part) => spellPart(part, places, names, respelling));
  const problems = [
    ...header.parts.flatMap((part, number) => channelProblems(part, spelt[number]?.nameOf ?? (({ name }) => name))),
    ...partProblems(
      header.parts,
      spelt.map(({ name }) => name),
    ),
  ];
  if (problems.length > 0) throw badNames(problems);
  const statistics = followViewLayers(header, places, names);
  const parts = header.parts.map((part, number): Part => {
    const { name, nameOf } = spelt[number] as SpeltPart;
    const channels = sortChannels(part.channels.map((channel) => ({ ...channel, name: nameOf(channel) })));
    return { ...part, name, channels, attributes: statistics(part.attributes) };
  });
  return { ...header, parts };
}

interface SpeltPart {
  readonly name: string | undefined;
  readonly nameOf: (channel: Channel) => string;
}

/** The layer's name stays where it was, as long as the part's channels agree on one. */
function spellPart(
  part: Part,
  places: ReadonlyMap<Channel, ChannelPlace>,
  names: ReadonlyMap<Channel, string>,
  respelling: Respelling,
): SpeltPart {
  const nameOf = (channel: Channel): string => names.get(channel) ?? channel.name;
  if (part.name === undefined) return { name: undefined, nameOf };
  const own = part.channels.map((channel) => places.get(channel) as ChannelPlace);
  const unchanged = own.every((place) => fullName(place) === nameOf(place.channel));
  if (unchanged) return { name: respelling.part(part.name, part), nameOf: ({ name }) => name };
  const bearsLayer = own.length > 0 && own.every(({ speltBy }) => speltBy !== 'channel');
  const [layer, other] = new Set(part.channels.map((channel) => parseChannelName(nameOf(channel)).layer));
  const isLayer = bearsLayer && layer !== undefined && layer !== '' && other === undefined;
  // What follows the layer in the part's name is its view.
  const view = part.name.slice(own[0]?.layer.length);
  const name = isLayer ? `${layer}${view}` : respelling.part(part.name, part);
  const bare = own[0]?.speltBy === 'part' && isLayer;
  return { name, nameOf: bare ? (channel) => parseChannelName(nameOf(channel)).component : nameOf };
}

/** What is wrong with a name, or undefined. */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (textLength(name) > longestName) return `is longer than ${longestName} bytes`;
  if (name.includes('\0')) return 'contains a zero byte';
  if (name.split('.').includes('')) return 'has nothing before, after or between its dots';
  return undefined;
}

/** Names from the file are kept, however odd; a new name must not be wrong in a way the old one was not. */
function channelProblems(part: Part, nameOf: (channel: Channel) => string): string[] {
  const clashes = [...groupBy(part.channels, nameOf)].flatMap(([name, from]) =>
    from.length > 1 ? [`${bothOf(from.map((one) => one.name))} would all be called "${name}"`] : [],
  );
  const illegal = part.channels.flatMap((channel) => {
    const name = nameOf(channel);
    const problem = nameProblem(name);
    return problem === undefined || problem === nameProblem(channel.name)
      ? []
      : [`"${channel.name}" would become "${name}", which ${problem}`];
  });
  return [...clashes, ...illegal];
}

/** Names in a sentence. */
function bothOf([first = '', second = '', ...others]: readonly string[]): string {
  return others.length > 0 ? listed([first, second, ...others], 2) : `"${first}" and "${second}"`;
}

function partProblems(before: readonly Part[], names: readonly (string | undefined)[]): string[] {
  const clashes = [...groupBy(names, (name) => name)].flatMap(([name, same]) =>
    name !== undefined && same.length > 1 ? [`${same.length} parts would be called "${name}"`] : [],
  );
  const illegal = names.flatMap((name, number) => {
    const old = before[number]?.name;
    if (name === old || name === undefined) return [];
    const problem = name === '' ? 'is empty' : name.includes('\0') ? 'contains a zero byte' : undefined;
    return problem === undefined ? [] : [`the part "${old}" would become "${name}", which ${problem}`];
  });
  return [...clashes, ...illegal];
}

function badNames(problems: readonly string[]): ExrError {
  return new ExrError('usage', 'BAD_NAMES', `the new names do not work: ${firstFew(problems, '; ')}`, {
    hint: 'Give each its own name, or remove one of them with "drop" first.',
  });
}

/** Cycles names its statistics after the view layer (`cycles.main.samples`); they follow when it has another name throughout. */
function followViewLayers(
  { parts }: Header,
  places: ReadonlyMap<Channel, ChannelPlace>,
  names: ReadonlyMap<Channel, string>,
): (attributes: Attributes) => Attributes {
  const layers = new Set(parts.flatMap((part) => part.attributes.names()).flatMap((name) => cyclesLayer(name) ?? []));
  const renamed = new Map<string, Set<string>>();
  for (const place of layers.size === 0 ? [] : places.values()) {
    const name = fullName(place);
    for (const layer of beginnings(name)) {
      if (!layers.has(layer)) continue;
      const rest = name.slice(layer.length);
      const now = names.get(place.channel) ?? name;
      const found = renamed.get(layer) ?? new Set();
      renamed.set(layer, found.add(now.endsWith(rest) ? now.slice(0, -rest.length) : ''));
    }
  }
  return (attributes) =>
    attributes.rename((name) => {
      // Channels that moved to another layer do not count; where the others disagree, the name is kept.
      const [now, other] = [...(renamed.get(cyclesLayer(name) ?? '') ?? [])].filter((one) => one !== '');
      return now === undefined || other !== undefined ? name : `cycles.${now}${name.slice(name.lastIndexOf('.'))}`;
    });
}

/** What precedes each dot of a name: `a` and `a.b` of `a.b.c`. */
function beginnings(name: string): string[] {
  const found: string[] = [];
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) found.push(name.slice(0, dot));
  return found;
}
