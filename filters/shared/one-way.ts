/** What of a file the way back would not give back, found by going it. */

import { sameBox, structuralNames } from '../../lib/format/index.js';
import { type Attributes, type Channel, type Header, isArrived, type Part } from '../../lib/index.js';
import { type ChannelPlace, colourAttribute, isSetAttribute, placesOf } from '../../lib/layers/index.js';

/** Structural or about views: the layout expresses this in another way. */
const ofLayout: ReadonlySet<string> = new Set(['view', 'multiView', 'preview']);

/** Things that a file and what comes back of it disagree about, in words for a message; each at most once. */
export function lostOnTheWay(before: Header, back: Header, sameNames: boolean): string[] {
  const lost = new Set<string>();
  const returned = new Map([...placesOf(back).values()].map((place) => [planeId(place.channel), place]));
  const places = [...placesOf(before).values()];
  for (const place of places) {
    const other = returned.get(planeId(place.channel));
    if (!other) continue;
    if (!isSamePlace(place, other)) lost.add(`the layer "${place.layer}"`);
    else if (sameNames && place.channel.name !== other.channel.name) lost.add('where names have the view');
  }
  for (const [number, part] of before.parts.entries()) {
    const [channel] = part.channels;
    const other = channel && back.parts[returned.get(planeId(channel))?.part ?? -1];
    if (!other) continue;
    if (sameNames && part.name !== undefined && part.name !== other.name) lost.add('the name of the part');
    if (!sameBox(part.dataWindow, other.dataWindow)) lost.add('data windows of different size');
    for (const name of differing([part, before.parts[0]], [other, back.parts[0]], number === 0)) lost.add(name);
  }
  return [...lost];
}

function planeId({ plane }: Channel): unknown {
  return isArrived(plane) ? `${plane.part}:${plane.index}` : plane;
}

function isSamePlace(one: ChannelPlace, other: ChannelPlace): boolean {
  return one.layer === other.layer && one.view === other.view && one.component === other.component;
}

type WithGlobals = readonly [own: Part, first: Part | undefined];

/** Attributes of a part, those of the first part counting for all. */
function differing(before: WithGlobals, back: WithGlobals, isFirst: boolean): string[] {
  const [own, first] = before;
  const names = new Set([...own.attributes.names(), ...(isFirst ? [] : colourName(first))]);
  return [...names].flatMap((name) => {
    if (structuralNames.has(name) || ofLayout.has(name) || isSetAttribute(name) || name === 'chunkCount') return [];
    const [one, other] = [value(name, before), value(name, back)];
    return isSame(one, other) ? [] : [`${name}${own.name ? ` of "${own.name}"` : ''}`];
  });
}

function colourName(first: Part | undefined): string[] {
  return first?.attributes.has(colourAttribute) ? [colourAttribute] : [];
}

function value(name: string, [own, first]: WithGlobals): ReturnType<Attributes['get']> {
  return own.attributes.get(name) ?? (name === colourAttribute ? undefined : first?.attributes.get(name));
}

function isSame(one: ReturnType<Attributes['get']>, other: ReturnType<Attributes['get']>): boolean {
  if (!one || !other) return one === other;
  return (
    one.type === other.type &&
    one.value.length === other.value.length &&
    one.value.every((byte, at) => byte === other.value[at])
  );
}
