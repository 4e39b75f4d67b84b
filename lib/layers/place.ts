/** The place of each channel of a file: its layer, view layer and view, however they are spelt. */
import { partView } from '../format/attribute-types.js';
import type { Channel, Header, Part } from '../model/header.js';
import { parseChannelName } from '../model/names.js';
import { onceForParts } from '../model/once.js';
import { dividerOf } from './view-layers.js';
import { cutView, listedViews, type ViewSpelling, viewNames, withoutView } from './views.js';

/** Where a layer's name is: in the channel, in the part (whose channels are then bare), or in both. */
export type LayerSpeller = 'channel' | 'part' | 'both';

/** Where a channel belongs, whether its own name or the part's says so. */
export interface ChannelPlace {
  /** Number of the part in its header. */
  readonly part: number;
  readonly channel: Channel;
  /** `Chars.Combined`, `CryptoObject00`; '' for the root layer. The same however it is spelt. */
  readonly layer: string;
  /** The beginning of `layer` that is a view layer of Blender's, '' for none. Evidence only, never a guess. */
  readonly viewLayer: string;
  /** '' in files without views. */
  readonly view: string;
  /** Where the view is in the channel's own name. */
  readonly viewSpelt: ViewSpelling;
  /** `R`, `red`, `Z`. */
  readonly component: string;
  readonly speltBy: LayerSpeller;
}

/** Part names that are not layer names: what programs call a part when they have to give it a name. */
const generic = /^(|rgba?|colou?r|c|main|beauty|other|root|part\d*|subimage\d*)$/i;

/** Part names that are not layer names if they hold only the depth of the root layer. `Depth` with `V` or `R, G, B` is a layer. */
const genericDepth = /^(depth|z)$/i;
const depthComponent = /^z(back)?$/i;

/** The place of every channel, in the order of the parts and their channels. The result is cached. */
export const placesOf: (header: Pick<Header, 'parts'>) => ReadonlyMap<Channel, ChannelPlace> = onceForParts(
  (header) => {
    const views = viewNames(header.parts);
    const spelt = header.parts.flatMap((part, number) => placePart(part, number, header.parts.length > 1, views));
    const viewLayerOf = dividerOf(header, new Set(spelt.map(({ layer }) => layer)));
    return new Map(spelt.map((place) => [place.channel, { ...place, viewLayer: viewLayerOf(place.layer) }]));
  },
);

/** A channel's place. Throws RangeError for a channel that is not the header's. */
export function placeOf(header: Pick<Header, 'parts'>, channel: Channel): ChannelPlace {
  const place = placesOf(header).get(channel);
  if (!place) throw new RangeError(`no channel "${channel.name}" in this header`);
  return place;
}

/** The proven view layers, in order of appearance. */
export function viewLayersOf(header: Pick<Header, 'parts'>): string[] {
  return [...new Set([...placesOf(header).values()].flatMap(({ viewLayer }) => viewLayer || []))];
}

/** The views that channels belong to, in order of appearance. */
export function viewsOf(header: Pick<Header, 'parts'>): string[] {
  return [...new Set([...placesOf(header).values()].flatMap(({ view }) => view || []))];
}

function placePart(
  part: Part,
  number: number,
  several: boolean,
  views: ReadonlySet<string>,
): Omit<ChannelPlace, 'viewLayer'>[] {
  const own = partView(part);
  const listed = listedViews(part);
  const named = part.channels.map((channel) => {
    const { layer, component } = parseChannelName(channel.name);
    const cut = own === undefined ? cutView(layer, views) : { layer, view: own, viewSpelt: undefined };
    // With several views in one part, the first one is not named.
    return { channel, component, ...cut, view: cut.view || listed[0] || '' };
  });
  const label = withoutView(part.name ?? '', own, views);
  const bare = named.every(({ layer }) => layer === '');
  const isDepth = genericDepth.test(label) && named.every(({ component }) => depthComponent.test(component));
  const isLayer = several && bare && !generic.test(label) && !isDepth && !views.has(label);
  return named.map((place) => {
    if (isLayer) return { ...place, part: number, layer: label, speltBy: 'part' };
    return { ...place, part: number, speltBy: label !== '' && place.layer === label ? 'both' : 'channel' };
  });
}
