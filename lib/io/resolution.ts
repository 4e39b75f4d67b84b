/** Which of the resolutions that a file has is enough for an image of some size. */
import { codecOf } from '../codecs/table.js';
import type { ChunkSource } from '../engine/document.js';
import { boxHeight, boxWidth, Geometry } from '../format/geometry.js';
import type { Frame } from '../look/band.js';
import { type Channel, type Header, isArrived, type Part } from '../model/header.js';
import { fullResolution, type Resolution } from './bands.js';

/** Halvings that OpenEXR's HTJ2K always has (docs of OpenEXR 3.4: five levels of decomposition). */
const mostHalvings = 5;

/**
 * For what may be averaged only: mip levels and HTJ2K's lower resolutions are averages. The smallest that has at least as many
 * samples as the result has pixels.
 */
export function resolutionFor(
  arrived: Header,
  part: Part,
  channels: readonly Channel[],
  frame: Frame,
  source: Pick<ChunkSource, 'missing'>,
): Resolution {
  const [first] = channels;
  const number = first && isArrived(first.plane) ? first.plane.part : undefined;
  const own = number === undefined ? undefined : arrived.parts[number];
  const alike = channels.every(
    ({ plane, xSampling, ySampling }) =>
      isArrived(plane) && plane.part === number && xSampling === 1 && ySampling === 1,
  );
  if (!own || !alike) return fullResolution;
  const halvings = Math.floor(Math.log2(Math.min(frame.width / frame.columns, frame.height / frame.rows)) + 1e-9);
  if (!(halvings >= 1)) return fullResolution;
  if (own.tiles && own.tiles.levels !== 'one') return levelFor(own, part, frame, halvings, source);
  const reduces = codecOf(own.compression).reduce !== undefined && !own.tiles && source.missing.length === 0;
  // A chunk is halved by itself: what is no multiple would leave a gap between two chunks.
  const least = Math.min(boxWidth(own.dataWindow), boxHeight(own.dataWindow));
  const reduction = Math.min(halvings, mostHalvings, Math.floor(Math.log2(least)));
  return reduces && reduction >= 1 ? { kind: 'reduced', reduction } : fullResolution;
}

function levelFor(
  own: Part,
  part: Part,
  frame: Frame,
  halvings: number,
  { missing }: Pick<ChunkSource, 'missing'>,
): Resolution {
  if (part.tiles === undefined || part.tiles.levels !== own.tiles?.levels || missing.length > 0) return fullResolution;
  const geometry = new Geometry(own);
  const whole = geometry.levelSize(0);
  for (let level = Math.min(halvings, geometry.levelCount - 1); level > 0; level--) {
    const { width, height } = geometry.levelSize(level);
    const enough =
      (frame.width * width) / whole.width >= frame.columns && (frame.height * height) / whole.height >= frame.rows;
    if (enough) return { kind: 'level', level };
  }
  return fullResolution;
}
