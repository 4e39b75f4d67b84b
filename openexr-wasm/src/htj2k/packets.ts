// Where packets are, and the code blocks in them (T.800, B.10; lengths of high-throughput blocks: T.814, B.3).
import { CodecError } from '../errors.js';
import type { Codestream, Component } from './codestream.js';
import { type Plan, planComponents, type Resolution } from './geometry.js';
import { PacketBits } from './packet-bits.js';
import { countPackets, orderPackets, type PacketOrder } from './packet-order.js';
import { TagTrees } from './tag-trees.js';

/** Packets in the order of the codestream, each with its range of bytes in the chunk, header included. */
export interface PacketTable extends PacketOrder {
  readonly start: Uint32Array;
  readonly end: Uint32Array;
  /** The plans of the components. */
  readonly plans: readonly Plan[];
}

/** u32 values of a record of a BlockTable. */
export const BLOCK_RECORD = 5;

/** Places in a record of a BlockTable. */
export const BLOCK_START = 0;
/** Bytes of the cleanup pass. */
export const BLOCK_CLEANUP = 1;
/** Bytes of the passes after it, which follow its own. */
export const BLOCK_REFINEMENT = 2;
/** 0 when all its coefficients are zero, else 1 to 3. */
export const BLOCK_PASSES = 3;
/** Magnitude bits, from the top, that the cleanup pass lacks: the pass is at bit (magnitude bits - 1 - these). */
export const BLOCK_ZERO_PLANES = 4;

/** The code blocks of all components, as records of BLOCK_RECORD numbers. */
export interface BlockTable {
  readonly records: Uint32Array;
  /** Number of the first block of each component; see Band.firstBlock for blocks within it. One entry more than components. */
  readonly first: Uint32Array;
}

/** OpenEXR writes one for each resolution and channel. More than this is a stream of tiny precincts, which take long to sort. */
const MAX_PACKETS = 2 ** 19;

export interface ReadPacketsOptions {
  /** Stops after the packets of this many resolutions, which requires a progression that puts them first. */
  readonly resolutions?: number;
}

/** @throws CodecError when the packets do not fill the bodies of the tile-parts exactly, or anything in them is damaged. */
export function readPackets(codestream: Codestream, options: ReadPacketsOptions = {}): PacketTable {
  return new PacketReader(codestream, options).read(undefined);
}

/** The same, with the positions of the code blocks. */
export function readBlocks(
  codestream: Codestream,
  options: ReadPacketsOptions = {},
): { readonly packets: PacketTable; readonly blocks: BlockTable } {
  const reader = new PacketReader(codestream, options);
  const first = new Uint32Array(reader.plans.length + 1);
  for (const [i, { blocks }] of reader.plans.entries()) first[i + 1] = (first[i] as number) + blocks;
  const blocks = { records: new Uint32Array((first.at(-1) as number) * BLOCK_RECORD), first };
  return { packets: reader.read(blocks), blocks };
}

class PacketReader {
  readonly plans: readonly Plan[];
  readonly #codestream: Codestream;
  readonly #resolutions: number;
  readonly #bits: PacketBits;
  readonly #trees = new TagTrees();
  /** Records of the blocks of a packet, in order. */
  #inPacket = new Uint32Array(256);
  #blocks: BlockTable | undefined;

  constructor(codestream: Codestream, { resolutions = Number.POSITIVE_INFINITY }: ReadPacketsOptions) {
    this.#codestream = codestream;
    this.#resolutions = resolutions;
    this.#bits = new PacketBits(codestream.bytes);
    this.plans = planComponents(codestream.components);
    if (resolutions !== Number.POSITIVE_INFINITY && /^P|^C/.test(codestream.progression)) {
      throw new CodecError('unsupported', 'the codestream does not put its low resolutions first');
    }
  }

  read(blocks: BlockTable | undefined): PacketTable {
    const { bodies, progression, components } = this.#codestream;
    this.#blocks = blocks;
    let bytes = 0;
    for (let i = 0; i < bodies.length; i += 2) bytes += (bodies[i + 1] as number) - (bodies[i] as number);
    const packets = countPackets(this.plans);
    // A packet has at least one byte.
    if (packets > bytes && this.#resolutions === Number.POSITIVE_INFINITY) {
      throw new CodecError('corrupt', `the codestream has ${bytes} bytes for ${packets} packets`);
    }
    if (packets > MAX_PACKETS) {
      throw new CodecError('unsupported', `the codestream is cut into ${packets} packets, more than ${MAX_PACKETS}`);
    }
    const order = orderPackets(progression, components, this.plans);
    const start = new Uint32Array(order.count);
    const end = new Uint32Array(order.count);
    let body = 0;
    let at = bodies[0] as number;
    let read = 0;
    for (; read < order.count; ++read) {
      const resolution = order.resolution[read] as number;
      if (resolution >= this.#resolutions) break;
      for (; at === bodies[body + 1] && body + 2 < bodies.length; body += 2) at = bodies[body + 2] as number;
      start[read] = at;
      at = this.#packet(order.component[read] as number, resolution, order.precinct[read] as number, at, body);
      end[read] = at;
    }
    if (read === order.count) {
      // The last packet may be followed by tile-parts without any.
      for (; at === bodies[body + 1] && body + 2 < bodies.length; body += 2) at = bodies[body + 2] as number;
      if (at !== bodies[body + 1]) throw new CodecError('corrupt', 'the codestream has bytes after its last packet');
    }
    return { ...order, count: read, start, end, plans: this.plans };
  }

  /** Reads one packet and returns where it ends. */
  #packet(c: number, r: number, precinct: number, at: number, body: number): number {
    const limit = this.#codestream.bodies[body + 1] as number;
    const resolution = (this.plans[c] as Plan).resolutions[r] as Resolution;
    const { magnitudeBits } = (this.#codestream.components[c] as Component).quantization;
    const bits = this.#bits;
    bits.start(at, limit);
    const x = (precinct % resolution.precinctsWide) * resolution.precinctBlocksWide;
    const y = Math.floor(precinct / resolution.precinctsWide) * resolution.precinctBlocksHigh;
    let bytes = 0;
    let count = 0;
    if (bits.bit() === 1) {
      for (const band of resolution.bands) {
        const wide = Math.min(resolution.precinctBlocksWide, band.blocksWide - x);
        const high = Math.min(resolution.precinctBlocksHigh, band.blocksHigh - y);
        if (wide <= 0 || high <= 0) continue;
        const most = magnitudeBits[band.index] as number;
        this.#trees.start(wide, high);
        for (let by = 0; by < high; ++by) {
          const row = band.firstBlock + (y + by) * band.blocksWide + x;
          for (let bx = 0; bx < wide; ++bx) {
            if (!this.#trees.includes(bits, bx, by)) continue;
            bytes += this.#block(c, row + bx, this.#trees.zeroPlanes(bits, bx, by), most, count++);
          }
        }
      }
    }
    bits.finish();
    if (bytes > limit - bits.at) throw new CodecError('corrupt', 'a packet does not end in its tile-part');
    if (this.#blocks !== undefined) this.#place(this.#blocks.records, count, bits.at);
    return bits.at + bytes;
  }

  /** The bytes of a packet's blocks follow its header. */
  #place(records: Uint32Array, count: number, at: number): void {
    let start = at;
    for (let i = 0; i < count; ++i) {
      const record = this.#inPacket[i] as number;
      records[record + BLOCK_START] = start;
      start += (records[record + BLOCK_CLEANUP] as number) + (records[record + BLOCK_REFINEMENT] as number);
    }
  }

  /** Reads passes and lengths of a block, and returns their number of bytes. */
  #block(c: number, block: number, zeroPlanes: number, magnitudeBits: number, count: number): number {
    const bits = this.#bits;
    const coded = readPasses(bits);
    let lengthBits = 3;
    while (bits.bit() === 1) {
      if (++lengthBits > 26) throw new CodecError('corrupt', 'a code block has an invalid length');
    }
    // Passes before the cleanup pass that are only counted, three for each plane.
    const planes = Math.floor((coded - 1) / 3);
    const passes = coded - 3 * planes;
    if (zeroPlanes + planes >= magnitudeBits) throw new CodecError('corrupt', 'a code block has no magnitude bits');
    const cleanup = bits.bits(lengthBits + 31 - Math.clz32(3 * planes + 1));
    // The last two bytes of a cleanup pass tell how it is divided (T.814, 7.1.1).
    if (cleanup < 2) throw new CodecError('corrupt', 'a code block is too short');
    const refinement = passes > 1 ? bits.bits(lengthBits + (passes > 2 ? 1 : 0)) : 0;
    if (this.#blocks !== undefined) {
      const { records, first } = this.#blocks;
      const record = ((first[c] as number) + block) * BLOCK_RECORD;
      if (count === this.#inPacket.length) this.#grow();
      this.#inPacket[count] = record;
      records[record + BLOCK_CLEANUP] = cleanup;
      records[record + BLOCK_REFINEMENT] = refinement;
      records[record + BLOCK_PASSES] = passes;
      records[record + BLOCK_ZERO_PLANES] = zeroPlanes + planes;
    }
    return cleanup + refinement;
  }
  #grow(): void {
    const larger = new Uint32Array(2 * this.#inPacket.length);
    larger.set(this.#inPacket);
    this.#inPacket = larger;
  }
}

/** The number of coding passes (T.800, table B.4). */
function readPasses(bits: PacketBits): number {
  if (bits.bit() === 0) return 1;
  if (bits.bit() === 0) return 2;
  const few = bits.bits(2);
  if (few < 3) return 3 + few;
  const more = bits.bits(5);
  return more < 31 ? 6 + more : 37 + bits.bits(7);
}
