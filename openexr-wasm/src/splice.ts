// Makes chunks from the channels of other chunks, in the cheapest way that loses nothing:
//
// none, RLE       decoded and encoded, which is exact and cheap
// ZIP, ZIPS       token by token (splice-tokens.ts) where that is worthwhile, else decoded and encoded
// PXR24           the same, since samples that have been rounded to 24 bits stay as they are. A chunk stored raw holds
//                 all bits of its floats: where compression would lose them, the result is stored raw again
// PIZ             decoded and encoded, or only its entropy coding redone (piz.ts)
// B44, B44A       channels cut out and joined (splice-b44.ts)
// DWAA, DWAB      coefficients moved (dwa.ts); impossible for only some of the channels that are coded together
// HTJ2K, LJ2K     packets moved (splice-htj2k.ts)
// (ZSTD           rows moved between the contents of the frames: zstd/splice.ts)
import { deflatesAc, repackDwa } from './dwa.js';
import { CodecError } from './errors.js';
import { planarSize, sized } from './layout.js';
import { PlanarSources } from './planar-sources.js';
import { spliceB44 } from './splice-b44.js';
import { sliceHtj2k, spliceHtj2k } from './splice-htj2k.js';
import { RENEW, type SizedSource, type SizedTarget, type StreamForm, spliceTokens } from './splice-tokens.js';
import type { SpliceTools } from './splice-tools.js';
import type { ChunkLayout, ChunkSource, Codecs, Compression, SpliceTarget } from './types.js';

/**
 * The mean size of a run, in bytes, from which the bits of tokens are copied. A run is the samples of neighbouring channels that
 * stay neighbours, on one line; for ZIP, each byte of a pair is separate. At its start, tokens that copied from other channels
 * must be
 * replaced; where that is much of a run, all tokens are written with codes of their own, and what copied from too far away is
 * matched again.
 *
 * Measured on frames of 105 float channels, or half colours and float mattes, 1920 and 3840 wide: size compared with
 * decoding and encoding at level 4, for splits into three files and merges back. Bits copied, runs of 134 KB and more: 1.004 to
 * 1.014; 69 KB: 1.010 to 1.019; 31 to 35 KB: 1.005 to 1.020; 15 to 23 KB: 1.013 to 1.034; 4 to 8 KB: 1.033 to 1.053. Matched
 * again, runs of 4 to 15 KB: 1.006 to 1.017. Time: a fifth of decoding and encoding for the longest runs where bits are copied,
 * half of it and less where tokens are matched again.
 */
const MIN_MEAN_RUN = 32768;

/** How far back deflate can copy from. */
const WINDOW = 32768;

/**
 * How much larger a chunk may be than its channels were in the sources, where everything that matters stays together. The
 * measurements above depend on the images; this does not. Chunks that grew more are matched again, or re-encoded if that makes
 * them smaller.
 */
const MAX_GROWTH = 1.02;

/** Growth that never matters, as a fraction of the samples' bytes: blocks and edges in chunks with hardly any content. */
const NEGLIGIBLE = 1 / 16384;

/** See splice in types.ts. */
export function splice(
  tools: SpliceTools,
  compression: Compression,
  sources: readonly ChunkSource[],
  targets: readonly SpliceTarget[],
): Uint8Array[] {
  const { sizedSources, sizedTargets } = checkChunks(compression, sources, targets);
  switch (compression) {
    case 'zip':
    case 'zips':
      return spliceStreams(tools, compression, 'zip', sizedSources, sizedTargets);
    case 'pxr24':
      return spliceStreams(tools, compression, 'pxr24', sizedSources, sizedTargets);
    case 'b44':
    case 'b44a':
      return spliceB44(tools, compression, sources, targets);
    case 'htj2k256':
    case 'htj2k32':
    case 'lj2k':
      return spliceHtj2k(tools, compression, sources, targets);
    case 'dwaa':
    case 'dwab': {
      const acDeflated = deflatesAc(compression, tools.tiled);
      const packing = { lossless: tools.losslessLevel, dc: tools.level, acDeflated };
      return tools.run((instance) => repackDwa(instance, sources, targets, packing));
    }
    case 'piz': {
      const planar = new PlanarSources(tools.codecs, compression, sources);
      return targets.map((target) =>
        keepsMost(sources, target)
          ? tools.codecs.repack('piz', sources, target.layout, target.from)
          : planar.encode(target, tools.level),
      );
    }
    default: {
      const planar = new PlanarSources(tools.codecs, compression, sources);
      return targets.map((target) => planar.encode(target, tools.level));
    }
  }
}

/** See move in types.ts. */
export function move(
  codecs: Codecs,
  compression: Compression,
  sources: readonly ChunkSource[],
  targets: readonly SpliceTarget[],
): readonly (readonly Uint8Array[])[] | undefined {
  if (compression !== 'htj2k256' && compression !== 'htj2k32' && compression !== 'lj2k') return undefined;
  checkChunks(compression, sources, targets);
  try {
    return sliceHtj2k({ codecs, htj2k: undefined }, compression, sources, targets).map(({ slices }) => slices);
  } catch (error) {
    if (error instanceof CodecError && error.code === 'unsupported') return undefined;
    throw error;
  }
}

/**
 * Whether `splice` makes a chunk of ZIP, ZIPS or PXR24 token by token: much faster than decoding and encoding, at about
 * the same size. Otherwise it decodes and encodes. True for the other compressions, which have their own
 * ways. Depends on layouts only, so it can be asked before there is a chunk.
 */
export function spliceWorthwhile(
  compression: Compression,
  sources: readonly ChunkLayout[],
  target: SpliceTarget,
): boolean {
  return wayOf(compression, sources, target) !== 'encode';
}

/** Copying the bits of tokens, writing tokens with new codes and new matches, or decoding and encoding. */
type Way = 'copy' | 'renew' | 'encode';

function wayOf(compression: Compression, sources: readonly ChunkLayout[], { layout, from }: SpliceTarget): Way {
  const bytesOf = STREAM_BYTES[compression];
  if (bytesOf === undefined) return 'copy';
  let runs = 0;
  from.forEach(({ source, channel }, i) => {
    const before = from[i - 1];
    if (before === undefined || before.source !== source || before.channel + 1 !== channel) ++runs;
  });
  const [first] = from;
  // All of one source in its order is a single run.
  const isWhole = runs === 1 && first?.channel === 0 && sources[first.source]?.channels.length === from.length;
  const bytes = lineBytes(layout, bytesOf);
  if (isWhole || bytes >= runs * MIN_MEAN_RUN) return 'copy';
  // Where a whole line fits into the window, re-encoding finds copies of earlier lines that the sources' encoders could not see.
  return bytes > WINDOW ? 'renew' : 'encode';
}

/** Bytes of a line, of all its channels, that are contiguous in the stream. */
function lineBytes({ width, channels }: ChunkLayout, bytesOf: StreamBytes): number {
  return channels.reduce((bytes, { type, xSampling }) => bytes + (width / xSampling) * bytesOf[type], 0);
}

type StreamBytes = Readonly<Record<'uint' | 'half' | 'float', number>>;

/** Bytes of a sample that are contiguous in the stream before zlib. */
const STREAM_BYTES: Readonly<Partial<Record<Compression, StreamBytes>>> = {
  zip: { uint: 2, half: 1, float: 2 },
  zips: { uint: 2, half: 1, float: 2 },
  pxr24: { uint: 4, half: 2, float: 3 },
};

/** The least share of a PIZ source for which piz.ts redoes only the entropy coding. */
const MOST = 0.75;

/** Whether a target takes most of one source, and nothing else. */
function keepsMost(sources: readonly ChunkSource[], { layout, from }: SpliceTarget): boolean {
  const source = sources[from[0]?.source ?? -1];
  if (source === undefined || from.some((pick) => sources[pick.source] !== source)) return false;
  return planarSize(layout) >= MOST * planarSize(source.layout);
}

/** ZIP, ZIPS and PXR24. */
function spliceStreams(
  tools: SpliceTools,
  compression: Compression,
  form: StreamForm,
  sources: readonly SizedSource[],
  targets: readonly SizedTarget[],
): Uint8Array[] {
  const layouts = sources.map(({ layout }) => layout);
  const isRaw = sources.map(({ packed, size }) => packed.length === size);
  // Raw samples of PXR24 need not survive being compressed.
  const mayLose = ({ from }: SizedTarget): boolean => form === 'pxr24' && from.some(({ source }) => isRaw[source]);
  const ways = new Map(
    targets.map((target) => {
      const isBare = target.size === 0 || mayLose(target);
      return [target, isBare ? 'encode' : wayOf(compression, layouts, target)] as const;
    }),
  );
  const byTokens = targets.filter((target) => ways.get(target) !== 'encode');
  const release = byTokens.length === targets.length ? tools.release : undefined;
  const spliced = spliceInBounds({ ...tools, release }, form, sources, byTokens, ways);
  const planar = new PlanarSources(tools.codecs, compression, spliced.sources);
  return targets.map((target) => {
    const { packed, inBounds } = spliced.attempts.get(target) ?? {};
    if (packed !== undefined && inBounds) return packed;
    const encoded = mayLose(target) ? planar.encodeExactly(target, tools.level) : planar.encode(target, tools.level);
    return packed !== undefined && packed.length < encoded.length ? packed : encoded;
  });
}

interface Attempt {
  readonly packed: Uint8Array | undefined;
  /** Whether it is about as small as its channels were in the sources, or as small as possible. */
  readonly inBounds: boolean;
}

interface Attempts {
  readonly attempts: ReadonlyMap<SizedTarget, Attempt>;
  /** The sources; those that were released have their bytes back if an attempt failed. */
  readonly sources: readonly SizedSource[];
}

/** Splices by tokens: copies their bits where that was chosen, and matches again where it makes a chunk too large. */
function spliceInBounds(
  tools: SpliceTools,
  form: StreamForm,
  sources: readonly SizedSource[],
  targets: readonly SizedTarget[],
  ways: ReadonlyMap<SizedTarget, Way>,
): Attempts {
  const attempts = new Map<SizedTarget, Attempt>();
  let kept = sources;
  let { release } = tools;
  for (const way of ['copy', 'renew'] as const) {
    const tried = targets.filter((target) => {
      const attempt = attempts.get(target);
      return attempt ? attempt.packed !== undefined && !attempt.inBounds : ways.get(target) === way;
    });
    if (tried.length === 0) continue;
    const numbers = sources.flatMap((_, i) =>
      tried.some(({ from }) => from.some(({ source }) => source === i)) ? i : [],
    );
    const used = numbers.map((number) => kept[number] as SizedSource);
    const renumbered = tried.map(({ layout, size, from }) => ({
      layout,
      size,
      from: from.map(({ source, channel }) => ({ source: numbers.indexOf(source), channel })),
    }));
    const options = {
      level: tools.level,
      release,
      allocate: tools.allocate,
      ...(way === 'renew' && { logBytes: RENEW }),
    };
    const spliced = tools.run((instance) => spliceTokens(instance, form, used, renumbered, options));
    tried.forEach((target, i) => {
      const { packed, share } = spliced.chunks[i] ?? { packed: undefined, share: 0 };
      // For a target that was to be matched again from the start, any size is accepted.
      const most =
        ways.get(target) === 'renew' ? Number.POSITIVE_INFINITY : share * MAX_GROWTH + target.size * NEGLIGIBLE;
      attempts.set(target, { packed, inBounds: packed !== undefined && packed.length <= most });
    });
    const isDone = targets.every((target) => attempts.get(target)?.inBounds);
    if (release && !isDone) {
      const bytes = spliced.sources();
      kept = sources.map((source, i) => ({ ...source, packed: bytes[numbers.indexOf(i)] ?? source.packed }));
    }
    release = undefined;
  }
  return { attempts, sources: kept };
}

/** Checks what every splice relies on, and computes sizes. */
export function checkChunks(
  compression: Compression,
  sources: readonly ChunkSource[],
  targets: readonly SpliceTarget[],
): { readonly sizedSources: readonly SizedSource[]; readonly sizedTargets: readonly SizedTarget[] } {
  const sizedTargets = targets.map(sized);
  for (const target of targets) checkTarget(sources, target);
  const sizedSources = sources.map(sized);
  for (const { packed, size } of sizedSources) {
    if (packed.length <= size) continue;
    throw new CodecError('too-large', `${compression} chunk of ${packed.length} bytes for ${size} bytes of samples`);
  }
  return { sizedSources, sizedTargets };
}

/** Checks that a target's channels are channels of the sources, for the same pixels. */
function checkTarget(sources: readonly ChunkSource[], { layout, from }: SpliceTarget): void {
  if (from.length !== layout.channels.length) {
    throw new CodecError('bad-argument', `${from.length} origins for ${layout.channels.length} channels`);
  }
  const covers = sources.map(({ layout: { x, y, width, height } }) => {
    return x === layout.x && y === layout.y && width === layout.width && height === layout.height;
  });
  layout.channels.forEach((wanted, i) => {
    const { source, channel } = from[i] ?? { source: -1, channel: -1 };
    const origin = sources[source]?.layout.channels[channel];
    if (origin === undefined) {
      throw new CodecError('bad-argument', `source ${source} has no channel ${channel}`);
    }
    const { type, xSampling, ySampling } = wanted;
    const fits =
      covers[source] && origin.type === type && origin.xSampling === xSampling && origin.ySampling === ySampling;
    if (!fits) throw new CodecError('bad-argument', `channel ${JSON.stringify(wanted.name)} does not match its source`);
  });
}
