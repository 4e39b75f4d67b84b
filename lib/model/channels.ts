import { type Channel, isDerived, isPieced, type Plane } from './header.js';
import { compareText } from './text.js';

/** Channels in file order: by name, in byte order. Every channel keeps its plane. */
export function sortChannels(channels: readonly Channel[]): Channel[] {
  return channels.toSorted((a, b) => compareText(a.name, b.name));
}

/** The planes of the arrived payload that a channel is made from. */
export function sourcePlanes({ plane }: Pick<Channel, 'plane'>): readonly Plane[] {
  if (isDerived(plane)) return plane.inputs;
  return isPieced(plane) ? plane.pieces.map((piece) => piece.plane) : [plane];
}
