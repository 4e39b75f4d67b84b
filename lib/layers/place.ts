/** Where each channel of a file stands: its layer and view, whoever spells them. */
import { partView } from '../format/attribute-types.js';
import type { Channel, Header, Part } from '../model/header.js';
import { parseChannelName } from '../model/names.js';
import { listedViews, viewNames } from './views.js';

export interface Place {
  /** Number of the part in its header. */
  readonly part: number;
  readonly channel: Channel;
  /** `Chars.Combined`, `CryptoObject00`; '' for the root layer. The same however it is spelt. */
  readonly layer: string;
  /** '' in files without views. */
  readonly view: string;
  /** `R`, `red`, `Z`. */
  readonly component: string;
  /** Who carries the layer's name: the channel, the part (whose channels are bare), or both. */
  readonly speltBy: 'channel' | 'part' | 'both';
}

/** Names of parts that are no layer's: what programs call a part when they have to call it something. */
const generic = /^(|rgba?|colou?r|c|main|beauty|depth|z|other|part\d*|subimage\d*)$/i;

/** The place of every channel, in the order of the parts and their channels. */
export function placeChannels(header: Pick<Header, 'parts'>): Place[] {
  const views = viewNames(header.parts);
  return header.parts.flatMap((part, number) => placePart(part, number, header.parts.length > 1, views));
}

function placePart(part: Part, number: number, several: boolean, views: ReadonlySet<string>): Place[] {
  const own = partView(part);
  const listed = listedViews(part);
  const named = part.channels.map((channel) => {
    const { layer, component } = parseChannelName(channel.name);
    const cut = own === undefined ? cutView(layer, views) : { layer, view: own };
    // Of several views in one part the first goes without a name.
    return { channel, component, layer: cut.layer, view: cut.view || own || listed[0] || '' };
  });
  const label = withoutView(part.name ?? '', own, views);
  const bare = named.every(({ layer }) => layer === '');
  const isLayer = several && bare && !generic.test(label) && !views.has(label);
  return named.map(({ channel, component, layer, view }): Place => {
    if (isLayer) return { part: number, channel, layer: label, view, component, speltBy: 'part' };
    const both = label !== '' && layer === label;
    return { part: number, channel, layer, view, component, speltBy: both ? 'both' : 'channel' };
  });
}

/** A layer name without the view before it (`right.CryptoObject00`) or behind it (`CryptoObject00.left`). */
function cutView(layer: string, views: ReadonlySet<string>): { readonly layer: string; readonly view: string } {
  if (views.size === 0) return { layer, view: '' };
  if (views.has(layer)) return { layer: '', view: layer };
  const last = layer.lastIndexOf('.');
  const behind = layer.slice(last + 1);
  if (last > 0 && views.has(behind)) return { layer: layer.slice(0, last), view: behind };
  const first = layer.indexOf('.');
  const before = layer.slice(0, Math.max(0, first));
  return first > 0 && views.has(before) ? { layer: layer.slice(first + 1), view: before } : { layer, view: '' };
}

/** A part's name without its view, which Blender writes with `-`, others with `.` or `_`. */
function withoutView(name: string, own: string | undefined, views: ReadonlySet<string>): string {
  for (const view of own === undefined ? views : [own])
    for (const mark of ['-', '.', '_'])
      if (view !== '' && name.endsWith(mark + view)) return name.slice(0, -view.length - 1);
  return name;
}
