/** A few channels of an image from its top to its bottom, in as few bytes as the file allows. */
import type { Kernels } from '../codecs/codec.js';
import type { ExrDocument } from '../engine/document.js';
import type { SampleBlock } from '../engine/filter.js';
import { boxHeight, boxWidth, Geometry, type Region, sampleCount } from '../format/geometry.js';
import type { Limits } from '../format/limits.js';
import type { Band } from '../look/band.js';
import type { Channel, Part, Samples } from '../model/header.js';
import type { Runners } from './host.js';
import { readReduced } from './reduced.js';
import { readSamples } from './samples.js';

export interface BandOptions {
  readonly signal?: AbortSignal | undefined;
  readonly runners: Runners;
  readonly limits?: Limits | undefined;
  /** For what HTJ2K has of lower resolution. */
  readonly kernels: () => Promise<Kernels>;
}

/** At which resolution an image is read: its own, that of a mip level, or one that its codec keeps. */
export type Resolution =
  | { readonly kind: 'full' }
  | { readonly kind: 'level'; readonly level: number }
  | { readonly kind: 'reduced'; readonly reduction: number };

export const fullResolution: Resolution = { kind: 'full' };

type Read = Pick<ExrDocument, 'header' | 'arrived' | 'source'>;

/**
 * Bands of some channels, in the order in which they are given. They may be those of several parts; `part` is the one whose window
 * counts. Lines that are missing in the file are in no band, tiles that are missing are zeros.
 */
export async function* readBands(
  document: Read,
  part: Part,
  channels: readonly Channel[],
  resolution: Resolution,
  options: BandOptions,
): AsyncGenerator<Band> {
  if (resolution.kind === 'reduced') yield* reducedBands(document, part, channels, resolution.reduction, options);
  else yield* sampleBands(document, part, channels, resolution.kind === 'level' ? resolution.level : 0, options);
}

async function* sampleBands(
  document: Read,
  base: Part,
  channels: readonly Channel[],
  level: number,
  options: BandOptions,
): AsyncGenerator<Band> {
  const names = channels.map((_, at) => `c${String(at).padStart(5, '0')}`);
  const renamed = channels.map((channel, at) => ({ ...channel, name: names[at] as string }));
  const part: Part = { ...base, channels: renamed, lineOrder: 'increasing' };
  const { signal, runners, limits } = options;
  const blocks = readSamples(document, part, names, { signal, runners, limits, ...(level > 0 && { level }) });
  const size = new Geometry(part).levelSize(level);
  const { xMin, yMin } = base.dataWindow;
  const scale = { x: boxWidth(base.dataWindow) / size.width, y: boxHeight(base.dataWindow) / size.height };
  for await (const { region, samples } of part.tiles ? tileRows(blocks, part, size.width) : blocks) {
    const planes = samples.map((plane, at) => expanded(plane, renamed[at] as Channel, region));
    yield {
      x: xMin,
      y: yMin + (region.y - yMin) * scale.y,
      width: boxWidth(base.dataWindow),
      height: region.height * scale.y,
      columns: region.width,
      rows: region.height,
      planes,
    };
  }
}

/** Rows of tiles, each as one block over the whole width. */
async function* tileRows(
  blocks: AsyncIterable<SampleBlock>,
  { dataWindow: { xMin }, channels }: Part,
  width: number,
): AsyncGenerator<SampleBlock> {
  let row: { region: Region; samples: Samples[] } | undefined;
  for await (const { region, samples } of blocks) {
    if (row && row.region.y !== region.y) {
      yield row;
      row = undefined;
    }
    row ??= {
      region: { x: xMin, y: region.y, width, height: region.height },
      samples: channels.map(({ type }) => {
        const length = width * region.height;
        return type === 'uint' ? new Uint32Array(length) : new Float32Array(length);
      }),
    };
    for (const [channel, plane] of samples.entries())
      for (let line = 0; line < region.height; line++) {
        const from = plane.subarray(line * region.width, (line + 1) * region.width);
        row.samples[channel]?.set(from, line * width + region.x - xMin);
      }
  }
  if (row) yield row;
}

/** A sample for each pixel, where a channel has fewer: that of the pixel left of it and above it, which the sample belongs to. */
function expanded(plane: Samples, { xSampling, ySampling }: Channel, region: Region): Samples {
  if (xSampling === 1 && ySampling === 1) return plane;
  const { x, y, width, height } = region;
  const columns = sampleCount(x, width, xSampling);
  const rows = sampleCount(y, height, ySampling);
  const out = plane instanceof Uint32Array ? new Uint32Array(width * height) : new Float32Array(width * height);
  if (columns < 1 || rows < 1) return out;
  const place = (at: number, origin: number, sampling: number, count: number) =>
    Math.min(count - 1, Math.max(0, Math.floor((origin + at) / sampling) - Math.ceil(origin / sampling)));
  for (let line = 0; line < height; line++) {
    const from = place(line, y, ySampling, rows) * columns;
    for (let column = 0; column < width; column++)
      out[line * width + column] = plane[from + place(column, x, xSampling, columns)] as number;
  }
  return out;
}

/** Chunks of a lower resolution; those of one line of tiles side by side. */
async function* reducedBands(
  document: Read,
  part: Part,
  channels: readonly Channel[],
  reduction: number,
  { signal, kernels }: BandOptions,
): AsyncGenerator<Band> {
  const names = channels.map(({ name }) => name);
  const { x, width } = { x: part.dataWindow.xMin, width: boxWidth(part.dataWindow) };
  for await (const { region, planes } of readReduced(document, part, names, {
    reduction,
    signal,
    kernels: await kernels(),
  })) {
    const [first] = planes;
    if (!first) continue;
    yield {
      x,
      y: region.y,
      width,
      height: region.height,
      columns: first.width,
      rows: first.height,
      planes: planes.map(({ samples }) => samples),
    };
  }
}
