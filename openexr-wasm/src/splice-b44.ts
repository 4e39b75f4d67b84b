// B44 and B44A chunks made of channels of others. Their blocks are independent, so packed channels are cut out and joined as
// they are, and samples never change.
import { CodecError, statusError } from './errors.js';
import { placeChannelTable, planarSize } from './layout.js';
import { PlanarSources, sameBytes } from './planar-sources.js';
import type { SpliceTools } from './splice-tools.js';
import type { ChannelPick, ChunkSource, SpliceTarget } from './types.js';

export function spliceB44(
  tools: SpliceTools,
  compression: 'b44' | 'b44a',
  sources: readonly ChunkSource[],
  targets: readonly SpliceTarget[],
): Uint8Array[] {
  const planar = new PlanarSources(tools.codecs, compression, sources);
  const cut = new Map<number, readonly Uint8Array[]>();
  /** A channel's packed form; undefined when none keeps its samples. */
  const pack = (pick: ChannelPick): Uint8Array | undefined => {
    const source = sources[pick.source] as ChunkSource;
    if (source.packed.length === planarSize(source.layout))
      return packExactly(tools, compression, source, planar, pick);
    const channels = cut.get(pick.source) ?? cutChannels(tools, source);
    cut.set(pick.source, channels);
    return channels[pick.channel];
  };
  return targets.map((target) => {
    checkLinear(sources, target);
    const parts = target.from.map(pack);
    const size = parts.reduce((sum, part) => sum + (part?.length ?? 0), 0);
    // A chunk that would not be smaller than its samples is stored raw, and so is one whose samples B44 would change.
    if (parts.includes(undefined) || size >= planarSize(target.layout)) {
      return tools.codecs.encode('none', target.layout, planar.gather(target));
    }
    const packed = new Uint8Array(size);
    let at = 0;
    for (const part of parts) {
      if (part === undefined) continue;
      packed.set(part, at);
      at += part.length;
    }
    return packed;
  });
}

/** The packed channels of a chunk that is not stored raw. */
function cutChannels(tools: SpliceTools, { layout, packed }: ChunkSource): Uint8Array[] {
  return tools.run((instance) => {
    const count = layout.channels.length;
    const offsets = instance.allocate((count + 1) * 4);
    const table = placeChannelTable(instance, layout);
    const size = planarSize(layout);
    const find = instance.kernel('b44Offsets');
    const status = find(instance.place(packed), packed.length, offsets, size, table, count, layout.y, layout.height);
    if (status < 0) throw statusError(status, 'cannot read B44 chunk');
    const starts = new Uint32Array(instance.view(offsets, (count + 1) * 4).slice().buffer);
    return layout.channels.map((_, i) => packed.subarray(starts[i], starts[i + 1]));
  });
}

/** Packs a channel of a chunk that is stored raw; undefined when that changes its samples. */
function packExactly(
  tools: SpliceTools,
  compression: 'b44' | 'b44a',
  { layout }: ChunkSource,
  planar: PlanarSources,
  pick: ChannelPick,
): Uint8Array | undefined {
  const samples = planar.channel(pick);
  const channel = layout.channels[pick.channel];
  // Only half samples are packed.
  if (channel === undefined || channel.type !== 'half') return samples;
  const alone = { ...layout, channels: [channel] };
  const packed = tools.codecs.encode(compression, alone, samples);
  // Packed blocks larger than the samples are of no use: the encoder returned the samples.
  if (packed.length === samples.length) return undefined;
  return sameBytes(tools.codecs.decode(compression, alone, packed), samples) ? packed : undefined;
}

/** The linear flag decides how blocks are decoded. */
function checkLinear(sources: readonly ChunkSource[], { layout, from }: SpliceTarget): void {
  layout.channels.forEach(({ name, linear, type }, i) => {
    const { source, channel } = from[i] ?? { source: -1, channel: -1 };
    if (type !== 'half' || sources[source]?.layout.channels[channel]?.linear === linear) return;
    throw new CodecError(
      'bad-argument',
      `the linear flag of channel ${JSON.stringify(name)} differs from its source's`,
    );
  });
}
