/**
 * The sample-count table of a deep chunk: one i32 per pixel, line after line, the running count of samples within the line.
 *
 * How it is stored differs at the edges of tiled parts, where a tile has fewer pixels than a whole one (also at the small mip
 * levels). OpenEXR up to 3.1 (ImfDeepTiledInputFile.cpp) treats a table as raw if it is as long as a whole tile's, and unpacks
 * every shorter one; OpenEXR 3.5 (OpenEXRCore, decoding.c) treats one as raw if it is as long as the tile's own. Files of both
 * are read here, and both read what is written. A codec that came with 3.5 has only its form (`oneTableForm`).
 */

import type { CodecSettings, DeepCodec, DeepRows, Kernels } from '../codecs/codec.js';
import type { Region } from '../format/geometry.js';
import { advise, stepOf } from '../model/advice.js';
import { ExrError } from '../model/error.js';
import type { TileSize } from './job.js';

interface Stored {
  readonly region: Pick<Region, 'width' | 'height'>;
  readonly tile: TileSize | undefined;
  readonly codec: DeepCodec;
  readonly kernels: Kernels;
}

/** The largest uncompressed table that is written: a header can declare tiles of any size. */
const maxTable = 1 << 28;

/**
 * The table unpacked, `region.width * region.height * 4` bytes. `samples` is the total that the chunk declares, which
 * distinguishes the two forms if both are possible.
 *
 * @throws ExrError of kind `invalid` for an impossible length.
 */
export function readTable(stored: Uint8Array, shape: Stored & { readonly samples: number }): Uint8Array {
  const { region, codec, kernels, samples } = shape;
  const size = tableBytes(region);
  const { packing, oneTableForm } = codec;
  if (!packing) {
    if (stored.length >= size) return stored.subarray(0, size);
    throw new ExrError(
      'invalid',
      'BAD_DEEP_SIZE',
      `a deep chunk has ${stored.length} bytes of sample counts where ${size} are expected`,
      { hint: 'The file is damaged.' },
    );
  }
  const rows = tableRows(region);
  if (oneTableForm) return stored.length === size ? stored : packing.unpack(kernels, stored, size, rows);
  const whole = wholeBytes(shape);
  if (stored.length === size && size === whole) return stored;
  if (stored.length === size || stored.length === whole) {
    const raw = stored.subarray(0, size);
    if (totalSamples(raw, region) === samples) return raw;
  }
  return packing.unpack(kernels, stored, size, rows);
}

/**
 * The table as it is stored.
 *
 * @throws ExrError of kind `limit` for tiles whose uncompressed tables would be absurd.
 */
export function writeTable(raw: Uint8Array, shape: Stored & { readonly settings: CodecSettings }): Uint8Array {
  const { region, codec, kernels, settings } = shape;
  const whole = wholeBytes(shape);
  const packed = codec.packing?.pack(kernels, raw, settings, tableRows(region));
  if (codec.oneTableForm) return packed && packed.length < raw.length ? packed : raw;
  if (packed && packed.length < whole) {
    if (packed.length !== raw.length) return packed;
    const longer = codec.packing?.lengthen?.(packed);
    if (longer && longer.length < whole) return longer;
  }
  if (whole === raw.length) return raw;
  if (whole > maxTable)
    throw new ExrError(
      'limit',
      'DEEP_TABLE_TOO_LARGE',
      `a deep tile at an edge needs ${whole} bytes of sample counts`,
      {
        hint: advise`OpenEXR reads uncompressed deep tiles only with the sample counts of a whole tile; choose ${stepOf('compress', { to: 'zips' })}.`,
      },
    );
  // Only the first entries count. (Compressed parts get here with tiles of a few pixels, where no form suits both versions.)
  const table = new Uint8Array(whole);
  table.set(raw);
  return table;
}

/**
 * Samples per line.
 *
 * @throws ExrError of kind `invalid` for counts that decrease or are negative.
 */
export function countSamples(table: Uint8Array, region: Stored['region']): number[] {
  return lineCounts(table, region).map((count) => {
    if (count !== undefined) return count;
    throw new ExrError('invalid', 'BAD_SAMPLE_COUNTS', 'the sample counts of a deep chunk decrease along a line');
  });
}

/** Samples of the whole table; undefined for invalid counts. */
function totalSamples(table: Uint8Array, region: Stored['region']): number | undefined {
  let total = 0;
  for (const count of lineCounts(table, region)) {
    if (count === undefined) return undefined;
    total += count;
  }
  return total;
}

/** Samples per line, undefined for a line whose counts decrease or are negative. */
function lineCounts(table: Uint8Array, { width, height }: Stored['region']): (number | undefined)[] {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  return Array.from({ length: height }, (_, line) => {
    let running = 0;
    for (let x = 0; x < width; x++) {
      const count = view.getInt32((line * width + x) * 4, true);
      if (count < running) return undefined;
      running = count;
    }
    return running;
  });
}

/** A table as the samples of one channel. */
function tableRows({ width, height }: Stored['region']): DeepRows {
  return { types: ['uint'], counts: new Array<number>(height).fill(width) };
}

function wholeBytes({ region, tile }: Pick<Stored, 'region' | 'tile'>): number {
  return tableBytes(tile ?? region);
}

function tableBytes({ width, height }: Stored['region']): number {
  return width * height * 4;
}
