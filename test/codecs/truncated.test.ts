/** Chunks of the codecs of OpenEXR 3.4 and 3.5 that end too early, wherever: all are refused, by decoding and by splicing. */
import { type ChunkLayout, CodecError, createCodecs, planarSize } from 'openexr-wasm';
import t from 'tap';
import { Geometry } from '../../lib/format/geometry.js';
import { type Compression, openExr } from '../../lib/index.js';
import { chunkLayout } from '../../lib/jobs/planes.js';
import { fixturePath } from '../support.js';

const kernels = await createCodecs();
type Codec = Parameters<typeof kernels.decode>[0];

const files = {
  htj2k: ['mixed.htj2k32', 'mixed.htj2k256', 'subsampled.htj2k32'],
  lj2k: ['mixed.lj2k', 'half_rgb_no_padding_65x33.lj2k', 'legacy_3.5.1_float.lj2k'],
  zstd: ['raw_and_packed.zstd', 'rip_down.zstd', 'subsampled.zstd'],
};

interface Chunk {
  readonly compression: Codec;
  readonly layout: ChunkLayout;
  readonly packed: Uint8Array;
}

/** The first chunk of a file that is not stored raw. */
async function chunkOf(path: string): Promise<Chunk> {
  const { header, source } = await openExr(fixturePath(path));
  try {
    const [part] = header.parts;
    if (!part) throw new Error('there is a part');
    for (const chunk of source.order) {
      const layout = chunkLayout(part.channels, new Geometry(part).region(chunk.index));
      const packed = await source.read(chunk);
      if (packed.length < planarSize(layout)) return { compression: known(part.compression), layout, packed };
    }
    throw new Error(`${path} has packed chunks`);
  } finally {
    await source.close();
  }
}

function known(compression: Compression): Codec {
  if (compression.startsWith('unknown')) throw new Error('a known codec');
  return compression as Codec;
}

/** What becomes of a chunk when all of it is decoded, and when it is made into two. */
function outcomes({ compression, layout }: Chunk, packed: Uint8Array): string[] {
  const all = layout.channels.map((_, channel) => channel);
  const targets = [all.slice(0, 1), all.slice(1)].map((channels) => ({
    layout: { ...layout, channels: channels.flatMap((channel) => layout.channels[channel] ?? []) },
    from: channels.map((channel) => ({ source: 0, channel })),
  }));
  return [
    () => kernels.decode(compression, layout, packed),
    () => kernels.splice(compression, [{ layout, packed }], targets),
  ].map((work) => {
    try {
      work();
      return 'done';
    } catch (error) {
      if (error instanceof CodecError) return error.code;
      throw error;
    }
  });
}

for (const [folder, names] of Object.entries(files))
  t.test(folder, async (t) => {
    for (const name of names) {
      const chunk = await chunkOf(`${folder}/${name}.exr`);
      const { packed } = chunk;
      t.same(outcomes(chunk, packed), ['done', 'done'], `${name}: ${packed.length} bytes`);
      const seen = new Set(Array.from(packed, (_, length) => outcomes(chunk, packed.slice(0, length))).flat());
      t.same([...seen], ['truncated'], name);
    }
  });

t.test('zstd, with a header that knows of it', async (t) => {
  for (const name of files.zstd) {
    const chunk = await chunkOf(`zstd/${name}.exr`);
    const seen = new Set<string>();
    for (let length = 25; length < chunk.packed.length; length++) {
      const packed = chunk.packed.slice(0, length);
      // The length of the frame, after the letters, format and flags.
      new DataView(packed.buffer).setBigUint64(16, BigInt(length - 24), true);
      for (const outcome of outcomes(chunk, packed)) seen.add(outcome);
    }
    t.same([...seen], ['truncated'], name);
  }
});
