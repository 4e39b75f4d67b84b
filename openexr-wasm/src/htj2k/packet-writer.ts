// Packet headers of code-blocks with one coding pass (T.800, B.10), with the order of blocks and the numbers of zero bit-planes
// of OpenEXR's encoder: one number for all of a band.
import type { Band } from './geometry.js';

/** Bits of a block's length without any increment. */
const LENGTH_BITS = 3;

/** Writes bits from the top of each byte; the byte after 0xff has seven. */
class BitWriter {
  readonly bytes: number[] = [];
  #part = 0;
  #left = 8;

  bit(value: number): void {
    this.#part = (this.#part << 1) | value;
    if (--this.#left === 0) this.#flush();
  }

  bits(value: number, count: number): void {
    for (let i = count - 1; i >= 0; --i) this.bit((value >>> i) & 1);
  }

  /** Fills the last byte; 0xff must be followed by another one. */
  finish(): Uint8Array {
    if (this.#left < 8 || this.bytes.at(-1) === 0xff) {
      this.#part <<= this.#left;
      this.#flush();
    }
    return Uint8Array.from(this.bytes);
  }

  #flush(): void {
    this.bytes.push(this.#part);
    this.#left = this.#part === 0xff ? 7 : 8;
    this.#part = 0;
  }
}

/** A band's blocks in a packet: their lengths, row by row; 0 for one that is not in it. */
export interface PacketBand extends Pick<Band, 'blocksWide' | 'blocksHigh'> {
  readonly lengths: Uint32Array;
  /** For each block in the packet. */
  readonly zeroPlanes: number;
}

/** The header of a packet whose only precinct is its whole resolution. */
export function writePacketHeader(bands: readonly PacketBand[]): Uint8Array {
  const writer = new BitWriter();
  const isEmpty = bands.every(({ lengths }) => lengths.every((length) => length === 0));
  writer.bit(isEmpty ? 0 : 1);
  if (!isEmpty) for (const band of bands) writeBand(writer, band);
  return writer.finish();
}

/** A level of both tag trees: which nodes have any block in the packet, and what has been written about them so far. */
interface TreeLevel {
  readonly width: number;
  readonly present: Uint8Array;
  readonly toldPresence: Uint8Array;
  readonly toldPlanes: Uint8Array;
}

function writeBand(writer: BitWriter, { blocksWide, blocksHigh, lengths, zeroPlanes }: PacketBand): void {
  if (lengths.length === 0) return;
  const levels = buildTree(blocksWide, blocksHigh, lengths);
  for (const [block, length] of lengths.entries()) {
    const x = block % blocksWide;
    const y = Math.floor(block / blocksWide);
    let present = 1;
    for (let level = levels.length - 1; level >= 0 && present === 1; --level) {
      const tree = levels[level] as TreeLevel;
      const node = (y >> level) * tree.width + (x >> level);
      present = tree.present[node] as number;
      if (tree.toldPresence[node] === 0) writer.bit(present);
      tree.toldPresence[node] = 1;
    }
    if (present === 0) continue;
    for (let level = levels.length - 1; level >= 0; --level) {
      const tree = levels[level] as TreeLevel;
      const node = (y >> level) * tree.width + (x >> level);
      if (tree.toldPlanes[node] === 1) continue;
      tree.toldPlanes[node] = 1;
      // All nodes have the value of the root.
      if (level === levels.length - 1) for (let i = 0; i < zeroPlanes; ++i) writer.bit(0);
      writer.bit(1);
    }
    // One pass; how many bits its length has beyond three; the length.
    writer.bit(0);
    const bits = Math.max(LENGTH_BITS, 32 - Math.clz32(length));
    for (let i = LENGTH_BITS; i < bits; ++i) writer.bit(1);
    writer.bit(0);
    writer.bits(length, bits);
  }
}

function buildTree(blocksWide: number, blocksHigh: number, lengths: Uint32Array): TreeLevel[] {
  const levels: TreeLevel[] = [];
  let [width, height] = [blocksWide, blocksHigh];
  for (;;) {
    const count = width * height;
    const present = new Uint8Array(count);
    levels.push({ width, present, toldPresence: new Uint8Array(count), toldPlanes: new Uint8Array(count) });
    if (count === 1) break;
    width = (width + 1) >> 1;
    height = (height + 1) >> 1;
  }
  for (const [block, length] of lengths.entries()) {
    if (length === 0) continue;
    const x = block % blocksWide;
    const y = Math.floor(block / blocksWide);
    for (const [level, { present, width }] of levels.entries()) present[(y >> level) * width + (x >> level)] = 1;
  }
  return levels;
}
