// Which channels OpenEXR codes as red, green and blue, and so which component of the codestream each channel is
// (make_channel_map in internal_ht.cpp; measured on files of OpenEXR 3.5.3).
import type { ChannelLayout } from '../types.js';

export interface ComponentOrder {
  /** The channel (in file order) that each component holds. */
  readonly map: readonly number[];
  /** The first three are red, green and blue, and a colour transform may be applied to them. */
  readonly colourTransform: boolean;
}

/** Last name components, in lower case. Each set is looked for by itself, and the first complete one counts. */
const SETS = [
  ['r', 'g', 'b'],
  ['red', 'green', 'blue'],
];

/**
 * Red, green and blue, of one type and sampling, and then all other channels in file order; without the three, all channels in
 * file order.
 */
export function orderComponents(channels: readonly ChannelLayout[]): ComponentOrder {
  const all = channels.map((_, i) => i);
  const triple = firstTriple(channels);
  if (triple === undefined) return { map: all, colourTransform: false };
  const sampled = channels.some(({ xSampling, ySampling }) => xSampling !== 1 || ySampling !== 1);
  return { map: [...triple, ...all.filter((i) => !triple.includes(i))], colourTransform: !sampled };
}

function firstTriple(channels: readonly ChannelLayout[]): number[] | undefined {
  const named = channels.map(({ name }) => {
    const dot = name.lastIndexOf('.') + 1;
    return { layer: name.slice(0, dot), component: name.slice(dot).toLowerCase() };
  });
  for (const set of SETS) {
    // The first channel of the set determines the layer, even where that turns out to have no such triple.
    const first = named.find(({ component }) => set.includes(component));
    const triple = set.map((own) =>
      named.findIndex(({ layer, component }) => layer === first?.layer && component === own),
    );
    if (areAlike(triple.map((i) => channels[i]))) return triple;
  }
  return undefined;
}

function areAlike(triple: readonly (ChannelLayout | undefined)[]): boolean {
  const [red] = triple;
  return triple.every(
    (own) =>
      own !== undefined && own.type === red?.type && own.xSampling === red.xSampling && own.ySampling === red.ySampling,
  );
}
