/**
 * Deep chunks. The payload holds a table of how many samples a pixel has (see deep-table.ts) and packed samples, which lie
 * line after line, in a line channel after channel, in a channel pixel after pixel (OpenEXR file layout, "Deep data").
 */
import type { CodedChannel, DeepCodec, Kernels } from '../codecs/codec.js';
import { codecOf, deepCodecs } from '../codecs/table.js';
import { deepSizesLength, parseDeepSizes, writeDeepSizes } from '../format/chunk-leader.js';
import type { Compression } from '../model/compression.js';
import { ExrError } from '../model/error.js';
import { bytesPerSample, isDerived } from '../model/header.js';
import { countSamples, readTable, writeTable } from './deep-table.js';
import type { DeepJob, JobResult, JobTarget, Payload, TargetPart } from './job.js';
import type { ChunkLosses } from './losses.js';
import { convertSamples } from './planes.js';

/** How a compression packs deep parts. Throws `unsupported` for one that deep parts cannot have, or not here. */
export function deepCodec(compression: Compression): DeepCodec {
  const { deep } = codecOf(compression);
  if (deep) return deep;
  throw new ExrError('unsupported', 'NO_DEEP_CODEC', `deep parts cannot be ${compression.toUpperCase()}`, {
    hint: `They can be ${deepCodecs.map(({ name }) => name).join(', ')}.`,
  });
}

export function runDeep(job: DeepJob, payload: Uint8Array, kernels: Kernels): JobResult {
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
  // What a chunk claims has met the limit; what its counts add up to is more only where they lie.
  if (unpacked !== sizes.unpacked)
    throw new ExrError(
      'invalid',
      'BAD_DEEP_SIZE',
      `a deep chunk claims ${sizes.unpacked} bytes of samples but its counts make ${unpacked}`,
    );
  const samples = unpackSamples(codec, payload.subarray(samplesAt, samplesAt + sizes.samples), unpacked, kernels);
  const losses = job.targets.map((): ChunkLosses => new Map());
  const payloads = job.targets.map((target, number) => {
    const chosen = chooseChannels(samples, lineCounts, part.planes, target.part, losses[number] as ChunkLosses);
    return pack(target, table, chosen, kernels);
  });
  return { payloads, losses };
}

/** What did not become smaller is stored as it is, whatever the compression. */
function unpackSamples({ packing }: DeepCodec, stored: Uint8Array, size: number, kernels: Kernels): Uint8Array {
  if (stored.length === size) return stored;
  if (stored.length > size || !packing)
    throw new ExrError('invalid', 'BAD_DEEP_SIZE', `${stored.length} packed bytes stand for ${size} in a deep chunk`);
  return packing.unpack(kernels, stored, size);
}

function pack({ part, region }: JobTarget, rawTable: Uint8Array, samples: Uint8Array, kernels: Kernels): Payload {
  const { compression, settings } = part;
  if (compression === 'planar') throw new RangeError('deep samples cannot be looked at');
  const codec = deepCodec(compression);
  const table = writeTable(rawTable, { region, tile: part.tile, codec, kernels, settings });
  const smaller = codec.packing?.pack(kernels, samples, settings);
  const packed = smaller && smaller.length < samples.length ? smaller : samples;
  const payload = new Uint8Array(deepSizesLength + table.length + packed.length);
  payload.set(writeDeepSizes({ table: table.length, samples: packed.length, unpacked: samples.length }));
  payload.set(table, deepSizesLength);
  payload.set(packed, deepSizesLength + table.length);
  return payload;
}

function chooseChannels(
  samples: Uint8Array,
  lineCounts: readonly number[],
  planes: readonly CodedChannel[],
  target: TargetPart,
  losses: ChunkLosses,
): Uint8Array {
  const total = lineCounts.reduce((sum, count) => sum + count, 0);
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
