/**
 * What is inside the frame of a ZSTD chunk: a change of packed bytes seldom gets there. An input is the stream, unpacked, and in
 * front of it what the chunk's header says; what is run is the chunk that they make.
 */
import { type ChunkLayout, createCodecs, createZstd, type DeepRows, planarSize } from 'openexr-wasm';
import { Finding, type Surface } from '../surface.js';

const headerBytes = 24;
const formatAt = 8;
const flagsAt = 12;
const frameBytesAt = 16;

/** In front of the stream: format, flags, and whether it keeps a length of its own. */
const leadBytes = 3;

const channel = { type: 'half', xSampling: 1, ySampling: 1, linear: false } as const;
const layout: ChunkLayout = {
  x: -3,
  y: 5,
  width: 37,
  height: 5,
  channels: [
    { ...channel, name: 'A' },
    { ...channel, name: 'B', xSampling: 2, ySampling: 2 },
    { ...channel, name: 'Z', type: 'float' },
    { ...channel, name: 'id', type: 'uint' },
  ],
};
const rows: DeepRows = { types: ['half', 'float', 'uint', 'half'], counts: [7, 0, 40, 1] };

export async function zstdStreamSurface(): Promise<Surface> {
  const kernels = await createCodecs();
  const size = planarSize(layout);
  const halves = planarSize({ ...layout, channels: layout.channels.filter(({ type }) => type === 'half') });
  const cut = { layout: { ...layout, channels: layout.channels.slice(1, 3) }, from: [1, 2].map(pick) };
  const turned = {
    layout: { ...layout, channels: layout.channels.toReversed() },
    from: [3, 2, 1, 0].map(pick),
  };
  return {
    name: 'zstd-streams',
    seeds: seeds((step) => kernels.encode('zstd', layout, samples(size, step)), size),
    run(bytes) {
      const packed = putTogether(bytes, halves, size - halves);
      if (packed.length >= size) return;
      const planar = kernels.decode('zstd', layout, packed);
      const spliced = kernels.splice('zstd', [{ layout, packed }], [cut, turned]);
      for (const [i, target] of [cut, turned].entries()) {
        const moved = kernels.decode('zstd', target.layout, spliced[i] as Uint8Array);
        const wanted = Buffer.concat(
          target.from.map(({ channel: one }) => kernels.decode('zstd', layout, packed, [one])),
        );
        if (Buffer.compare(moved, wanted) !== 0) throw new Finding('samples change when channels are moved');
      }
      if (planar.length !== size) throw new Finding(`${planar.length} bytes of samples, not ${size}`);
    },
  };
}

export async function zstdRowSurface(): Promise<Surface> {
  const kernels = await createCodecs();
  const size = 48 * (2 + 4 + 4 + 2);
  return {
    name: 'zstd-rows',
    seeds: seeds((step) => kernels.packRows('zstd', samples(size, step), rows), size),
    run(bytes) {
      const packed = putTogether(bytes, 48 * 4, 48 * 8);
      const raw = kernels.unpackRows('zstd', packed, rows);
      if (raw.length !== size) throw new Finding(`${raw.length} bytes of rows, not ${size}`);
      const all = kernels.pickRows('zstd', packed, rows, [0, 1, 2, 3]);
      if (all && Buffer.compare(kernels.unpackRows('zstd', all, rows), raw) !== 0)
        throw new Finding('samples change when all channels are picked');
    },
  };
}

function pick(one: number): { source: number; channel: number } {
  return { source: 0, channel: one };
}

/** Bytes that change every few samples. */
function samples(size: number, step: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i % 2 === 0 ? Math.floor(i / step) : 0x3c));
}

function seeds(packed: (step: number) => Uint8Array, size: number): Surface['seeds'] {
  return [1, 7, 64].map((step) => {
    const chunk = packed(step);
    if (chunk.length >= size) throw new Error('a seed is not packed');
    const bytes = takenApart(chunk, size + 16);
    // Mostly behind the length of the first segment: another one is soon found out.
    const samplesAt = leadBytes + 8;
    return { name: `steps of ${step}`, bytes, spans: [[0, bytes.length], ...Array(7).fill([samplesAt, bytes.length])] };
  });
}

const library = createZstd();

function takenApart(packed: Uint8Array, most: number): Uint8Array {
  const lead = [packed[formatAt] as number, packed[flagsAt] as number, 0];
  return Buffer.concat([Uint8Array.from(lead), library.decompress(packed.subarray(headerBytes), most)]);
}

/** The frame is as long as it says, and so mostly are the segments in it, so that they are looked at. */
function putTogether(bytes: Uint8Array, halves: number, words: number): Uint8Array {
  const [format = 0, flags = 0, own = 0] = bytes;
  const found = bytes.subarray(leadBytes);
  const isOwn = own % 8 === 7;
  const stream = new Uint8Array(isOwn ? found.length : halves + words + 16);
  stream.set(found.subarray(0, stream.length));
  const lengths = new DataView(stream.buffer);
  if (!isOwn) lengths.setBigUint64(0, BigInt(halves), true);
  if (!isOwn) lengths.setBigUint64(8 + halves, BigInt(words), true);
  const chunk = library.run((heap) => heap.pack(heap.place(stream), stream.length, 1, headerBytes));
  const view = new DataView(chunk.buffer);
  chunk.set(new TextEncoder().encode('zstd-exr'));
  view.setUint32(formatAt, format, true);
  view.setUint32(flagsAt, flags, true);
  view.setBigUint64(frameBytesAt, BigInt(chunk.length - headerBytes), true);
  return chunk;
}
