/**
 * When channels can be moved between chunks without being decoded (see openexr-wasm's `splice`): the chunks correspond
 * one to one, and the codec allows it for these channels.
 */
import { Geometry, sameBox, sameTiles } from '../format/geometry.js';
import { spliceObstacle } from '../jobs/splice.js';
import { type Channel, type Header, isArrived, type Part, type Plane } from '../model/header.js';
import { sameStorage } from './same-storage.js';

/** Why a wanted flat part cannot be spliced; undefined when it can. */
export function whyNotSplice(wanted: Part, arrived: Header, sources: readonly number[]): string | undefined {
  const parts = sources.map((number) => arrived.parts[number] as Part);
  for (const part of parts) {
    if (part.compression !== wanted.compression) return `codec ${part.compression} becomes ${wanted.compression}`;
    if (part.type !== wanted.type || !sameTiles(part.tiles, wanted.tiles)) return 'scan lines or tiles change';
    if (!sameBox(part.dataWindow, wanted.dataWindow)) return 'data windows differ';
  }
  if (parts.length === 0 || !wanted.channels.every(({ plane }) => isArrived(plane))) return 'channels are computed';
  const changed = wanted.channels.find((channel) => !sameStorage(channel, storedChannel(channel, arrived)));
  if (changed) return `the type of channel "${changed.name}" changes`;
  const from = sources.map((number, position) => ({ part: number, planes: (parts[position] as Part).channels }));
  return spliceObstacle(wanted.compression, from, wanted.channels, new Geometry(wanted).region(0));
}

function storedChannel({ plane }: Channel, arrived: Header): Channel {
  const { part, index } = plane as Plane;
  return arrived.parts[part]?.channels[index] as Channel;
}
