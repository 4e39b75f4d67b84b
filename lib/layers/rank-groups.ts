/**
 * Layers of channels that hold Cryptomatte pixels. Layer `N00` of a Cryptomatte named N holds two ranks: red is an ID, green its
 * coverage, blue the next ID, alpha its coverage; `N01` holds the next two (specification 1.2.0, "Channel naming"). Programs
 * and artists also number in other ways, which Blender and Nuke read.
 */
import { groupBy } from '../model/group-by.js';
import type { Channel, Header } from '../model/header.js';
import { onceForParts } from '../model/once.js';
import { compareText } from '../model/text.js';
import { type ComponentSlot, parseComponent, slots } from './components.js';
import { placesOf } from './place.js';

/** A layer with the components of a rank layer, in one part and view, whatever it holds. */
export interface LayerChannels {
  /** Number of the part in its header. */
  readonly part: number;
  /** `Chars.CryptoObject00`, without the view. */
  readonly layer: string;
  readonly view: string;
  /** Every channel with a rank component, in file order. */
  readonly channels: readonly Channel[];
  /** The channel in each slot; of duplicates in two spellings the first. */
  readonly slots: Readonly<Partial<Record<ComponentSlot, Channel>>>;
}

/** One rank layer of a Cryptomatte. */
export interface RankLayer extends LayerChannels {
  /** What follows the Cryptomatte's name in the layer's name: `00`, `1`, `00_001`; '' for the only one. */
  readonly text: string;
  /** Its position among the rank layers, from 0: gaps are numbers that no layer has. */
  readonly order: number;
}

/** Rank layers that belong together by name. Sorted by view, then by order. */
export interface RankGroup {
  readonly name: string;
  readonly layers: readonly RankLayer[];
}

/** Those of one part: metadata may refer to one part only. */
export interface PartGroup extends RankGroup {
  readonly part: number;
}

/** The layers of a header with any of the four components of a rank, in order of appearance. */
export const layersOf: (header: Pick<Header, 'parts'>) => readonly LayerChannels[] = onceForParts((header) => {
  const placed = [...placesOf(header).values()].flatMap((place) => {
    const slot = parseComponent(place.component)?.slot;
    return slot ? [{ ...place, slot }] : [];
  });
  const layers = groupBy(placed, ({ part, view, layer }) => JSON.stringify([part, view, layer]));
  return [...layers.values()].map((own): LayerChannels => {
    const found: Partial<Record<ComponentSlot, Channel>> = {};
    for (const { slot, channel } of own) found[slot] ??= channel;
    const [{ part, layer, view }] = own as [(typeof own)[0]];
    return { part, layer, view, channels: own.map(({ channel }) => channel), slots: found };
  });
});

/** A layer's name split into a Cryptomatte's name and what follows it. */
interface Stem {
  readonly name: string;
  readonly text: string;
}

/** As numbered in the specification: two digits. */
export function numberedStem(layer: string): Stem | undefined {
  return stem(/^(.+)(\d\d)$/s, layer);
}

/** Numbered in any way: `Crypto1`; `CryptoObject00_001` (Blender, where two items have one name). */
export function looseStem(layer: string): Stem | undefined {
  return stem(/^(.*?)(\d+(?:_\d+)?)$/s, layer);
}

/**
 * Split after one of the names. They may end in digits themselves, or where Blender cuts before a second name's digits
 * (`CryptoObject00_` of
 * `CryptoObject00_001`): the longest leaves the fewest to the rank.
 */
function knownStem(layer: string, names: ReadonlySet<string>): Stem | undefined {
  const loose = looseStem(layer);
  if (!loose) return undefined;
  for (let end = layer.length - 1; end >= loose.name.length; end--) {
    const name = layer.slice(0, end);
    if (layer[end] !== '_' && names.has(name)) return { name, text: layer.slice(end) };
  }
  return undefined;
}

function stem(pattern: RegExp, layer: string): Stem | undefined {
  const [, name, text] = pattern.exec(layer) ?? [];
  return name && text ? { name, text } : undefined;
}

/** Every group of layers numbered per the specification, whether metadata refers to it or not. */
export function numberedGroups(layers: readonly LayerChannels[]): PartGroup[] {
  return grouped(layers, ({ layer }) => numberedStem(layer));
}

/**
 * The groups that names lead to in other ways: by numbers of any length, or, if no layer is numbered, by the same name, as the
 * only rank layer. `taken` are channels that already belong to a name.
 */
export function namedGroups(
  layers: readonly LayerChannels[],
  names: ReadonlySet<string>,
  taken: ReadonlySet<Channel>,
): PartGroup[] {
  const free = layers.filter((layer) => hasRank(layer) && !layer.channels.some((channel) => taken.has(channel)));
  const numbered = grouped(free, ({ layer }) => knownStem(layer, names));
  const known = new Set(numbered.map(({ name }) => name));
  const only = grouped(free, ({ layer }) =>
    names.has(layer) && !known.has(layer) ? { name: layer, text: '' } : undefined,
  );
  return [...numbered, ...only];
}

function grouped(layers: readonly LayerChannels[], stemOf: (layer: LayerChannels) => Stem | undefined): PartGroup[] {
  const found = layers.flatMap((layer) => {
    const own = stemOf(layer);
    return own ? [{ layer, ...own }] : [];
  });
  return [...groupBy(found, ({ name }) => name)].flatMap(([name, members]) => {
    // Counting from 1 leaves no gap; by the specification 00 is the first, and its absence is a gap.
    const start = members.some(({ text }) => numberOf(text) === 0 || /^\d\d$/.test(text)) ? 0 : 1;
    const ranks = members.map(
      ({ layer, text }): RankLayer => ({ ...layer, text, order: text === '' ? 0 : numberOf(text) - start }),
    );
    return [...groupBy(ranks, ({ part }) => part)].map(
      ([part, own]): PartGroup => ({ name, part, layers: own.sort(byRank) }),
    );
  });
}

/** Joins groups of one name if their ranks differ: Blender 5 and Nuke give each rank layer a part. */
export function unite(groups: readonly PartGroup[]): RankGroup[] {
  return [...groupBy(groups, ({ name }) => name)].flatMap(([name, same]): RankGroup[] => {
    const layers = same.flatMap((group) => group.layers);
    return distinctRanks(layers) ? [{ name, layers: layers.sort(byRank) }] : same;
  });
}

/** Whether no rank of a view occurs twice. */
export function distinctRanks(layers: readonly RankLayer[]): boolean {
  return new Set(layers.map(({ view, text }) => JSON.stringify([view, text]))).size === layers.length;
}

function numberOf(text: string): number {
  return Number.parseInt(text, 10);
}

/** Sorted by view, then from the first rank layer to the last. */
export function byRank(a: RankLayer, b: RankLayer): number {
  return compareText(a.view, b.view) || a.order - b.order || compareText(a.text, b.text);
}

/** An ID and its coverage at least. */
export function hasRank({ slots: found }: Pick<LayerChannels, 'slots'>): boolean {
  return found.r !== undefined && found.g !== undefined;
}

export function isFull({ slots: found }: Pick<LayerChannels, 'slots'>): boolean {
  return slots.every((slot) => found[slot] !== undefined);
}

export function isFloat({ channels }: Pick<LayerChannels, 'channels'>): boolean {
  return channels.every(({ type }) => type === 'float');
}

/**
 * Whether a group without metadata may be a Cryptomatte. Names are no proof: `light00.R` may be a light's colour. So its
 * name either contains "crypto", or it has at least two full rank layers from 00 on, none of them half.
 */
export function looksLikeCryptomatte({ name, layers }: Pick<RankGroup, 'name' | 'layers'>): boolean {
  const full = layers.filter(isFull);
  const starts = layers.some(({ order }) => order === 0);
  if (/crypto/i.test(name)) return starts && full.length > 0;
  const float = layers.every(isFloat);
  return float && starts && full.length === layers.length && full.some(({ order }) => order === 1);
}
