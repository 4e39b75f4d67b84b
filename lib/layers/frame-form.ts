/** What of a frame should be the same in all frames of a shot, as text that can be compared and shown. */
import { codecOf } from '../codecs/table.js';
import { parseAttribute } from '../format/attribute-types.js';
import { boxHeight, boxWidth } from '../format/geometry.js';
import type { Compression } from '../model/compression.js';
import { groupBy } from '../model/group-by.js';
import type { Box, Channel, Header, Part } from '../model/header.js';
import { firstFew } from '../model/listed.js';
import { placesOf } from './place.js';

/** What is compared of one layer. */
export interface LayerForm {
  readonly components: string;
  readonly types: string;
  readonly codec: string;
  readonly storage: string;
}

/** What is compared of one frame. */
export interface FrameForm {
  readonly layers: ReadonlyMap<string, LayerForm>;
  /** Undefined where parts have different ones. */
  readonly codec: string | undefined;
  readonly display: string;
  readonly data: string;
}

/** Behind a codec that loses something. */
export const lossy = ' (lossy)';

/** The form of a frame, from its header alone. */
export function formOf(header: Pick<Header, 'parts'>): FrameForm {
  const places = placesOf(header);
  const channels = header.parts.flatMap((part) => part.channels.map((channel) => ({ part, channel })));
  const layers = groupBy(channels, ({ channel }) => {
    const { layer = '', view = '' } = places.get(channel) ?? {};
    return view === '' ? layer : `${layer} (${view})`;
  });
  const component = (channel: Channel) => places.get(channel)?.component ?? channel.name;
  const codecs = new Set(header.parts.map(({ compression }) => compression));
  const [codec] = codecs;
  return {
    layers: new Map([...layers].map(([name, own]) => [name, layerForm(own, component)])),
    codec: codecs.size === 1 && codec ? codecText(codec, header.parts) : undefined,
    display: distinct(header.parts.map((part) => `${windowText(part.displayWindow)}${aspectText(part)}`)),
    data: distinct(header.parts.map(({ dataWindow }) => windowText(dataWindow))),
  };
}

function layerForm(
  own: readonly { readonly part: Part; readonly channel: Channel }[],
  component: (channel: Channel) => string,
): LayerForm {
  const types = new Set(own.map(({ channel }) => channel.type));
  return {
    components: own.map(({ channel }) => `${component(channel)}${samplingText(channel)}`).join(' '),
    types:
      types.size > 1
        ? own.map(({ channel }) => `${component(channel)} ${channel.type}`).join(', ')
        : [...types].join(''),
    codec: distinct(own.map(({ part, channel }) => codecText(part.compression, [part], channel))),
    storage: distinct(own.map(({ part }) => storageText(part))),
  };
}

/** A codec, and whether it loses something of a channel, or of any of these parts. */
function codecText(codec: Compression, parts: readonly Part[], channel?: Channel): string {
  const losing = parts.flatMap((part) => codecOf(codec).loses(part.channels));
  return (channel === undefined ? losing.length > 0 : losing.includes(channel)) ? `${codec}${lossy}` : codec;
}

function samplingText({ xSampling, ySampling }: Channel): string {
  return xSampling === 1 && ySampling === 1 ? '' : `(1/${xSampling}x${ySampling})`;
}

function storageText({ type, tiles }: Part): string {
  const kind = type.startsWith('deep') ? 'deep ' : '';
  return tiles ? `${kind}tiles of ${tiles.width} x ${tiles.height} (${tiles.levels})` : `${kind}scan lines`;
}

function windowText(box: Box): string {
  return `${boxWidth(box)} x ${boxHeight(box)} at ${box.xMin}, ${box.yMin}`;
}

function aspectText({ attributes }: Part): string {
  const stored = attributes.get('pixelAspectRatio');
  try {
    const aspect = stored && parseAttribute(stored.type, stored.value);
    return typeof aspect === 'number' && aspect !== 1 ? ` with pixels of ${Number(aspect.toPrecision(6))} : 1` : '';
  } catch {
    return ''; // Another rule reports damaged values.
  }
}

function distinct(texts: readonly string[]): string {
  return firstFew([...new Set(texts)], ' + ', 3);
}
