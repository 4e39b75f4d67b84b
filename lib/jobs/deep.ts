/**
 * Deep chunks. The payload holds a table of how many samples a pixel has (see deep-table.ts) and packed samples: line
 * after line, in a line channel after channel, in a channel pixel after pixel (OpenEXR file layout, "Deep data").
 */
import type { CodedChannel, DeepCodec, DeepRows, Kernels } from '../codecs/codec.js';
import { codecOf, deepCodecs } from '../codecs/table.js';
import { type DeepSizes, deepSizesLength, parseDeepSizes, writeDeepSizes } from '../format/chunk-leader.js';
import type { Compression } from '../model/compression.js';
import { ExrError } from '../model/error.js';
import { bytesPerSample, isArrived, isDerived } from '../model/header.js';
import { countSamples, readTable, writeTable } from './deep-table.js';
import type { ChunkResult, DeepJob, JobTarget, Payload, SourcePart, TargetPart } from './job.js';
import type { ChunkLosses } from './losses.js';
import { convertSamples } from './planes.js';

/**
 * How a compression packs deep parts.
 *
 * @throws ExrError of kind `unsupported` for one that deep parts cannot have, or that this version does not know.
 */
export function deepCodec(compression: Compression): DeepCodec {
  const { deep } = codecOf(compression);
  if (deep) return deep;
  throw new ExrError('unsupported', 'NO_DEEP_CODEC', `deep parts cannot be ${compression.toUpperCase()}`, {
    hint: `They can be ${deepCodecs.map(({ name }) => name).join(', ')}.`,
  });
}

export function runDeep(job: DeepJob, payload: Uint8Array, kernels: Kernels): ChunkResult {
  const [source] = job.sources;
  if (!source) throw new RangeError('a deep job without a source');
  const { part, region } = source;
  const sizes = parseDeepSizes(payload);
  const samplesAt = deepSizesLength + sizes.table;
  const codec = deepCodec(part.compression);
  const bytesPerDeepSample = part.planes.reduce((sum, { type }) => sum + bytesPerSample(type), 0);
  const table = readTable(payload.subarray(deepSizesLength, samplesAt), {
    region,
    tile: part.tile,
    codec,
    kernels,
    samples: sizes.unpacked / bytesPerDeepSample,
  });
  const lineCounts = countSamples(table, region);
  const total = lineCounts.reduce((sum, count) => sum + count, 0);
  const unpacked = total * bytesPerDeepSample;
  // The declared size is within the limit; the counts can add up to more only if they are wrong.
  if (unpacked !== sizes.unpacked)
    throw new ExrError(
      'invalid',
      'BAD_DEEP_SIZE',
      `a deep chunk declares ${sizes.unpacked} bytes of samples, but its counts add up to ${unpacked}`,
    );
  let samples: Uint8Array | undefined;
  const chunk: OpenChunk = {
    part,
    stored: { table: payload.subarray(deepSizesLength, samplesAt), samples: storedSamples(payload, sizes) },
    table,
    rows: { types: part.planes.map(({ type }) => type), counts: lineCounts },
    samples: () => {
      samples ??= unpackSamples(codec, chunk, unpacked, kernels);
      return samples;
    },
  };
  const losses = job.targets.map((): ChunkLosses => new Map());
  const payloads = job.targets.map((target, number) =>
    makePayload(target, chunk, losses[number] as ChunkLosses, kernels),
  );
  return { payloads, losses };
}

/** A chunk being processed. */
interface OpenChunk {
  readonly part: SourcePart;
  /** As it arrived. */
  readonly stored: { readonly table: Uint8Array; readonly samples: Uint8Array };
  /** Unpacked. */
  readonly table: Uint8Array;
  readonly rows: DeepRows;
  readonly samples: () => Uint8Array;
}

function storedSamples(payload: Uint8Array, { table, samples }: DeepSizes): Uint8Array {
  const from = deepSizesLength + table;
  return payload.subarray(from, from + samples);
}

/** Data that did not become smaller is stored raw, whatever the compression. */
function unpackSamples({ packing }: DeepCodec, chunk: OpenChunk, size: number, kernels: Kernels): Uint8Array {
  const stored = chunk.stored.samples;
  if (stored.length === size) return stored;
  if (stored.length > size || !packing)
    throw new ExrError('invalid', 'BAD_DEEP_SIZE', `a deep chunk packs ${size} bytes into ${stored.length}`);
  return packing.unpack(kernels, stored, size, chunk.rows);
}

function makePayload({ part, region }: JobTarget, chunk: OpenChunk, losses: ChunkLosses, kernels: Kernels): Payload {
  const { compression, settings } = part;
  if (compression === 'planar') throw new RangeError('deep samples cannot be read');
  const codec = deepCodec(compression);
  const sameCodec = compression === chunk.part.compression;
  const table =
    sameCodec && codec.oneTableForm
      ? chunk.stored.table
      : writeTable(chunk.table, { region, tile: part.tile, codec, kernels, settings });
  const size = totalOf(chunk.rows) * part.planes.reduce((sum, { type }) => sum + bytesPerSample(type), 0);
  const picked = sameCodec ? pickChannels(codec, chunk, part, kernels) : undefined;
  const samples = (): Uint8Array => chooseChannels(chunk, part, losses);
  if (picked) return join(table, picked.length < size ? picked : samples(), size);
  const raw = samples();
  const types = part.planes.map(({ type }) => type);
  const smaller = codec.packing?.pack(kernels, raw, settings, { types, counts: chunk.rows.counts });
  return join(table, smaller && smaller.length < size ? smaller : raw, size);
}

/** Packed samples of a target, made from the packed ones that arrived; undefined if they must be unpacked for that. */
function pickChannels(
  { packing }: DeepCodec,
  chunk: OpenChunk,
  part: TargetPart,
  kernels: Kernels,
): Uint8Array | undefined {
  const { rows, stored } = chunk;
  const isPacked =
    stored.samples.length < totalOf(rows) * rows.types.reduce((sum, type) => sum + bytesPerSample(type), 0);
  const numbers = part.planes.map(({ plane, type }) =>
    isArrived(plane) && rows.types[plane.index] === type ? plane.index : -1,
  );
  if (!isPacked || numbers.includes(-1)) return undefined;
  return packing?.pick?.(kernels, stored.samples, rows, numbers, part.settings);
}

function join(table: Uint8Array, samples: Uint8Array, unpacked: number): Payload {
  const payload = new Uint8Array(deepSizesLength + table.length + samples.length);
  payload.set(writeDeepSizes({ table: table.length, samples: samples.length, unpacked }));
  payload.set(table, deepSizesLength);
  payload.set(samples, deepSizesLength + table.length);
  return payload;
}

function totalOf({ counts }: DeepRows): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function chooseChannels(
  { part: { planes }, rows, samples: unpacked }: OpenChunk,
  target: TargetPart,
  losses: ChunkLosses,
): Uint8Array {
  const samples = unpacked();
  const lineCounts = rows.counts;
  const total = totalOf(rows);
  const before = prefixSums(planes.map(({ type }) => bytesPerSample(type)));
  const width = before.at(-1) as number;
  const out = new Uint8Array(total * target.planes.reduce((sum, { type }) => sum + bytesPerSample(type), 0));
  let at = 0;
  let lineAt = 0;
  for (const count of lineCounts) {
    for (const [number, wanted] of target.planes.entries()) {
      if (isDerived(wanted.plane))
        throw new ExrError('unsupported', 'DERIVED_DEEP', 'new channels cannot be computed in deep parts');
      const { index } = wanted.plane;
      const stored = planes[index] as CodedChannel;
      const from = lineAt + count * (before[index] as number);
      const found = samples.subarray(from, from + count * bytesPerSample(stored.type));
      const bytes = convertSamples(found, stored.type, wanted.type, losses, number);
      out.set(bytes, at);
      at += bytes.length;
    }
    lineAt += count * width;
  }
  return out;
}

function prefixSums(values: readonly number[]): number[] {
  let sum = 0;
  return [0, ...values.map((value) => (sum += value))];
}
