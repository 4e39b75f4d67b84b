/**
 * When channels can be moved between chunks without being decoded (see openexr-wasm's `splice`): the chunks correspond
 * one to one, and the codec allows it for these channels.
 */
import { type Compression as CodecName, spliceWorthwhile } from 'openexr-wasm/core';
import { chunkLayout } from '../codecs/planes.js';
import { spliceTarget } from '../codecs/splice.js';
import { Geometry, sameBox } from '../model/geometry.js';
import { type Channel, type Header, isDerived, type Part, type Plane } from '../model/header.js';
import { parseChannelName } from '../model/names.js';
import { sameStorage, sameTiles } from './same.js';

/** What stands in the way of splicing a wanted flat part; undefined when nothing does. */
export function whyNotSplice(wanted: Part, arrived: Header, sources: readonly number[]): string | undefined {
  const parts = sources.map((number) => arrived.parts[number] as Part);
  for (const part of parts) {
    if (part.compression !== wanted.compression) return `codec ${part.compression} becomes ${wanted.compression}`;
    if (part.type !== wanted.type || !sameTiles(part.tiles, wanted.tiles)) return 'scan lines or tiles change';
    if (!sameBox(part.dataWindow, wanted.dataWindow)) return 'data windows differ';
  }
  if (parts.length === 0 || wanted.channels.some(({ plane }) => isDerived(plane))) return 'channels are computed';
  const changed = wanted.channels.find((channel) => !sameStorage(channel, storedChannel(channel, arrived)));
  if (changed) return `the type of channel "${changed.name}" changes`;
  switch (wanted.compression) {
    case 'htj2k256':
    case 'htj2k32':
      return 'there is no codec for HTJ2K';
    case 'dwaa':
    case 'dwab':
      return whyNotDwa(wanted, arrived, sources);
    default:
      return doesNotPay(wanted.compression, wanted, arrived, sources);
  }
}

/** Where channels change places too often, coding anew is faster and smaller; openexr-wasm has the rule and its measurements. */
function doesNotPay(
  compression: CodecName,
  wanted: Part,
  arrived: Header,
  sources: readonly number[],
): string | undefined {
  const region = new Geometry(wanted).region(0);
  const layouts = sources.map((number) => chunkLayout((arrived.parts[number] as Part).channels, region));
  return spliceWorthwhile(compression, layouts, spliceTarget(wanted.channels, region, sources))
    ? undefined
    : 'too little of it stays side by side for splicing to pay';
}

function storedChannel({ plane }: Channel, arrived: Header): Channel {
  const { part, index } = plane as Plane;
  return arrived.parts[part]?.channels[index] as Channel;
}

const colours = ['R', 'G', 'B'];

/**
 * DWA codes R, G and B of one layer together, as brightness and colour differences: what was coded together must stay
 * together in one layer, and what was not must not become such a triple. (How the other channels are coded is told by
 * rules in each chunk, which follow a rename.)
 */
function whyNotDwa(wanted: Part, arrived: Header, sources: readonly number[]): string | undefined {
  const triples = sources.flatMap((number) => colourTriples((arrived.parts[number] as Part).channels));
  const place = ({ part, index }: Plane) => wanted.channels.find(({ plane }) => same(plane as Plane, { part, index }));
  const kept = new Set<string>();
  for (const triple of triples) {
    const now = triple.map(({ plane }) => place(plane as Plane)).filter((channel) => channel !== undefined);
    const layers = new Set(now.map(({ name }) => parseChannelName(name).layer));
    const [one] = triple;
    if (now.length > 0 && (now.length < triple.length || layers.size > 1))
      return `DWA codes R, G and B of a layer together, and those of "${parseChannelName(one?.name ?? '').layer}" would be parted`;
    for (const { name } of now) kept.add(name);
  }
  const joined = colourTriples(wanted.channels).find((triple) => triple.some(({ name }) => !kept.has(name)));
  return joined && `DWA codes R, G and B of a layer together, and "${joined[0]?.name}" was not`;
}

function same(a: Plane, b: Plane): boolean {
  return a.part === b.part && a.index === b.index;
}

/** The R, G and B of each layer that has all three. */
function colourTriples(channels: readonly Channel[]): (readonly Channel[])[] {
  const layers = new Map<string, Channel[]>();
  for (const channel of channels) {
    const { layer, component } = parseChannelName(channel.name);
    if (colours.includes(component)) layers.set(layer, [...(layers.get(layer) ?? []), channel]);
  }
  return [...layers.values()].filter(({ length }) => length === colours.length);
}
