import type { Compression as CodecName, Codecs } from 'openexr-wasm';
import type { Compression } from '../model/compression.js';
import { ExrError } from '../model/error.js';
import { isDerived } from '../model/header.js';
import type { Payload, StoredPlane, TranscodeJob } from './job.js';
import { assemble, type Block, chunkLayout } from './planes.js';
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
  const blocks = job.sources.map(({ part, region }, index): Block => {
    const indices = usedPlanes(part.part, job.targets);
    const layout = chunkLayout(part.planes, region);
    return {
      part: part.part,
      planes: indices.map((plane) => part.planes[plane] as StoredPlane),
      indices,
      region,
      bytes: codecs.decode(codecName(part.compression), layout, packed[index] as Uint8Array, indices),
    };
  });
  const results: Payload[] = [];
  for (const [position, { part, region }] of job.targets.entries()) {
    const planar = assemble(part, region, blocks);
    // Samples are given back as early as they can: those of several targets behind the last one.
    const isLast = position === job.targets.length - 1;
    const isDone = (bytes: Uint8Array) =>
      !results.includes(bytes) && (isLast || !blocks.some((b) => b.bytes === bytes));
    for (const { bytes } of blocks) if (bytes !== planar && isDone(bytes)) release(bytes);
    if (part.compression === 'planar') {
      results.push(planar);
      continue;
    }
    const packed = codecs.encode(codecName(part.compression), chunkLayout(part.planes, region), planar, {
      ...(part.level !== undefined && { level: part.level }),
      ...(part.dwaLevel !== undefined && { dwaLevel: part.dwaLevel }),
      ...(isDone(planar) && { release }),
    });
    if (isDone(planar)) release(planar);
    results.push(packed);
  }
  return results;
}

/** The planes of an arrived part that some target is made of, in the order in which they are wanted. */
function usedPlanes(number: number, targets: TranscodeJob['targets']): number[] {
  const used = targets.flatMap(({ part }) =>
    part.planes.flatMap(({ plane }) => (isDerived(plane) ? plane.inputs : [plane])),
  );
  return [...new Set(used.flatMap(({ part, index }) => (part === number ? index : [])))];
}
