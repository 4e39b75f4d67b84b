// Deep chunks of ZSTD: their samples, and their tables, which are packed as a single channel of u32.
import { CodecError, statusError } from '../errors.js';
import type { Instance } from '../instance.js';
import type { DeepRows } from '../types.js';
import {
  bytesPerSample,
  checkSegmentLengths,
  openChunk,
  packChunk,
  type Segments,
  streamBytes,
  writeSegmentLengths,
} from './chunk.js';
import type { ZstdTools } from './flat.js';
import { doMoves, movesOf, type Rows } from './moves.js';

/** The most samples a chunk may have, see OpenEXRCore's validation of sample counts. */
const MOST_BYTES = 2 ** 31 - 1;

/** Bytes of rows. @throws CodecError for invalid rows. */
export function rowBytes(rows: DeepRows): number {
  const { halves, words } = segmentsOfRows(rows);
  return halves + words;
}

export function unpackRows({ library, run }: ZstdTools, packed: Uint8Array, rows: DeepRows): Uint8Array {
  const segments = segmentsOfRows(rows);
  const size = segments.halves + segments.words;
  if (size === 0) return empty(packed);
  const length = streamBytes(segments);
  const { frame, delta } = openChunk(packed, length);
  return library.run((heap) => {
    const stream = heap.unpack(frame, length);
    return run((instance) => {
      const source = instance.place(heap.view(stream, length));
      const output = instance.allocate(size);
      const shape = placeShape(instance, rows);
      const status = instance.kernel('zstdUnpackRows')(source, length, output, size, ...shape, delta ? 1 : 0);
      if (status < 0) throw statusError(status, 'cannot unpack a zstd chunk');
      return instance.view(output, size).slice();
    });
  });
}

/** The packed rows, even if they are not smaller. */
export function packRows(
  { library, run }: ZstdTools,
  raw: Uint8Array,
  rows: DeepRows,
  level: number | undefined,
): Uint8Array {
  const segments = segmentsOfRows(rows);
  const size = segments.halves + segments.words;
  if (raw.length !== size) throw new CodecError('bad-argument', `${raw.length} bytes for rows of ${size}`);
  if (size === 0) return new Uint8Array(0);
  const length = streamBytes(segments);
  return library.run((heap) => {
    const stream = heap.allocate(length);
    run((instance) => {
      const source = instance.place(raw);
      const output = instance.allocate(length);
      const shape = placeShape(instance, rows);
      const status = instance.kernel('zstdPackRows')(source, size, output, length, ...shape);
      if (status < 0) throw statusError(status, 'cannot pack a zstd chunk');
      heap.view(stream, length).set(instance.view(output, length));
    });
    return packChunk(heap, { address: stream, length }, level, false);
  });
}

/**
 * Packed rows of some channels of packed rows, without touching samples.
 * @returns undefined where that is not possible because rows are differences, which OpenEXR's deep chunks never are.
 */
export function pickRows(
  { library }: ZstdTools,
  packed: Uint8Array,
  rows: DeepRows,
  channels: readonly number[],
  level: number | undefined,
): Uint8Array | undefined {
  const segments = segmentsOfRows(rows);
  const picked = { ...rows, types: channels.map((channel) => typeAt(rows, channel)) };
  const own = segmentsOfRows(picked);
  if (segments.halves + segments.words === 0) return empty(packed);
  if (own.halves + own.words === 0) return new Uint8Array(0);
  const length = streamBytes(segments);
  const { frame, delta } = openChunk(packed, length);
  if (delta) return undefined;
  const from = channels.map((channel) => ({ source: 0, channel }));
  const moves = movesOf([shapeOf(rows)], shapeOf(picked), from);
  return library.run((heap) => {
    const source = { ...segments, address: heap.unpack(frame, length) };
    checkSegmentLengths(heap.view(source.address, length), segments);
    const ownLength = streamBytes(own);
    const target = { ...own, address: heap.allocate(ownLength) };
    writeSegmentLengths(heap.view(target.address, ownLength), own);
    doMoves(heap.memory(), moves, [source], target);
    return packChunk(heap, { address: target.address, length: ownLength }, level, false);
  });
}

function empty(packed: Uint8Array): Uint8Array {
  if (packed.length === 0) return new Uint8Array(0);
  throw new CodecError('corrupt', `${packed.length} packed bytes for no samples`);
}

function typeAt({ types }: DeepRows, channel: number): DeepRows['types'][number] {
  const type = types[channel];
  if (type === undefined) throw new CodecError('bad-argument', `the rows have no channel ${channel}`);
  return type;
}

function shapeOf({ types, counts }: DeepRows): Rows {
  return {
    sampleBytes: types.map(bytesPerSample),
    lines: counts.length,
    count: (_, line) => counts[line] as number,
  };
}

function segmentsOfRows({ types, counts }: DeepRows): Segments {
  let samples = 0;
  for (const count of counts) {
    if (!Number.isInteger(count) || count < 0 || count > MOST_BYTES) {
      throw new CodecError('bad-argument', `a line cannot have ${count} samples`);
    }
    samples += count;
  }
  const halfChannels = types.filter((type) => bytesPerSample(type) === 2).length;
  const halves = samples * halfChannels * 2;
  const words = samples * (types.length - halfChannels) * 4;
  if (halves + words <= MOST_BYTES) return { halves, words };
  throw new CodecError('too-large', `${samples} samples of ${types.length} channels are more than a chunk may have`);
}

/** Places the module's description of rows: see assembly/zstd.ts. */
function placeShape(instance: Instance, { types, counts }: DeepRows): [number, number, number, number] {
  const sizes = instance.place(new Uint8Array(Uint32Array.from(types, bytesPerSample).buffer));
  const lines = instance.place(new Uint8Array(Uint32Array.from(counts).buffer));
  return [sizes, types.length, lines, counts.length];
}
