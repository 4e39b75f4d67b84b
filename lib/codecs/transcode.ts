import type { Compression as CodecName, Codecs } from 'openexr-wasm';
import type { Compression } from '../model/compression.js';
import { ExrError } from '../model/error.js';
import type { Payload, TranscodeJob } from './job.js';
import { assemble, chunkLayout } from './planes.js';
import { release } from './release.js';

/** Compressions whose samples can be read and written. The others pass through untouched or not at all. */
export function hasCodec(compression: Compression): compression is CodecName {
  return compression !== 'htj2k256' && compression !== 'htj2k32';
}

/** The codec's name for a compression; an `unsupported` error for those without a codec. */
export function codecName(compression: Compression): CodecName {
  if (hasCodec(compression)) return compression;
  throw new ExrError(
    'unsupported',
    'NO_CODEC',
    `pixels compressed with ${compression.toUpperCase()} can only be passed on as they are`,
    {
      hint: 'Operations that keep channels, order and compression work; convert the file with another program for the rest.',
    },
  );
}

export function runTranscode(job: TranscodeJob, packed: readonly Uint8Array[], codecs: Codecs): Payload[] {
  const blocks = job.sources.map(({ part, region }, index) => ({
    part: part.part,
    planes: part.planes,
    region,
    bytes: codecs.decode(codecName(part.compression), chunkLayout(part.planes, region), packed[index] as Uint8Array),
  }));
  const results = job.targets.map(({ part, region }) => {
    const planar = assemble(part, region, blocks);
    if (part.compression === 'planar') return planar;
    const packed = codecs.encode(codecName(part.compression), chunkLayout(part.planes, region), planar, {
      ...(part.level !== undefined && { level: part.level }),
      ...(part.dwaLevel !== undefined && { dwaLevel: part.dwaLevel }),
    });
    release(planar);
    return packed;
  });
  for (const { bytes } of blocks) release(bytes);
  return results;
}
