// The parser of HTJ2K chunks: what it finds in chunks of the reference library, and what it refuses.
import fc from 'fast-check';
import t from 'tap';
import { checkLayout } from '../src/htj2k/check-layout.js';
import { chunkHeaderSize, writeChunkHeader } from '../src/htj2k/chunk-header.js';
import type { Coding, Component } from '../src/htj2k/codestream.js';
import { PROGRESSIONS, type Progression } from '../src/htj2k/codestream.js';
import { planComponent, planComponents } from '../src/htj2k/geometry.js';
import { orderPackets } from '../src/htj2k/packet-order.js';
import * as packets from '../src/htj2k/packets.js';
import { prefixLength, readChunk } from '../src/htj2k/read.js';
import { writeMainHeader } from '../src/htj2k/write-header.js';
import { CodecError } from '../src/index.js';
import { holds } from './holds.js';
import { htVector, readHtVectors } from './htj2k-vectors.js';

/** All that the parser reads of a chunk. */
function parse(packed: Uint8Array, channels: number) {
  const chunk = readChunk(packed, channels);
  return { ...chunk, ...packets.readBlocks(chunk.codestream) };
}

t.test('chunks of the reference library', async (t) => {
  for (const vector of readHtVectors()) {
    const { header, codestream, packets: table, blocks } = parse(vector.packed, vector.channels.length);
    t.doesNotThrow(() => checkLayout({ header, codestream }, vector), vector.name);
    // OpenEXR 3.5.2 and later write a tile-part for each resolution.
    t.equal(codestream.bodies.length / 2, vector.name.startsWith('openexr35') ? 6 : 1, 'tile-parts');
    t.equal(table.count, 6 * vector.channels.length, 'one packet for each resolution and component');
    // Its encoder makes one cleanup pass at the last bit of each block that has one, whatever is in it.
    let coded = 0;
    let least = 0;
    for (const [c, { quantization }] of codestream.components.entries()) {
      for (const band of (table.plans[c]?.resolutions ?? []).flatMap((resolution) => resolution.bands)) {
        for (let i = 0; i < band.blocksWide * band.blocksHigh; ++i) {
          const block = (blocks.first[c] as number) + band.firstBlock + i;
          const record = blocks.records.subarray(block * packets.BLOCK_RECORD);
          if (record[packets.BLOCK_PASSES] === 0) continue;
          ++coded;
          const bits = (record[packets.BLOCK_ZERO_PLANES] as number) + 1;
          if (record[packets.BLOCK_PASSES] === 1 && bits === quantization.magnitudeBits[band.index]) ++least;
          if (record[packets.BLOCK_REFINEMENT] !== 0) t.fail('a refinement');
        }
      }
    }
    t.equal(least, coded, `${coded} blocks of one pass`);
    t.ok(coded > 0 || vector.name.includes('zero'), 'has blocks');
  }
});

t.test('channels are found by the map', async (t) => {
  const { name: _, ...vector } = htVector('openexr35/htj2k/mixed.htj2k32:1');
  const { header, codestream } = parse(vector.packed, 6);
  t.same(vector.channels.map(({ name }) => name).join(), 'A,B,G,R,Z,id');
  t.same([...header.map], [3, 2, 1, 0, 4, 5]);
  t.equal(header.magic, 'HT');
  t.equal(codestream.colourTransform, true);
  t.same([...codestream.components.map(({ depth }) => depth)], [0x8f, 0x8f, 0x8f, 0x8f, 0x9f, 0x1f]);
  const swapped = vector.channels.with(0, { ...(vector.channels[0] as (typeof vector.channels)[0]), type: 'uint' });
  t.throws(() => checkLayout({ header, codestream }, { ...vector, channels: swapped }), { code: 'corrupt' });
  t.throws(() => checkLayout({ header, codestream }, { ...vector, width: 51 }), { code: 'corrupt' });
  t.throws(() => readChunk(vector.packed, 5), { code: 'corrupt' });
});

t.test('the first resolutions of a prefix', async (t) => {
  for (const name of ['openexr35/htj2k/mixed.htj2k32:1', 'openexr35/htj2k/subsampled.htj2k32:1']) {
    const { packed, channels } = htVector(name);
    const whole = parse(packed, channels.length);
    for (const resolutions of [1, 3, 6]) {
      const length = prefixLength(packed, channels.length, resolutions);
      const count = resolutions * channels.length;
      t.equal(length, whole.packets.end[count - 1], `${resolutions} resolutions end there`);
      const prefix = readChunk(packed.slice(0, length), channels.length, { isPrefix: true });
      const read = packets.readBlocks(prefix.codestream, { resolutions });
      t.equal(read.packets.count, count);
      t.same(read.packets.end.slice(0, count), whole.packets.end.slice(0, count));
    }
  }
  const { packed, channels } = htVector('htj2k/uint_id.htj2k32:0');
  t.equal(prefixLength(packed, channels.length, 2), undefined, 'a single tile-part gives no lengths');
});

/** Prompt, and nothing but errors of its own: which code, or undefined when it is read. */
function errorOf(packed: Uint8Array, channels: number): string | undefined {
  try {
    parse(packed, channels);
    return undefined;
  } catch (error) {
    if (!(error instanceof CodecError) || error.code === 'internal') throw error;
    return error.code;
  }
}

t.test('every truncation is refused', async (t) => {
  for (const name of ['htj2k/uint_id.htj2k32:1', 'openexr35/htj2k/mixed.htj2k32:1', 'openexr35/htj2k/zero.htj2k32:0']) {
    const { packed, channels } = htVector(name);
    const codes = Array.from(packed, (_, length) => errorOf(packed.slice(0, length), channels.length));
    t.equal(codes.filter((code) => code === undefined).length, 0, name);
    t.ok(codes.filter((code) => code === 'truncated').length > codes.length / 2, name);
  }
});

t.test('damaged chunks are refused, or read as chunks', async (t) => {
  const vectors = readHtVectors();
  let refused = 0;
  holds(
    t,
    fc.property(
      fc.constantFrom(...vectors.map((vector) => ({ ...vector, [fc.toStringMethod]: () => vector.name }))),
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 255 })), {
        minLength: 1,
        maxLength: 4,
      }),
      fc.boolean(),
      ({ packed, channels }, changes, inHeaders) => {
        const bytes = packed.slice();
        const range = inHeaders ? Math.min(bytes.length, 300) : bytes.length;
        for (const [place, value] of changes) bytes[Math.floor(place * (range - 1))] = value;
        if (errorOf(bytes, channels.length) !== undefined) ++refused;
      },
    ),
    { numRuns: 3000 },
  );
  t.ok(refused > 500, `${refused} refused`);
});

/** A chunk of 1024 x 1024 pixels in precincts of this size, in which each packet is one byte that marks it as empty. */
function manyPackets(precinct: number, progression: Progression): Uint8Array {
  const coding: Coding = {
    precincts: true,
    bytes: Uint8Array.of(0, 0, 0, 0x40, 1, (precinct << 4) | precinct),
    levels: 0,
    blockWidth: 2,
    blockHeight: 2,
    style: 0x40,
    reversible: true,
    precinctWidths: Uint8Array.of(precinct),
    precinctHeights: Uint8Array.of(precinct),
  };
  const side = 1024;
  const header = writeMainHeader({
    rsiz: 0,
    capability: 0,
    width: side,
    height: side,
    progression,
    colourTransform: false,
    comments: [],
    components: [
      {
        depth: 0x8f,
        xSampling: 1,
        ySampling: 1,
        width: side,
        height: side,
        coding,
        quantization: { bytes: Uint8Array.of(0x20, 0x88), magnitudeBits: Uint8Array.of(17) },
        nonlinearity: undefined,
      },
    ],
  });
  const count = (side / 2 ** precinct) ** 2;
  const front = new Uint8Array(chunkHeaderSize(1));
  writeChunkHeader(front, 'HT', [0]);
  const sot = Uint8Array.of(0xff, 0x90, 0, 10, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0x93);
  return new Uint8Array(Buffer.concat([front, header, sot, new Uint8Array(count), Uint8Array.of(0xff, 0xd9)]));
}

t.test('streams of tiny precincts are read up to a bound', async (t) => {
  for (const progression of PROGRESSIONS) {
    const { packets: table, blocks } = parse(manyPackets(2, progression), 1);
    t.equal(table.count, 256 * 256, progression);
    t.ok(blocks.records.every((value) => value === 0));
    t.equal(errorOf(manyPackets(0, progression), 1), 'unsupported', `${progression}: a packet for each pixel`);
  }
});

const codings = fc
  .record({
    levels: fc.integer({ min: 0, max: 6 }),
    blockWidth: fc.integer({ min: 2, max: 6 }),
    blockHeight: fc.integer({ min: 2, max: 6 }),
    precincts: fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })), {
      minLength: 7,
      maxLength: 7,
    }),
  })
  .map(
    ({ precincts, ...sizes }): Coding => ({
      ...sizes,
      precincts: true,
      bytes: new Uint8Array(0),
      style: 0x40,
      reversible: true,
      precinctWidths: Uint8Array.from(precincts, ([width]) => width),
      precinctHeights: Uint8Array.from(precincts, ([, height]) => height),
    }),
  );
const sides = fc.integer({ min: 1, max: 70 });

/** Number of integers n with from <= n * step + offset < to. */
function countBetween(from: number, to: number, step: number, offset: number): number {
  let count = 0;
  for (let n = from; n < to; ++n) if ((n - offset) % step === 0) ++count;
  return count;
}

t.test('bands are every other sample of the resolution above, level for level', async (t) => {
  holds(
    t,
    fc.property(sides, sides, codings, (width, height, coding) => {
      const { resolutions, blocks } = planComponent(width, height, coding);
      let seen = 0;
      for (const [r, resolution] of resolutions.entries()) {
        for (const band of resolution.bands) {
          // A band of level n has the samples at (odd or even) multiples of 2^(n-1).
          const level = r === 0 ? coding.levels : coding.levels - r + 1;
          const [x, y] = [band.orientation & 1, band.orientation >> 1].map((odd) => (odd ? 2 ** (level - 1) : 0));
          const [wide, high] = [width, height].map((size, i) =>
            countBetween(0, size, 2 ** level, (i === 0 ? x : y) as number),
          );
          if (band.width !== wide || band.height !== high) throw new Error(`resolution ${r}, ${band.orientation}`);
          if (band.firstBlock !== seen) throw new Error('blocks do not follow each other');
          seen += band.blocksWide * band.blocksHigh;
          const inAll = (blocks: number, inPrecinct: number, precincts: number) => blocks <= inPrecinct * precincts;
          if (
            !inAll(band.blocksWide, resolution.precinctBlocksWide, resolution.precinctsWide) ||
            !inAll(band.blocksHigh, resolution.precinctBlocksHigh, resolution.precinctsHigh)
          ) {
            throw new Error('blocks outside of the precincts');
          }
        }
      }
      if (blocks !== seen) throw new Error('not all blocks');
    }),
  );
});

/** The packets in the order in which the loops of T.800, B.12.1 come to them, pixel for pixel. */
function walk(progression: Progression, components: readonly Component[], width: number, height: number): string[] {
  const found: string[] = [];
  const plans = planComponents(components);
  const next = components.map(() => new Map<number, number>());
  const resolutions = Array.from({ length: 7 }, (_, r) => r);
  const all = components.map((_, c) => c);
  const places = Array.from({ length: width * height }, (_, i) => [i % width, Math.floor(i / width)] as const);
  const emit = (c: number, r: number): void => {
    const precinct = next[c]?.get(r) ?? 0;
    next[c]?.set(r, precinct + 1);
    found.push(`${c} ${r} ${precinct}`);
  };
  const here = (c: number, r: number, [x, y]: readonly [number, number]): boolean => {
    const { coding, xSampling, ySampling } = components[c] as Component;
    if (r > coding.levels) return false;
    const wide = xSampling * 2 ** ((coding.precinctWidths[r] as number) + coding.levels - r);
    const high = ySampling * 2 ** ((coding.precinctHeights[r] as number) + coding.levels - r);
    return x % wide === 0 && y % high === 0;
  };
  const inOrder = (c: number, r: number): void => {
    const own = plans[c]?.resolutions[r];
    for (let p = 0; p < (own ? own.precinctsWide * own.precinctsHigh : 0); ++p) emit(c, r);
  };
  if (progression === 'LRCP' || progression === 'RLCP') for (const r of resolutions) for (const c of all) inOrder(c, r);
  if (progression === 'RPCL')
    for (const r of resolutions) for (const p of places) for (const c of all) if (here(c, r, p)) emit(c, r);
  if (progression === 'PCRL')
    for (const p of places) for (const c of all) for (const r of resolutions) if (here(c, r, p)) emit(c, r);
  if (progression === 'CPRL')
    for (const c of all) for (const p of places) for (const r of resolutions) if (here(c, r, p)) emit(c, r);
  return found;
}

t.test('packets in the order of the standard', async (t) => {
  holds(
    t,
    fc.property(
      sides,
      sides,
      fc.array(fc.tuple(codings, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 })), {
        minLength: 1,
        maxLength: 4,
      }),
      fc.constantFrom(...PROGRESSIONS),
      (width, height, own, progression) => {
        const components = own.map(
          ([coding, xSampling, ySampling]): Component => ({
            depth: 0x8f,
            xSampling,
            ySampling,
            width: Math.ceil(width / xSampling),
            height: Math.ceil(height / ySampling),
            coding,
            quantization: { bytes: new Uint8Array(0), magnitudeBits: new Uint8Array(0) },
            nonlinearity: undefined,
          }),
        );
        const order = orderPackets(progression, components, planComponents(components));
        const got = Array.from(order.component, (c, i) => `${c} ${order.resolution[i]} ${order.precinct[i]}`);
        const want = walk(progression, components, width, height);
        if (got.join() !== want.join()) throw new Error(`${progression}: ${got.join()} instead of ${want.join()}`);
      },
    ),
  );
});
