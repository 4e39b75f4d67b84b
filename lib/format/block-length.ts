/** How many bytes chunks unpack to: planar, channel after channel, for sub-sampled ones only the existing samples. */
import { bytesPerSample, type Channel } from '../model/header.js';
import { type Region, sampleCount } from './geometry.js';

type Sampled = Pick<Channel, 'type' | 'xSampling' | 'ySampling'>;

/** Bytes of one plane within a region. */
export function planeLength({ type, xSampling, ySampling }: Sampled, { x, y, width, height }: Region): number {
  return sampleCount(x, width, xSampling) * sampleCount(y, height, ySampling) * bytesPerSample(type);
}

/** Bytes of a decoded chunk. */
export function blockLength(planes: readonly Sampled[], region: Region): number {
  // Called for every chunk, with many planes, hardly any of which is sub-sampled.
  let pixel = 0;
  let others = 0;
  for (const plane of planes) {
    if (plane.xSampling === 1 && plane.ySampling === 1) pixel += bytesPerSample(plane.type);
    else others += planeLength(plane, region);
  }
  return pixel * region.width * region.height + others;
}
