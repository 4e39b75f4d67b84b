/** Images at a lower resolution, from as few bytes as their codec allows. */
import type { Kernels, ReducedCodec } from '../codecs/codec.js';
import { explainCodecError } from '../codecs/codec-error.js';
import { codecOf } from '../codecs/table.js';
import type { ChunkSource, ExrDocument } from '../engine/document.js';
import { Geometry, type Region } from '../format/geometry.js';
import type { ChunkRef } from '../format/offset-table.js';
import { asSamples, chunkLayout } from '../jobs/planes.js';
import { rankChannels } from '../layers/guard.js';
import { ExrError, withPlace } from '../model/error.js';
import { type Channel, isArrived, isDeep, type Part, type Samples } from '../model/header.js';
import { listed } from '../model/listed.js';

/** How much smaller, and a signal to stop. */
export interface ReducedOptions {
  /** How often width and height are halved; 1 to 5 in files that OpenEXR wrote. */
  readonly reduction: number;
  readonly signal?: AbortSignal | undefined;
}

/** One channel of a block. */
export interface ReducedPlane {
  readonly width: number;
  readonly height: number;
  readonly samples: Samples;
}

/** One chunk at a lower resolution. */
export interface ReducedBlock {
  /** What it shows, in pixels of full resolution. */
  readonly region: Region;
  /** In the order of the names that were asked for. */
  readonly planes: readonly ReducedPlane[];
}

/**
 * See `readReduced` in lib/node/pipeline.ts.
 *
 * @throws ExrError of kind `usage` (`NOT_TO_BE_AVERAGED`) or `unsupported` (`NO_LOW_RESOLUTION`).
 */
export async function* readReduced(
  { header, arrived, source }: Pick<ExrDocument, 'header' | 'arrived' | 'source'>,
  part: Part,
  names: readonly string[],
  { reduction, signal, kernels }: ReducedOptions & { readonly kernels: Kernels },
): AsyncGenerator<ReducedBlock> {
  const channels = names.map((name) => channelOf(part, name));
  const ranks = rankChannels(header);
  const ids = channels.filter((channel) => channel.type === 'uint' || ranks.has(channel));
  if (ids.length > 0) {
    throw new ExrError('usage', 'NOT_TO_BE_AVERAGED', `${listed(ids.map(({ name }) => name))} cannot be averaged`, {
      hint: 'Cryptomatte IDs and whole numbers have a meaning of their own; read them at full resolution.',
    });
  }
  const { number, indices } = sourceOf(channels);
  const own = arrived.parts[number] as Part;
  const reduce = reducedCodec(own);
  const geometry = new Geometry({ ...own, tiles: own.tiles && { ...own.tiles, levels: 'one' } });
  const missing = new Set(source.missing.flatMap((chunk) => (chunk.part === number ? chunk.index : [])));
  for (let index = 0; index < geometry.chunkCount; ++index) {
    if (missing.has(index)) continue;
    signal?.throwIfAborted();
    const region = geometry.region(index);
    const layout = chunkLayout(own.channels, region);
    const chunk = { part: number, index };
    try {
      const length = source.random ? await neededOf(reduce, kernels, layout, source, chunk, reduction) : undefined;
      const packed = length === undefined ? await source.read(chunk) : await source.head(chunk, length);
      const { samples, sizes } = reduce.decode(kernels, layout, packed, reduction, indices);
      let at = 0;
      const planes = sizes.map(({ width, height }, i): ReducedPlane => {
        const { type } = own.channels[indices[i] as number] as Channel;
        const from = at;
        at += width * height * (type === 'half' ? 2 : 4);
        return { width, height, samples: asSamples(type, samples.subarray(from, at)) };
      });
      yield { region, planes };
    } catch (error) {
      throw withPlace(explainCodecError(error), { part: number, chunk: index });
    }
  }
}

/** How many bytes of a chunk are needed; undefined for all, as for one stored raw. */
async function neededOf(
  reduce: ReducedCodec,
  kernels: Kernels,
  layout: ReturnType<typeof chunkLayout>,
  source: ChunkSource,
  chunk: ChunkRef,
  reduction: number,
): Promise<number | undefined> {
  const head = await source.head(chunk, reduce.head(layout.channels.length));
  try {
    return reduce.length(kernels, layout, head, reduction);
  } catch (error) {
    if (explainCodecError(error) === error) throw error;
    // Raw, or damaged, which decoding will report.
    return undefined;
  }
}

function channelOf(part: Part, name: string): Channel {
  if (isDeep(part)) throw new ExrError('unsupported', 'DEEP_UNSUPPORTED', 'the pixels of deep parts cannot be read');
  const found = part.channels.find((channel) => channel.name === name);
  if (found === undefined) throw new ExrError('usage', 'NO_SUCH_CHANNEL', `there is no channel ${name}`);
  return found;
}

/** The arrived part that channels come from, and their numbers there. */
function sourceOf(channels: readonly Channel[]): { number: number; indices: readonly number[] } {
  const planes = channels.map(({ plane }) => (isArrived(plane) ? plane : undefined));
  const [first] = planes;
  const indices = planes.flatMap((plane) => (plane !== undefined && plane.part === first?.part ? plane.index : []));
  if (first === undefined || indices.length < planes.length) {
    throw new ExrError(
      'unsupported',
      'NO_LOW_RESOLUTION',
      'only channels of one part can be read at a lower resolution',
    );
  }
  return { number: first.part, indices };
}

function reducedCodec({ compression }: Part): ReducedCodec {
  const { reduce } = codecOf(compression);
  if (reduce) return reduce;
  throw new ExrError('unsupported', 'NO_LOW_RESOLUTION', `${compression} has no lower resolutions`, {
    hint: 'Read the samples at full resolution; only HTJ2K has others.',
  });
}
