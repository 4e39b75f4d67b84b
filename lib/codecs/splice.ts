import type { Codecs, SpliceTarget } from 'openexr-wasm';
import { ExrError } from '../model/error.js';
import type { Region } from '../model/geometry.js';
import { isDerived } from '../model/header.js';
import type { Payload, SpliceJob, TargetPart } from './job.js';
import { chunkLayout } from './planes.js';
import { release } from './release.js';
import { codecName, runTranscode } from './transcode.js';

export function runSplice(job: SpliceJob, packed: readonly Uint8Array[], codecs: Codecs): Payload[] {
  const [first] = job.sources;
  if (!first) throw new RangeError('a splice without sources');
  const sources = job.sources.map(({ part, region }, index) => ({
    layout: chunkLayout(part.planes, region),
    packed: packed[index] as Uint8Array,
  }));
  const numbers = job.sources.map(({ part }) => part.part);
  const targets = job.targets.map(({ part, region }) => spliceTarget(part.planes, region, numbers));
  try {
    const { level } = job.targets[0]?.part ?? {};
    return codecs.splice(codecName(first.part.compression), sources, targets, {
      ...(level !== undefined && { level }),
      release,
    });
  } catch (error) {
    if (!isUnsupported(error)) throw error;
    if (job.mayTranscode) return runTranscode({ ...job, kind: 'transcode' }, packed, codecs);
    throw new ExrError(
      'unsupported',
      'CANNOT_SPLICE',
      `this chunk's channels cannot be moved without being coded again: ${error.message}`,
      {
        hint: 'Accept the loss of coding them again with --allow-lossy, or choose a lossless codec with "compress --to zip".',
      },
    );
  }
}

/** A wanted chunk as the codecs take it; `sources` are the numbers of the arrived parts in the job's order. */
export function spliceTarget(planes: TargetPart['planes'], region: Region, sources: readonly number[]): SpliceTarget {
  return {
    layout: chunkLayout(planes, region),
    from: planes.map(({ plane }) => {
      if (isDerived(plane)) throw new RangeError('a computed plane cannot be spliced');
      return { source: sources.indexOf(plane.part), channel: plane.index };
    }),
  };
}

function isUnsupported(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'unsupported';
}
