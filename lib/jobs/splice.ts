import { type ChunkSource, type SpliceTarget, spliceWorthwhile } from 'openexr-wasm/core';
import type { CodedChannel, Kernels } from '../codecs/codec.js';
import { codecOf } from '../codecs/table.js';
import type { Region } from '../format/geometry.js';
import { advise, optionNamed, stepAfter, stepOf } from '../model/advice.js';
import type { Compression } from '../model/compression.js';
import { ExrError } from '../model/error.js';
import { type Channel, isArrived } from '../model/header.js';
import type { JobResult, SourcePart, SpliceJob } from './job.js';
import { chunkLayout } from './planes.js';
import { release } from './release.js';
import { runTranscode } from './transcode.js';

/** `done` is called with packed sources as soon as they are no longer needed. */
export function runSplice(
  job: SpliceJob,
  packed: readonly Uint8Array[],
  kernels: Kernels,
  done: (packed: Uint8Array) => void = release,
): JobResult {
  const [first] = job.sources;
  const splice = first && codecOf(first.part.compression).splice;
  if (!splice) throw new RangeError('a splice without sources, or of a codec that has none');
  const { sources, targets } = partsOf(job, packed);
  try {
    const { level, tiled = false } = job.targets[0]?.part.settings ?? {};
    const options = { ...(level !== undefined && { level }), tiled, release: done };
    const payloads = splice.run(kernels, sources, targets, options);
    return { payloads, losses: payloads.map(() => new Map()) };
  } catch (error) {
    if (!isUnsupported(error)) throw error;
    const canTranscode = first && codecOf(first.part.compression).encode !== undefined;
    if (job.mayTranscode && canTranscode) return runTranscode({ ...job, kind: 'transcode' }, packed, kernels);
    throw new ExrError(
      'unsupported',
      'CANNOT_SPLICE',
      `this chunk's channels cannot be moved without re-encoding: ${error.message}`,
      {
        hint: canTranscode
          ? advise`Accept the loss of coding them again with ${optionNamed('allowLossy')}, or choose a lossless codec with ${stepOf('compress', { to: 'zip' })}.`
          : advise`Choose a compression that is written: ${stepAfter('compress', { to: 'zip' })}.`,
      },
    );
  }
}

/** Whether chunks of a splice may be assembled by mere copying. */
export function mayMove({ sources: [first] }: SpliceJob): boolean {
  return first !== undefined && codecOf(first.part.compression).splice?.move !== undefined;
}

/** The chunks of a splice as pieces, most of which are views of the packed sources; undefined if it takes more than copying. */
export function runMove(
  job: SpliceJob,
  packed: readonly Uint8Array[],
  kernels: Kernels,
): readonly (readonly Uint8Array[])[] | undefined {
  const [first] = job.sources;
  const { sources, targets } = partsOf(job, packed);
  return first && codecOf(first.part.compression).splice?.move?.(kernels, sources, targets);
}

function partsOf(job: SpliceJob, packed: readonly Uint8Array[]): { sources: ChunkSource[]; targets: SpliceTarget[] } {
  const numbers = job.sources.map(({ part }) => part.part);
  return {
    sources: job.sources.map(({ part, region }, index) => ({
      layout: chunkLayout(part.planes, region),
      packed: packed[index] as Uint8Array,
    })),
    targets: job.targets.map(({ part, region }) => spliceTarget(part.planes, region, numbers)),
  };
}

/** Why the chunks over a region cannot be spliced, as far as the codec is concerned; undefined if they can. */
export function spliceObstacle(
  compression: Compression,
  sources: readonly Pick<SourcePart, 'part' | 'planes'>[],
  planes: readonly (CodedChannel & Pick<Channel, 'plane'>)[],
  region: Region,
): string | undefined {
  const { splice } = codecOf(compression);
  if (!splice) return `channels of ${compression} cannot be moved between chunks`;
  const layouts = sources.map((source) => chunkLayout(source.planes, region));
  const numbers = sources.map(({ part }) => part);
  return splice.obstacle(layouts, spliceTarget(planes, region, numbers), spliceWorthwhile);
}

/** A wanted chunk in the form of the codecs; `sources` are the numbers of the arrived parts in the job's order. */
export function spliceTarget(
  planes: readonly (CodedChannel & Pick<Channel, 'plane'>)[],
  region: Region,
  sources: readonly number[],
): SpliceTarget {
  return {
    layout: chunkLayout(planes, region),
    from: planes.map(({ plane }) => {
      if (!isArrived(plane)) throw new RangeError('only planes that arrived can be spliced');
      return { source: sources.indexOf(plane.part), channel: plane.index };
    }),
  };
}

function isUnsupported(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'unsupported';
}
