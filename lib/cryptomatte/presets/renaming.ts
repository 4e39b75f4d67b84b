/**
 * From one naming convention to another. A name is split into view layer, pass, view and component by the
 * convention the file follows, and reassembled by the requested one. Names that no convention knows are kept.
 */
import { makeStringAttribute } from '../../format/attribute-types.js';
import { type ChannelPlace, placesOf } from '../../layers/place.js';
import { fullName, nameProblem } from '../../layers/respell.js';
import { formatNote, notedViewLayers, viewLayersAttribute } from '../../layers/view-layers.js';
import type { Attributes } from '../../model/attributes.js';
import { groupBy } from '../../model/group-by.js';
import type { Channel, Header, Part } from '../../model/header.js';
import { joinChannelName, parseChannelName } from '../../model/names.js';
import { formatNames, type NamesNote, namesAttribute, notedNames } from './note.js';
import { type NamingPreset, presets } from './preset.js';
import { type Name, type NamedPlace, NameReader, untouched } from './reader.js';
import { NameWriter, type SpeltName } from './writer.js';

/** New names, as `rename` applies them. */
export interface PresetRenaming {
  /** The convention the file was found to follow. */
  readonly from: NamingPreset;
  /** Passes that the requested convention has no name for, by their channels: they keep theirs. */
  readonly unknown: ReadonlyMap<Channel, string>;
  /** The name of a channel in the wanted convention. */
  channel(name: string, place: ChannelPlace): string;
  /** A part's name where its layer's is not simply written back. */
  part(name: string, part: Part): string;
  /** The attributes of a part with what another preset needs to restore the names; most of it is only in the first part. */
  attributes(attributes: Attributes, isFirst: boolean): Attributes;
}

/**
 * The renaming that converts a header to a convention. `from` is the one it follows; by default, the one that knows most of
 * its names.
 */
export function presetRenaming(
  header: Pick<Header, 'parts'>,
  to: NamingPreset,
  from = followedPreset(header),
): PresetRenaming {
  const places = [...placesOf(header).values()];
  const originals = notedViewLayers(header);
  const reader = new NameReader(from, places, originals);
  const names = places.map((place) => reader.channel(place));
  const writer = new NameWriter(to, names);
  const history = new History(header, to, from);
  const spelt = new Map<Channel, SpeltName>();
  const unknown = new Map<Channel, string>();
  const reads = new NameReader(to, [], new Map());
  for (const [index, place] of places.entries()) {
    const name = names[index] as Name;
    const written = writer.write(name);
    const first = history.first(place);
    const wanted = first && history.isBack && fits(first, to) ? first : written;
    spelt.set(place.channel, partSays(wanted.layer, place, header) ? { ...wanted, layer: '' } : wanted);
    if (!history.isBack && isUnknown(name, from, to, writer, reads)) unknown.set(place.channel, name.text);
  }
  const shown = [...writer.shown].filter(([original, name]) => original !== name);
  const partNames = newPartNames(header, spelt, (name) => writer.shown.get(originals.get(name) ?? name) || name);
  // Anything that is not recorded beside the names cannot be restored.
  const note = history.note(places, names, spelt, new Map(shown));
  return {
    from,
    unknown,
    channel: (_, place) => channelName(place, spelt.get(place.channel) ?? place, history.isBack),
    part: (name, part) => partNames.get(part) ?? name,
    attributes: (attributes, isFirst) => {
      const layers =
        shown.length === 0
          ? attributes.without(viewLayersAttribute)
          : attributes.with(
              viewLayersAttribute,
              makeStringAttribute(formatNote(shown.map(([original, name]) => [name, original]))),
            );
      return isFirst && note ? layers.with(namesAttribute, formatNames(note)) : layers.without(namesAttribute);
    },
  };
}

/** The preset that knows most of a header's names; of several, the first. One recorded by an earlier run takes precedence. */
export function followedPreset(header: Pick<Header, 'parts'>): NamingPreset {
  const places = [...placesOf(header).values()];
  const now = notedNames(header)?.now;
  const scores = presets.map((preset) => {
    const reader = new NameReader(preset, places, new Map());
    return { preset, score: places.filter((place) => reader.channel(place).pass !== undefined).length };
  });
  const noted = scores.find(({ preset, score }) => preset.name === now && score > 0);
  return (noted ?? scores.reduce((best, one) => (one.score > best.score ? one : best))).preset;
}

/** Names of the root layer and of the compositor's result do not name a pass. */
function isUnknown(name: Name, from: NamingPreset, to: NamingPreset, writer: NameWriter, reads: NameReader): boolean {
  if (from.name === to.name || name.viewLayer === untouched || name.text === '') return false;
  return !writer.knows(name) && !reads.knows(name.text);
}

/** Original names that no file should have, or that the program does not accept, are not restored. */
function fits({ layer, component }: SpeltName, { plainNames }: NamingPreset): boolean {
  if (nameProblem(joinChannelName(layer, component)) !== undefined) return false;
  return !plainNames || (/^(?!\d)\w*$/.test(layer) && /^(?!\d)\w*$/.test(component));
}

/**
 * Whether a channel without a layer is in a part with the name of the layer it would get: `Z` in the part `depth`. Nuke would
 * no longer treat any part's name as a layer if one channel's name contained a dot.
 */
function partSays(layer: string, place: ChannelPlace, { parts }: Pick<Header, 'parts'>): boolean {
  if (place.layer !== '' || layer === '' || parts.length < 2) return false;
  return parts[place.part]?.name === layer + viewSuffix(parts[place.part]?.name ?? '', place.view);
}

function channelName(place: ChannelPlace, { layer, component }: SpeltName, isBack: boolean): string {
  const wanted = {
    ...(layer !== place.layer && { layer }),
    ...(component !== place.component && { component }),
  };
  // In the root layer a view can only be first; Blender, which drops nothing by itself, puts it last.
  const wasRoot = isBack && place.layer === '' && place.viewSpelt === 'before';
  return fullName(wasRoot ? { ...place, viewSpelt: 'behind' } : place, wanted);
}

/** The name of parts with the root layer, which is not read as a layer's name. */
function rootName(part: Part, spelt: ReadonlyMap<Channel, SpeltName>): string {
  const isDepth = part.channels.every((channel) => spelt.get(channel)?.component === 'Z');
  return isDepth ? 'depth' : 'rgba';
}

/** Distinct names of parts: if several would get the same name, such as `R`, `G` and `B` of one layer, all keep theirs. */
function newPartNames(
  header: Pick<Header, 'parts'>,
  spelt: ReadonlyMap<Channel, SpeltName>,
  viewLayerName: (name: string) => string,
): Map<Part, string> {
  const wanted = header.parts.flatMap((part): [Part, string][] =>
    part.name === undefined ? [] : [[part, partName(part.name, part, header, spelt) ?? viewLayerName(part.name)]],
  );
  const counts = groupBy(wanted, ([, name]) => name);
  return new Map(wanted.filter(([, name]) => counts.get(name)?.length === 1));
}

/**
 * The name of a part whose only layer becomes the root layer, or was it. What follows a layer's name is the view. Undefined for
 * other parts: they are named after a view layer, or something else.
 */
function partName(
  name: string,
  part: Part,
  header: Pick<Header, 'parts'>,
  spelt: ReadonlyMap<Channel, SpeltName>,
): string | undefined {
  const places = placesOf(header);
  const [before, otherBefore] = new Set(part.channels.map((channel) => places.get(channel)?.layer ?? ''));
  const [after, otherAfter] = new Set(part.channels.map((channel) => spelt.get(channel)?.layer ?? ''));
  const isOne = before !== undefined && after !== undefined && otherBefore === undefined && otherAfter === undefined;
  if (!isOne || header.parts.length < 2 || before === after) return undefined;
  const { speltBy = 'channel', view = '' } = places.get(part.channels[0] as Channel) ?? {};
  if (after === '' && speltBy !== 'channel') return rootName(part, spelt) + name.slice(before.length);
  return before === '' ? after + viewSuffix(name, view) : undefined;
}

/** The ending of a part's name that gives its view: Blender writes `-left`, others `.left` or `_left`. */
function viewSuffix(name: string, view: string): string {
  const suffix = name.slice(-view.length - 1);
  return view !== '' && /^[-._]/.test(suffix) && suffix.slice(1) === view ? suffix : '';
}

/** The names that a file had before the first preset. */
class History {
  /** Whether the requested preset is the one it had then. */
  readonly isBack: boolean;
  readonly #note: NamesNote | undefined;
  readonly #before: string;
  readonly #to: NamingPreset;

  constructor(header: Pick<Header, 'parts'>, to: NamingPreset, from: NamingPreset) {
    this.#note = notedNames(header);
    this.#before = this.#note?.before ?? (isBlenders(header) ? 'blender' : from.name);
    this.#to = to;
    this.isBack = this.#note !== undefined && this.#before === to.name;
  }

  /** The recorded name of a channel. */
  first(place: NamedPlace): SpeltName | undefined {
    const noted = this.#note?.names;
    const name = noted?.get(joinChannelName(place.layer, place.component));
    if (name !== undefined) return parseChannelName(name);
    const layer = noted?.get(joinChannelName(place.layer, '*'));
    return layer === undefined ? undefined : { layer: parseChannelName(layer).layer, component: place.component };
  }

  /** What to record beside the new names; undefined if they are the original ones again, or unchanged. */
  note(
    places: readonly ChannelPlace[],
    arrived: readonly Name[],
    spelt: ReadonlyMap<Channel, SpeltName>,
    shown: ReadonlyMap<string, string>,
  ): NamesNote | undefined {
    const before = presets.find(({ name }) => name === this.#before);
    const now = this.#to.name;
    if (this.#before === now || !before) return undefined;
    const originals = new Map([...shown].map(([original, name]) => [name, original]));
    const news = places.map((place): NamedPlace => {
      const { layer, component } = spelt.get(place.channel) ?? place;
      return { layer, component, viewLayer: longestBeginning(layer, originals, this.#to.separator) };
    });
    const reader = new NameReader(this.#to, news, originals);
    const read = news.map((place) => reader.channel(place));
    const writer = new NameWriter(before, read);
    // Names that an earlier note does not mention are what the original preset would have made of the input's names.
    const unnoted = new NameWriter(before, arrived);
    const steps = places.map((place, index): Step => {
      const back = writer.write(read[index] as Name);
      const first = this.first(place) ?? (this.#note ? unnoted.write(arrived[index] as Name) : place);
      return { now: news[index] as NamedPlace, first, back };
    });
    const names = exceptions(steps);
    const isSame = steps.every(({ now, first }) => isEqual(now, first));
    return isSame && names.size === 0 ? undefined : { now, before: before.name, names };
  }
}

/** A view layer as displayed at the beginning of a layer's name, '' for none. */
function longestBeginning(layer: string, shown: ReadonlyMap<string, string>, separator: string): string {
  if (shown.has(layer)) return layer;
  for (let end = layer.lastIndexOf(separator); end > 0; end = layer.lastIndexOf(separator, end - 1))
    if (shown.has(layer.slice(0, end))) return layer.slice(0, end);
  return '';
}

/** Blender writes this into every image; then even an artist's own convention is Blender's. */
function isBlenders({ parts }: Pick<Header, 'parts'>): boolean {
  return parts.some(({ attributes }) => attributes.has('BlenderMultiChannel'));
}

/** A channel's current name, the original one, and what the original preset would make of the current one. */
interface Step {
  readonly now: SpeltName;
  readonly first: SpeltName;
  readonly back: SpeltName;
}

function isEqual(one: SpeltName, other: SpeltName): boolean {
  return one.layer === other.layer && one.component === other.component;
}

/** The original names that cannot be found without a note: one line per layer where that suffices. */
function exceptions(steps: readonly Step[]): Map<string, string> {
  const noted = new Map<string, string>();
  for (const [layer, own] of groupBy(steps, ({ now }) => now.layer)) {
    if (own.every(({ first, back }) => isEqual(first, back))) continue;
    const [first, other] = new Set(own.map((step) => step.first.layer));
    const keep = own.every(({ now, first: { component } }) => now.component === component);
    if (first !== undefined && other === undefined && keep)
      noted.set(joinChannelName(layer, '*'), joinChannelName(first, '*'));
    else
      for (const step of own)
        noted.set(joinChannelName(layer, step.now.component), joinChannelName(step.first.layer, step.first.component));
  }
  return noted;
}
