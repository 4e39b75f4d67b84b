/**
 * Channels that hold Cryptomatte pixels. Layer `N00` of a Cryptomatte named N holds two ranks: red is an ID, green its
 * coverage, blue the next ID, alpha its coverage; `N01` holds the next two (specification 1.2.0, "Channel naming").
 */
import { parseComponent, type Slot, type Spelling, slots } from '../layers/components.js';
import { viewNames } from '../layers/views.js';
import type { Channel, Part } from '../model/header.js';
import { parseChannelName } from '../model/names.js';

export { parseComponent, type Slot, type Spelling, slots } from '../layers/components.js';
export { viewNames } from '../layers/views.js';

/** What the name of a rank channel says. */
export interface RankName {
  /** The Cryptomatte's name: the layer without its two digits. */
  readonly name: string;
  /** The number in the two digits. */
  readonly layer: number;
  /** The view in stereo files (`main.CryptoObject00.left.r`), else ''. */
  readonly view: string;
  readonly slot: Slot;
  readonly spelling: Spelling;
}

/** All channels with the same digits of one Cryptomatte, in one part and view. */
export interface RankLayer {
  /** Number of the part in its header. */
  readonly part: number;
  /** The number in the two digits. */
  readonly layer: number;
  readonly view: string;
  /** Every channel of the layer, in file order. */
  readonly channels: readonly Channel[];
  /** The channel in each slot; of twins in two spellings the first. */
  readonly slots: Readonly<Partial<Record<Slot, Channel>>>;
}

/** Rank layers that belong together by their name, in one part. Ordered by view, then by layer. */
export interface RankGroup {
  readonly name: string;
  readonly part: number;
  readonly layers: readonly RankLayer[];
}

export function parseRankChannel(channel: string, views: ReadonlySet<string>): RankName | undefined {
  const { layer, component } = parseChannelName(channel);
  const found = parseComponent(component);
  if (!found) return undefined;
  const { stem, view } = cutView(layer, views);
  const digits = /^(.+)(\d\d)$/s.exec(stem);
  return digits ? { name: digits[1] as string, layer: Number(digits[2]), view, ...found } : undefined;
}

/** A layer name without the view at its end. */
export function cutView(layer: string, views: ReadonlySet<string>): { stem: string; view: string } {
  const dot = layer.lastIndexOf('.');
  const view = layer.slice(dot + 1);
  return dot > 0 && views.has(view) ? { stem: layer.slice(0, dot), view } : { stem: layer, view: '' };
}

/** Every group of channels that looks like rank layers, whether metadata speaks of it or not. */
export function rankGroups(parts: readonly Part[], views: ReadonlySet<string> = viewNames(parts)): RankGroup[] {
  return parts.flatMap((part, number) => partGroups(part, number, views));
}

interface OpenLayer {
  readonly part: number;
  readonly layer: number;
  readonly view: string;
  readonly channels: Channel[];
  readonly slots: Partial<Record<Slot, Channel>>;
}

function partGroups(part: Part, number: number, views: ReadonlySet<string>): RankGroup[] {
  const groups = new Map<string, Map<string, OpenLayer>>();
  for (const channel of part.channels) {
    const parsed = parseRankChannel(channel.name, views);
    if (!parsed) continue;
    const { name, layer, view, slot } = parsed;
    const layers = groups.get(name) ?? new Map<string, OpenLayer>();
    groups.set(name, layers);
    const id = `${layer}/${view}`;
    const open: OpenLayer = layers.get(id) ?? { part: number, layer, view, channels: [], slots: {} };
    layers.set(id, open);
    open.channels.push(channel);
    open.slots[slot] ??= channel;
  }
  return [...groups].map(([name, layers]) => ({
    name,
    part: number,
    layers: [...layers.values()].sort((a, b) => (a.view < b.view ? -1 : a.view > b.view ? 1 : a.layer - b.layer)),
  }));
}

/**
 * Whether a group without metadata may be taken for a Cryptomatte. Names decide nothing for sure: `light00.R` may be a
 * light's colour. So it either says "crypto", or has at least two full rank layers from 00 on, none of them half.
 */
export function looksLikeCryptomatte({ name, layers }: Pick<RankGroup, 'name' | 'layers'>): boolean {
  const full = layers.filter(({ slots: found }) => slots.every((slot) => found[slot] !== undefined));
  const starts = layers.some(({ layer }) => layer === 0);
  if (/crypto/i.test(name)) return starts && full.length > 0;
  const float = layers.every(({ channels }) => channels.every(({ type }) => type === 'float'));
  return float && starts && full.length === layers.length && full.some(({ layer }) => layer === 1);
}
