/**
 * LJ2K of OpenEXR 3.5. Lossy for one red, green and blue of a part, whatever they hold, and lossless for all else (measured on
 * files of OpenEXR 3.5.3).
 */
import { parseChannelName } from '../model/names.js';
import type { Codec, CodedChannel } from './codec.js';

/** Component names of a triple, in lower case; a channel of either set is in its own set's triple. */
const sets = [
  ['r', 'g', 'b'],
  ['red', 'green', 'blue'],
];

/**
 * The first channel in file order that is red, green or blue says which layer it is, even where the layer turns out to have no
 * such triple; then nothing is lost.
 */
function firstTriple<Own extends CodedChannel>(channels: readonly Own[]): readonly Own[] {
  const named = channels.map((channel) => {
    const { layer, component } = parseChannelName(channel.name);
    const set = sets.find((components) => components.includes(component.toLowerCase()));
    return { channel, layer, set, component: component.toLowerCase() };
  });
  const first = named.find(({ set }) => set !== undefined);
  const members = named.filter(({ layer, set }) => set !== undefined && set === first?.set && layer === first.layer);
  const complete = new Set(members.map(({ component }) => component)).size === 3 && members.length === 3;
  const lossy = members.every(
    ({ channel: { type, xSampling, ySampling } }) =>
      type !== 'uint' && type === first?.channel.type && xSampling === 1 && ySampling === 1,
  );
  return complete && lossy ? members.map(({ channel }) => channel) : [];
}

export const lj2k: Codec = {
  id: 12,
  name: 'lj2k',
  lines: undefined,
  loses: firstTriple,
  losesByName: true,
  since: '3.5',
};
