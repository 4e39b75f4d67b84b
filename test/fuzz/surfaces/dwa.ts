/**
 * What is inside the streams of a DWA chunk: a change of packed bytes seldom gets there. An input is the chunk's header and rules,
 * and each stream unpacked behind its length; what is run is the chunk that they make.
 */
import { deflateSync, inflateSync } from 'node:zlib';
import { type ChunkLayout, createCodecs, planarSize } from 'openexr-wasm';
import { Finding, type Surface } from '../surface.js';

/** Of the header's u64 fields: the packed sizes of the streams in their order, the number of AC symbols, how they are packed. */
const packedSizes = [2, 3, 4, 5];
const acCount = 8;
const acMethod = 10;
const headerBytes = 88;
const deflated = 1n;

const channel = { type: 'half', xSampling: 1, ySampling: 1, linear: false } as const;
const layout: ChunkLayout = {
  x: -3,
  y: 5,
  width: 37,
  height: 21,
  channels: [
    { ...channel, name: 'A' },
    { ...channel, name: 'B' },
    { ...channel, name: 'G' },
    { ...channel, name: 'R' },
    { ...channel, name: 'Z', type: 'float' },
    { ...channel, name: 'other.Y', type: 'float', linear: true },
  ],
};

export async function dwaSurface(): Promise<Surface> {
  const kernels = await createCodecs();
  const size = planarSize(layout);
  const seeds = [1, 7, 64].map((step) => {
    const planar = new Uint8Array(size);
    // Halves and floats from 1 to 4 that change every few samples: some coefficients, some runs.
    for (let i = 0; i + 1 < size; i += 2) {
      planar[i] = Math.floor(i / step);
      planar[i + 1] = 0x3c + (Math.floor(i / (3 * step)) % 8);
    }
    // As in tiles: the symbols are deflated, which can be done again here.
    const packed = kernels.encode('dwaa', layout, planar, { tiled: true, level: 1 });
    if (packed.length === size) throw new Error('a seed is not packed');
    return { name: `steps of ${step}`, bytes: takenApart(packed) };
  });
  const cuts = [
    [0, 1, 2, 3],
    [5, 4, 0],
  ].map((numbers) => ({
    layout: { ...layout, channels: numbers.flatMap((number) => layout.channels[number] ?? []) },
    from: numbers.map((number) => ({ source: 0, channel: number })),
  }));
  return {
    name: 'dwa-streams',
    seeds,
    run(bytes) {
      const packed = putTogether(bytes);
      if (packed.length >= size) return;
      const planar = kernels.decode('dwaa', layout, packed);
      const [first] = cuts;
      if (!first) return;
      // Chunks made of the chunk have the samples that it has.
      const [spliced] = kernels.splice('dwaa', [{ layout, packed }], [first]);
      const moved = spliced && kernels.decode('dwaa', first.layout, spliced);
      const expected = planar.subarray(0, planarSize(first.layout));
      if (!moved || Buffer.compare(moved, expected) !== 0) throw new Finding('samples change when channels are moved');
    },
  };
}

function takenApart(packed: Uint8Array): Uint8Array {
  const view = new DataView(packed.buffer, packed.byteOffset);
  const streamsAt = headerBytes + view.getUint16(headerBytes, true);
  const pieces = [new Uint8Array(2), packed.subarray(0, streamsAt)];
  new DataView((pieces[0] as Uint8Array).buffer).setUint16(0, streamsAt, true);
  let at = streamsAt;
  for (const field of packedSizes) {
    const length = Number(view.getBigUint64(field * 8, true));
    const raw = length > 0 ? inflateSync(packed.subarray(at, at + length)) : new Uint8Array(0);
    const head = new Uint8Array(4);
    new DataView(head.buffer).setUint32(0, raw.length, true);
    pieces.push(head, raw);
    at += length;
  }
  return Buffer.concat(pieces);
}

function putTogether(bytes: Uint8Array): Uint8Array {
  const input = Buffer.from(bytes);
  let at = 0;
  const take = (length: number) => {
    const from = at;
    at = Math.min(input.length, at + length);
    return input.subarray(from, at);
  };
  const number = (size: 2 | 4) => {
    const piece = take(size);
    return piece.length < size ? 0 : piece.readUIntLE(0, size);
  };
  const head = Buffer.from(take(number(2)));
  if (head.length < headerBytes) return head;
  const streams = packedSizes.map((field) => {
    const raw = take(number(4));
    const packed = raw.length > 0 ? deflateSync(raw, { level: 1 }) : raw;
    head.writeBigUInt64LE(BigInt(packed.length), field * 8);
    // Mostly the number that is there, so that the symbols are looked at.
    if (field === 3 && raw.length % 3 > 0) head.writeBigUInt64LE(BigInt(raw.length >> 1), acCount * 8);
    return packed;
  });
  head.writeBigUInt64LE(deflated, acMethod * 8);
  return new Uint8Array(Buffer.concat([head, ...streams]));
}
