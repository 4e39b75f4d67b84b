/** What layers hold, by their pixels. */

import type { LayerChannels } from '../layers/rank-groups.js';
import type { Header } from '../model/header.js';
import { type IdStatistics, readIds, type SampleReader } from './ids.js';
import { namedShare } from './named-share.js';

/** The IDs that the samples of layers have shown, by layer. */
export type Weights = ReadonlyMap<LayerChannels, IdStatistics>;

/**
 * What the layers hold: from a few chunks of each, spread over its part; from all chunks of layers where those show nothing,
 * unless `thorough` is false.
 */
export async function weighLayers(
  header: Pick<Header, 'parts'>,
  layers: readonly LayerChannels[],
  read: SampleReader,
  thorough = true,
): Promise<Weights> {
  const few = await readIds(header, new Map(layers.map((layer) => [layer, [layer]])), read, { chunks: 'spread' });
  const empty = layers.filter((layer) => isEmpty(few.get(layer)));
  if (!thorough || empty.length === 0) return few;
  const all = await readIds(header, new Map(empty.map((layer) => [layer, [layer]])), read);
  return new Map([...few, ...all]);
}

export function isEmpty(statistics: IdStatistics | undefined): boolean {
  return statistics === undefined || statistics.samples + statistics.badCoverageSamples === 0;
}

/** Magnitudes of colours. Four of five hashes are outside this range. */
const ordinary = { least: 1e-8, most: 1e6 };

/** Up to this many distinct values may be a mask, or a few IDs that happen to look ordinary. */
const fewValues = 4;

/**
 * Whether a layer holds IDs: some of the manifests name them, or they are numbers like hashes. Undefined if the pixels are no
 * evidence.
 */
export function holdsIds(statistics: IdStatistics, manifests: readonly ReadonlySet<number>[]): boolean | undefined {
  if (isEmpty(statistics)) return undefined;
  // IDs do not get names by chance. Of the previews that some programs write beside the ranks, only red is an ID.
  if (statistics.samples > 0 && manifests.some((ids) => namedShare(statistics, ids).share > 0.01)) return true;
  // Depth beside an alpha of 1 looks like an ID and its coverage; what would be the other coverage does not.
  if (statistics.badCoverageSamples * 3 > statistics.samples) return false;
  const float = new Float32Array(1);
  const bits = new Uint32Array(float.buffer);
  const isOdd = (id: number): boolean => {
    bits[0] = id;
    const size = Math.abs(float[0] as number);
    return !(size > ordinary.least && size < ordinary.most);
  };
  if (statistics.samples > 0 && statistics.share(isOdd) > 0.01) return true;
  const isMask = statistics.badCoverageSamples === 0 && statistics.overfullPixels === 0 && statistics.ids <= fewValues;
  return isMask ? undefined : false;
}
