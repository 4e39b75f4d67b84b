/** What a frame has to look at: its layers, and for each how it is best shown. */
import { slots } from '../layers/components.js';
import { type ChannelPlace, placesOf } from '../layers/place.js';
import type { LayerChannels } from '../layers/rank-groups.js';
import { headerSets, orphanGroups } from '../layers/sets.js';
import { groupBy } from '../model/group-by.js';
import { type Channel, type Header, isDeep } from '../model/header.js';
import { onceForParts } from '../model/once.js';
import { type LookKind, lookOf } from './kinds.js';

/** One view of a layer. */
export interface ViewLook {
  /** '' in files without views. */
  readonly view: string;
  /** Number of the part whose windows and colour space count: that of the first channel. */
  readonly part: number;
  /** In the order that the kind asks for: red, green, blue, alpha; X, Y, Z; an ID, its coverage, the next ID, … */
  readonly channels: readonly Channel[];
}

/** A layer, or a channel of it, and how it is shown. */
export interface Look {
  /** The layer's name; '' for the root layer. A single channel beside others has its own name. */
  readonly layer: string;
  readonly kind: LookKind;
  /** One, or one for each view. */
  readonly views: readonly ViewLook[];
}

/** What people call it: the layer without a name by its channels, as `RGBA` or `Y`. */
export function lookTitle({ layer, views: [first] }: Look): string {
  return layer || (first?.channels ?? []).map(({ name }) => name.slice(name.lastIndexOf('.') + 1)).join('');
}

/** Everything in a header that can be shown, in the order it comes; deep parts have no image. Asking again is free. */
export const looksOf: (header: Pick<Header, 'parts'>) => readonly Look[] = onceForParts((header) => {
  const sets = [...headerSets(header), ...orphanGroups(header)];
  const matteLooks = sets.flatMap(({ name, layers }) => {
    const flat = layers.filter(({ part }) => !isDeep(header.parts[part] ?? { type: 'deeptile' }));
    return matteLook(name ?? '', flat);
  });
  const taken = new Set(sets.flatMap(({ layers }) => layers.flatMap(({ channels }) => channels)));
  const places = [...placesOf(header).values()].filter(({ channel, part }) => {
    const own = header.parts[part];
    return own !== undefined && !isDeep(own) && !taken.has(channel);
  });
  const layers = [...groupBy(places, ({ layer }) => layer)].flatMap(([layer, own]) => layerLooks(layer, own));
  return [...layers, ...matteLooks];
});

/** The looks of one layer: one for what belongs together, and one for each channel beside it. */
function layerLooks(layer: string, places: readonly ChannelPlace[]): Look[] {
  const views = groupBy(places, ({ view, part }) => `${part} ${view}`);
  const found = [...views.values()].flatMap((own) => viewLooks(layer, own));
  return [...groupBy(found, (one) => `${one.kind} ${one.layer}`).values()].map((same): Look => {
    const [{ layer: name, kind }] = same as [(typeof same)[0]];
    return { layer: name, kind, views: same.map(({ look }) => look) };
  });
}

const vectors: ReadonlySet<LookKind> = new Set(['normal', 'position', 'motion', 'uv']);

interface NamedLook {
  readonly layer: string;
  readonly kind: LookKind;
  readonly look: ViewLook;
}

function viewLooks(layer: string, places: readonly ChannelPlace[]): NamedLook[] {
  const [first] = places;
  if (!first) return [];
  const { view, part } = first;
  const byName = new Map(places.map(({ component, channel }) => [component.toLowerCase(), channel]));
  const whole = lookOf(layer, byName);
  // Vectors have further components (Blender's motion to the next frame, an alpha beside UV) that nobody looks for by themselves.
  const isVector = whole !== undefined && vectors.has(whole.kind);
  const rest = isVector ? [] : places.filter(({ channel }) => !whole?.channels.includes(channel));
  const only = whole === undefined && rest.length === 1;
  return [
    ...(whole ? [{ layer, kind: whole.kind, look: { view, part, channels: whole.channels } }] : []),
    ...rest.map(({ component, channel }): NamedLook => {
      const alone = lookOf(layer, new Map([[component.toLowerCase(), channel]]));
      const name = only && layer !== '' ? layer : layer === '' ? component : `${layer}.${component}`;
      const kind = alone?.kind ?? 'mask';
      return { layer: name, kind, look: { view, part, channels: alone?.channels ?? [channel] } };
    }),
  ];
}

function matteLook(layer: string, layers: readonly LayerChannels[]): Look[] {
  const views = [...groupBy(layers, ({ view }) => view)].flatMap(([view, own]): ViewLook[] => {
    const pairs = own.flatMap(({ slots: found }) =>
      [slots.slice(0, 2), slots.slice(2)].flatMap((pair) => {
        const [id, coverage] = pair.map((slot) => found[slot]);
        return id && coverage ? [id, coverage] : [];
      }),
    );
    return pairs.length > 0 ? [{ view, part: own[0]?.part ?? 0, channels: pairs }] : [];
  });
  return views.length > 0 ? [{ layer, kind: 'ids', views }] : [];
}
