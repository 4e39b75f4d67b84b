/**
 * Decoded chunks: planar bytes, channel after channel in file order, each channel line after line, little-endian.
 * Everything here counts in samples of a channel, which with sub-sampling are fewer than the pixels.
 */
import type { ChunkLayout } from 'openexr-wasm/core';
import type { CodedChannel } from '../codecs/codec.js';
import { blockLength, planeLength } from '../format/block-length.js';
import { type Region, sampleCount } from '../format/geometry.js';
import { ExrError } from '../model/error.js';
import { bytesPerSample, isDerived, type PixelType, type Plane, type Samples } from '../model/header.js';
import { beyondHalf, inexactWholes, narrowFloats, widenHalves } from './half.js';
import type { TargetPart } from './job.js';
import { type ChunkLosses, type Losses, lossesOf } from './losses.js';

/** A decoded chunk of arrived part `part`, or some planes of one. */
export interface Block {
  readonly part: number;
  /** The planes in the block, and their numbers in the part. */
  readonly planes: readonly CodedChannel[];
  readonly indices: readonly number[];
  readonly region: Region;
  readonly bytes: Uint8Array;
}

/** The layout of a chunk in the form of the codecs. */
export function chunkLayout(planes: readonly CodedChannel[], region: Region): ChunkLayout {
  return { ...region, channels: planes };
}

/** The samples of one channel within a region: a grid at the multiples of the sampling rates. */
interface Grid {
  readonly column: number;
  readonly row: number;
  readonly columns: number;
  readonly rows: number;
}

function gridOf({ xSampling, ySampling }: CodedChannel, { x, y, width, height }: Region): Grid {
  return {
    column: Math.ceil(x / xSampling),
    row: Math.ceil(y / ySampling),
    columns: sampleCount(x, width, xSampling),
    rows: sampleCount(y, height, ySampling),
  };
}

/** Where each plane begins in a decoded chunk. */
function planeOffsets(planes: readonly CodedChannel[], region: Region): number[] {
  let at = 0;
  return planes.map((plane) => {
    const from = at;
    at += planeLength(plane, region);
    return from;
  });
}

/**
 * The planar bytes of a target chunk, assembled from decoded source chunks. Pixels that no source covers are zero.
 * The work per plane is a copy if type and region agree; otherwise types are converted. A block that already is the result is
 * returned as is.
 */
export function assemble(
  target: TargetPart,
  region: Region,
  blocks: readonly Block[],
  losses: ChunkLosses,
): Uint8Array {
  const [block] = blocks;
  if (block && blocks.length === 1 && isWanted(block, target, region)) return block.bytes;
  const offsets = planeOffsets(target.planes, region);
  const bytes = new Uint8Array(blockLength(target.planes, region));
  const sources = new PlaneLookup(blocks);
  target.planes.forEach((wanted, index) => {
    const out = bytes.subarray(offsets[index], (offsets[index] as number) + planeLength(wanted, region));
    if (isDerived(wanted.plane)) {
      const inputs = wanted.plane.inputs.map((input) => asSamples(...sources.gather(input, wanted, region)));
      const result =
        wanted.type === 'uint'
          ? new Uint32Array(out.length / 4)
          : new Float32Array(out.length / bytesPerSample(wanted.type));
      wanted.plane.compute(inputs, result);
      out.set(fromSamples(result, wanted.type, lossesOf(losses, index)));
      return;
    }
    const [plane, found] = sources.gather(wanted.plane, wanted, region);
    out.set(convertSamples(found, plane, wanted.type, losses, index));
  });
  return bytes;
}

/** Whether a block holds the samples of a target chunk, in its order and of its types. */
function isWanted({ part, planes, indices, region }: Block, target: TargetPart, wanted: Region): boolean {
  return (
    sameRegion(region, wanted) &&
    planes.length === target.planes.length &&
    target.planes.every(
      ({ plane, type }, i) =>
        !isDerived(plane) && plane.part === part && plane.index === indices[i] && planes[i]?.type === type,
    )
  );
}

/** Finds planes among decoded chunks, with the offsets of each chunk's planes computed once. */
class PlaneLookup {
  readonly #blocks: readonly { readonly block: Block; readonly offsets: readonly number[] }[];

  constructor(blocks: readonly Block[]) {
    this.#blocks = blocks.map((block) => ({ block, offsets: planeOffsets(block.planes, block.region) }));
  }

  /** The samples of an arrived plane over a region, with their stored type. */
  gather(source: Plane, wanted: CodedChannel, region: Region): [PixelType, Uint8Array] {
    const mine = this.#blocks.filter(({ block }) => block.part === source.part);
    const index = mine[0]?.block.indices.indexOf(source.index) ?? -1;
    const stored = mine[0]?.block.planes[index];
    // No chunk of that part: the region is outside its window.
    if (!stored) return [wanted.type, new Uint8Array(planeLength(wanted, region))];
    if (stored.xSampling !== wanted.xSampling || stored.ySampling !== wanted.ySampling)
      throw new ExrError(
        'unsupported',
        'SAMPLING_DIFFERS',
        `the sampling rate of channel "${wanted.name}" cannot be changed`,
      );
    const only = mine.length === 1 ? mine[0] : undefined;
    if (only && sameRegion(only.block.region, region)) return [stored.type, planeAt(only.block, only.offsets, index)];

    const size = bytesPerSample(stored.type);
    const to = gridOf(stored, region);
    const out = new Uint8Array(to.columns * to.rows * size);
    for (const { block, offsets } of mine) {
      const plane = planeAt(block, offsets, index);
      copyGrid(plane, gridOf(stored, block.region), out, to, size);
    }
    return [stored.type, out];
  }
}

function planeAt(block: Block, offsets: readonly number[], index: number): Uint8Array {
  const from = offsets[index] as number;
  return block.bytes.subarray(from, offsets[index + 1] ?? block.bytes.length);
}

/** Copies the samples that two grids of one channel share. */
function copyGrid(source: Uint8Array, from: Grid, out: Uint8Array, to: Grid, size: number): void {
  const left = Math.max(from.column, to.column);
  const right = Math.min(from.column + from.columns, to.column + to.columns);
  const top = Math.max(from.row, to.row);
  const bottom = Math.min(from.row + from.rows, to.row + to.rows);
  if (right <= left) return;
  for (let row = top; row < bottom; row++) {
    const at = ((row - from.row) * from.columns + left - from.column) * size;
    out.set(source.subarray(at, at + (right - left) * size), ((row - to.row) * to.columns + left - to.column) * size);
  }
}

/** Stored samples as another type; the same bytes if the type is the same. Losses are counted for the channel. */
export function convertSamples(
  bytes: Uint8Array,
  from: PixelType,
  to: PixelType,
  losses: ChunkLosses,
  channel: number,
): Uint8Array {
  return from === to ? bytes : fromSamples(asSamples(from, bytes), to, lossesOf(losses, channel));
}

/** Stored samples as numbers. */
export function asSamples(type: PixelType, bytes: Uint8Array): Samples {
  const { buffer, byteOffset, length } = aligned(bytes);
  if (type === 'uint') return new Uint32Array(buffer, byteOffset, length / 4);
  if (type === 'float') return new Float32Array(buffer, byteOffset, length / 4);
  const out = new Float32Array(length / 2);
  widenHalves(new Uint16Array(buffer, byteOffset, length / 2), out);
  return out;
}

/** Numbers as stored samples; floats become integers and back as OpenEXR does: by truncation and within range. */
function fromSamples(samples: Samples, type: PixelType, losses: Losses): Uint8Array {
  if (type === 'uint') return bytesOf(samples instanceof Uint32Array ? samples : toUints(samples, losses));
  if (type === 'float') return bytesOf(samples instanceof Float32Array ? samples : toFloats(samples, losses));
  // Whole numbers beyond 2^24 do not fit in a float, but in a half they are infinite either way.
  const floats = samples instanceof Float32Array ? samples : Float32Array.from(samples);
  const inexact = losses.fractional ? undefined : inexactWholes(floats);
  if (inexact === undefined) losses.fractional = true;
  else losses.rounded += inexact;
  const halves = new Uint16Array(floats.length);
  losses.overflowed += narrowFloats(floats, halves);
  return bytesOf(halves);
}

function toUints(samples: Float32Array, losses: Losses): Uint32Array {
  return Uint32Array.from(samples, (value) => {
    const whole = Math.trunc(value);
    if (!(whole >= 0 && whole <= 0xffffffff)) losses.outside += 1;
    else if (whole !== value) losses.truncated += 1;
    return value > 0 ? Math.min(whole, 0xffffffff) : 0;
  });
}

function toFloats(samples: Uint32Array, losses: Losses): Float32Array {
  const floats = Float32Array.from(samples);
  for (let i = 0; i < floats.length; i++) if (floats[i] !== samples[i]) losses.rounded += 1;
  return floats;
}

/** For each channel, how many samples a codec cannot hold that clips to the range of half (see Codec). */
export function countBeyondHalf(
  planes: readonly CodedChannel[],
  region: Region,
  bytes: Uint8Array,
  clipped: ReadonlySet<CodedChannel>,
): ReadonlyMap<number, number> {
  const offsets = planeOffsets(planes, region);
  const counts = new Map<number, number>();
  for (const [number, plane] of planes.entries()) {
    if (!clipped.has(plane)) continue;
    const from = offsets[number] as number;
    const stored = aligned(bytes.subarray(from, from + planeLength(plane, region)));
    const { buffer, byteOffset, length } = stored;
    const samples =
      plane.type === 'half'
        ? new Uint16Array(buffer, byteOffset, length / 2)
        : new Float32Array(buffer, byteOffset, length / 4);
    const count = beyondHalf(samples);
    if (count > 0) counts.set(number, count);
  }
  return counts;
}

/** Typed arrays need aligned memory, which a plane inside a chunk may not have. */
function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
}

function bytesOf(array: Uint16Array | Uint32Array | Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function sameRegion(a: Region, b: Region): boolean {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
}
