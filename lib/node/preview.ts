import type { ExrDocument } from '../engine/document.js';
import type { Limits } from '../format/limits.js';
import { type DrawnRow, drawLooks as draw } from '../io/draw-looks.js';
import { makePreview as make, type Preview } from '../io/preview.js';
import { defaultLook } from '../look/choose.js';
import type { Size } from '../look/fit.js';
import type { Look } from '../look/looks.js';
import type { Background } from '../look/painters.js';
import type { RampName } from '../look/ramp.js';
import type { Range } from '../look/range.js';
import { type ChannelDigest, channelDigests as digest } from './checksum.js';
import { nodeHost } from './host.js';
import { loadKernels } from './kernels.js';

/** What to read, and how long. */
export interface ReadingOptions {
  readonly signal?: AbortSignal | undefined;
  readonly limits?: Limits | undefined;
}

/** How an image is shown. */
export interface PreviewOptions extends ReadingOptions {
  /** Most pixels of each view; its own size without it. Images are never made larger. */
  readonly size?: Size | undefined;
  /** What is shown of the image: its display window by default, or all pixels that there are. */
  readonly window?: 'display' | 'data' | undefined;
  /** What alpha is laid over: `grey` by default; `none` keeps it. */
  readonly background?: Background | undefined;
  /** Stops: values are multiplied by two to this power. */
  readonly exposure?: number | undefined;
  /** The colours of depth: `viridis` by default. */
  readonly ramp?: RampName | undefined;
  /** Depth by its logarithm. */
  readonly log?: boolean | undefined;
  /** What depth, positions and motion are normalised by; what the image has without it. */
  readonly range?: Range | undefined;
}

/**
 * Prepares an 8-bit sRGB image of one look of a document (`defaultLook` if none is given), the views of a stereo file side by side.
 * Only its channels are decoded, and mip levels and lower resolutions of HTJ2K are used where they are enough. A source that cannot
 * seek is copied to a temporary file where it must be read twice (views, looks that are normalised). The document stays open.
 *
 * @throws ExrError of kind `unsupported` (`NOTHING_TO_SHOW`, or a codec that cannot be decoded), `invalid` or `limit`, here or while
 *   its lines are read.
 */
export function makePreview(
  document: Pick<ExrDocument, 'header' | 'arrived' | 'source'>,
  look: Look = defaultLook(document.header),
  options: PreviewOptions = {},
): Promise<Preview> {
  return make(document, look, settled(options));
}

/** See `drawLooks` in lib/io/draw-looks.ts. */
export function drawLooks(
  document: Pick<ExrDocument, 'header' | 'arrived' | 'source'>,
  looks: readonly Look[],
  options: PreviewOptions,
  onRow: (row: DrawnRow) => void,
): Promise<ReadonlyMap<number, unknown>> {
  return draw(document, looks, settled(options), onRow);
}

function settled(options: PreviewOptions) {
  const { window = 'display', background = 'grey', exposure = 0, ramp = 'viridis', log = false } = options;
  const own = { window, background, exposure, ramp, log };
  return { ...options, ...own, runners: nodeHost.runners, kernels: loadKernels };
}

/**
 * A SHA-256 for each flat channel: of its samples at full resolution, line after line from the top, each as 32 bits (little-endian;
 * halves as the floats that they are). It is the same whatever the codec, the tiles, the order of lines and the names.
 *
 * @throws ExrError `CHUNKS_MISSING` (kind `invalid`) for an unfinished file; `unsupported` for a codec that cannot be decoded.
 */
export function channelDigests(
  document: Pick<ExrDocument, 'header' | 'arrived' | 'source'>,
  options: ReadingOptions = {},
): Promise<ChannelDigest[]> {
  return digest(document, { ...options, runners: nodeHost.runners, kernels: loadKernels });
}
