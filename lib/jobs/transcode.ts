import type { Codec, CodedChannel, Kernels } from '../codecs/codec.js';
import { codecOf } from '../codecs/table.js';
import { advise, stepAfter, stepOf } from '../model/advice.js';
import { sourcePlanes } from '../model/channels.js';
import type { Compression } from '../model/compression.js';
import { ExrError } from '../model/error.js';
import type { ChunkResult, Payload, TranscodeJob } from './job.js';
import { type ChunkLosses, lossesOf } from './losses.js';
import { assemble, type Block, chunkLayout, countBeyondHalf } from './planes.js';
import { release } from './release.js';

/**
 * The decoder of a compression.
 *
 * @throws ExrError of kind `unsupported` for one whose chunks can only be forwarded.
 */
export function pixelDecoder(compression: Compression): NonNullable<Codec['decode']> {
  const { decode } = codecOf(compression);
  if (decode) return decode;
  throw new ExrError(
    'unsupported',
    'NO_CODEC',
    `pixels compressed with ${compression} can only be passed on unchanged`,
    {
      hint: advise`Is the file damaged, or newer than this version of exrpipe? Header edits, ${stepOf('split', { by: 'part' })} and ${stepOf('merge', { as: 'parts' })} work.`,
    },
  );
}

/**
 * The encoder of a compression.
 *
 * @throws ExrError of kind `unsupported` for one that is not written.
 */
export function pixelEncoder(compression: Compression): NonNullable<Codec['encode']> {
  const { encode } = codecOf(compression);
  if (encode) return encode;
  // This throws the error for a compression that is not even read.
  pixelDecoder(compression);
  throw new ExrError('unsupported', 'NO_CODEC', `${compression.toUpperCase()} is read, but not written`, {
    hint: advise`Choose another compression: ${stepAfter('compress', { to: 'zip' })}.`,
  });
}

export function runTranscode(job: TranscodeJob, packed: readonly Uint8Array[], kernels: Kernels): ChunkResult {
  const blocks = job.sources.map(({ part, region }, index): Block => {
    const indices = usedPlanes(part.part, job.targets);
    const layout = chunkLayout(part.planes, region);
    return {
      part: part.part,
      planes: indices.map((plane) => part.planes[plane] as CodedChannel),
      indices,
      region,
      bytes: pixelDecoder(part.compression)(kernels, layout, packed[index] as Uint8Array, indices),
    };
  });
  const results: Payload[] = [];
  const losses: ChunkLosses[] = [];
  for (const [position, { part, region }] of job.targets.entries()) {
    const lost: ChunkLosses = new Map();
    losses.push(lost);
    const planar = assemble(part, region, blocks, lost);
    // Samples are released as early as possible: those of several targets after the last one.
    const isLast = position === job.targets.length - 1;
    const isDone = (bytes: Uint8Array) =>
      !results.includes(bytes) && (isLast || !blocks.some((b) => b.bytes === bytes));
    for (const { bytes } of blocks) if (bytes !== planar && isDone(bytes)) release(bytes);
    if (part.compression === 'planar') {
      results.push(planar);
      continue;
    }
    const encode = pixelEncoder(part.compression);
    const { clipsToHalf, loses } = codecOf(part.compression);
    const clipped = clipsToHalf && countBeyondHalf(part.planes, region, planar, new Set(loses(part.planes)));
    const { length } = planar;
    const settings = isDone(planar) ? { ...part.settings, release } : part.settings;
    const chunk = encode(kernels, chunkLayout(part.planes, region), planar, settings);
    results.push(chunk);
    // A chunk that does not become smaller is stored raw, without clipping.
    if (clipped && chunk.length < length)
      for (const [channel, count] of clipped) lossesOf(lost, channel).clipped += count;
    if (isDone(planar)) release(planar);
  }
  return { payloads: results, losses };
}

/** The planes of an arrived part that some target is made of, in the order of the targets. */
function usedPlanes(number: number, targets: TranscodeJob['targets']): number[] {
  const used = targets.flatMap(({ part }) => part.planes.flatMap(sourcePlanes));
  return [...new Set(used.flatMap(({ part, index }) => (part === number ? index : [])))];
}
