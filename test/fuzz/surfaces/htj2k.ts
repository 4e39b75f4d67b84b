/**
 * Headers of HTJ2K and LJ2K chunks: their own, the codestream's, and those of packets. A change anywhere in a chunk seldom gets there, since
 * most of it are code blocks.
 */
import { type ChunkSource, createCodecs, planarSize, type SpliceTarget } from 'openexr-wasm';
import { Geometry } from '../../../lib/format/geometry.js';
import { openExr } from '../../../lib/index.js';
import { chunkLayout } from '../../../lib/jobs/planes.js';
import { fixturePath } from '../../support.js';
import type { Span } from '../mutate.js';
import { Finding, type Seed, type Surface } from '../surface.js';

const files = {
  htj2k32: ['mixed.htj2k32', 'mixed.htj2k256', 'subsampled.htj2k32', 'half_y_65x33.htj2k32'],
  lj2k: ['mixed.lj2k', 'half_rgb_no_padding_65x33.lj2k', 'legacy_3.5.1_half.lj2k', 'legacy_3.5.1_float.lj2k'],
};

type Chunk = Seed & Pick<ChunkSource, 'layout'>;

/** The headers in front, and the beginning of the packets in each tile-part, which are behind SOD. */
function headers(bytes: Uint8Array): Span[] {
  const spans: Span[] = [];
  let first = bytes.length;
  for (let at = 0; at + 1 < bytes.length; at++) {
    if (bytes[at] !== 0xff || bytes[at + 1] !== 0x93) continue;
    first = Math.min(first, at);
    spans.push([Math.max(0, at - 14), Math.min(bytes.length, at + 40)]);
  }
  return [[0, first], ...spans];
}

/** Channels of a chunk under their own names. */
function target({ channels, ...window }: ChunkSource['layout'], numbers: readonly number[]): SpliceTarget {
  return {
    layout: { ...window, channels: numbers.flatMap((number) => channels[number] ?? []) },
    from: numbers.map((channel) => ({ source: 0, channel })),
  };
}

export async function htj2kSurface(codec: keyof typeof files): Promise<Surface> {
  const kernels = await createCodecs();
  const chunks: Chunk[] = [];
  for (const name of files[codec]) {
    const folder = codec === 'lj2k' ? 'lj2k' : 'htj2k';
    const { header, source } = await openExr(fixturePath(`${folder}/${name}.exr`));
    for (const [number, part] of header.parts.entries()) {
      const geometry = new Geometry(part);
      for (let index = 0; index < geometry.chunkCount; index++) {
        const bytes = await source.read({ part: number, index });
        const layout = chunkLayout(part.channels, geometry.region(index));
        if (bytes.length < planarSize(layout))
          chunks.push({ name: `${name} ${index}`, bytes, spans: headers(bytes), layout });
      }
    }
    await source.close();
  }
  return {
    name: codec === 'lj2k' ? 'lj2k-headers' : 'htj2k-headers',
    seeds: chunks,
    run(packed, seed) {
      const { layout } = chunks[seed] as Chunk;
      if (packed.length >= planarSize(layout)) return;
      const all = layout.channels.map((_, number) => number);
      const targets = [all.toReversed(), all.slice(0, 1), all.slice(1)].filter(({ length }) => length > 0);
      const wanted = targets.map((numbers) => target(layout, numbers));
      const moved = kernels.move(codec, [{ layout, packed }], wanted);
      const made = kernels.splice(codec, [{ layout, packed }], wanted);
      const planar = kernels.decode(codec, layout, packed);
      for (const [i, { layout: own }] of wanted.entries()) {
        const chunk = made[i] as Uint8Array;
        if (chunk.length > planarSize(own)) throw new Finding(`a spliced chunk has ${chunk.length} bytes`);
        if (moved && Buffer.compare(Buffer.concat(moved[i] ?? []), chunk) !== 0)
          throw new Finding('moving is not what splicing is');
        // Chunks made of the chunk have the samples that it has.
        const samples = kernels.decode(codec, own, chunk);
        const expected = Buffer.concat((targets[i] ?? []).map((number) => samplesOf(layout, planar, number)));
        if (Buffer.compare(samples, expected) !== 0) throw new Finding('samples change when channels are moved');
      }
    },
  };
}

function samplesOf(layout: ChunkSource['layout'], planar: Uint8Array, number: number): Uint8Array {
  const start = planarSize({ ...layout, channels: layout.channels.slice(0, number) });
  return planar.subarray(start, start + planarSize({ ...layout, channels: layout.channels.slice(number, number + 1) }));
}
