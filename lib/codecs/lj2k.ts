/**
 * LJ2K of OpenEXR 3.5. Lossy for one red, green and blue of a part, whatever they hold, and lossless for everything else
 * (measured on
 * files of OpenEXR 3.5.3).
 */
import { parseChannelName } from '../model/names.js';
import type { Codec, CodedChannel } from './codec.js';
import { byKernels, moveByKernels } from './kernels.js';

/** Component names of a triple, in lower case. Each set is looked for by itself, and the first complete one counts. */
const sets = [
  ['r', 'g', 'b'],
  ['red', 'green', 'blue'],
];

/**
 * For each set, the first channel in file order determines the layer, even if that turns out to have no such triple. Of names
 * that differ only in case, the first counts.
 */
function firstTriple<Own extends CodedChannel>(channels: readonly Own[]): readonly Own[] {
  const named = channels.map((channel) => {
    const { layer, component } = parseChannelName(channel.name);
    return { channel, layer, component: component.toLowerCase() };
  });
  for (const set of sets) {
    const first = named.find(({ component }) => set.includes(component));
    const members = set.flatMap(
      (wanted) => named.find(({ layer, component }) => layer === first?.layer && component === wanted) ?? [],
    );
    const alike = members.every(
      ({ channel: { type, xSampling, ySampling } }) =>
        type === first?.channel.type && xSampling === first.channel.xSampling && ySampling === first.channel.ySampling,
    );
    if (members.length < set.length || !alike) continue;
    const lossy = first?.channel.type !== 'uint' && first?.channel.xSampling === 1 && first.channel.ySampling === 1;
    return lossy ? channels.filter((channel) => members.some((member) => member.channel === channel)) : [];
  }
  return [];
}

const kernels = byKernels('lj2k');

export const lj2k: Codec = {
  id: 12,
  name: 'lj2k',
  lines: 256,
  since: { openExr: '3.5', released: 'September 2026' },
  loses: firstTriple,
  lossText: 'the first red, green and blue of a part change, all others do not',
  losesByName: true,
  decode: kernels.decode,
  splice: { ...kernels.splice, move: moveByKernels('lj2k') },
};
