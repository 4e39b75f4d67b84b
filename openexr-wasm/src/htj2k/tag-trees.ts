// The two tag trees of a band in a packet (T.800, B.10.2): which code blocks are in it, and how many of their magnitude
// bits, from the top, are zero everywhere. With one quality layer a node of the first is one bit.
import { CodecError } from '../errors.js';
import type { PacketBits } from './packet-bits.js';

/** No band has so many magnitude bits: 7 guard bits and an exponent of 31. */
const MAX_ZERO_PLANES = 74;

const UNKNOWN = -1;

export class TagTrees {
  /** Levels from the blocks up to the root: their width, and where their nodes begin. */
  #levels = 0;
  readonly #widths = new Uint32Array(33);
  readonly #starts = new Uint32Array(33);
  #nodes = 0;
  #blocksWide = 0;
  #blocksHigh = 0;
  #absent = new Int8Array(0);
  #zeroPlanes = new Int8Array(0);

  /** Begins the trees of a band with this many blocks in the packet. */
  start(blocksWide: number, blocksHigh: number): void {
    if (blocksWide !== this.#blocksWide || blocksHigh !== this.#blocksHigh) this.#resize(blocksWide, blocksHigh);
    if (this.#nodes === 1) {
      this.#absent[0] = this.#zeroPlanes[0] = UNKNOWN;
      return;
    }
    this.#absent.fill(UNKNOWN, 0, this.#nodes);
    this.#zeroPlanes.fill(UNKNOWN, 0, this.#nodes);
  }

  /** Reads whether a block is in the packet. */
  includes(bits: PacketBits, x: number, y: number): boolean {
    for (let level = this.#levels - 1; level >= 0; --level) {
      const node = this.#node(level, x, y);
      let absent = this.#absent[node] as number;
      if (absent === UNKNOWN) this.#absent[node] = absent = bits.bit() ^ 1;
      if (absent === 1) return false;
    }
    return true;
  }

  /** Reads a block's number of magnitude bits that are zero. */
  zeroPlanes(bits: PacketBits, x: number, y: number): number {
    let least = 0;
    for (let level = this.#levels - 1; level >= 0; --level) {
      const node = this.#node(level, x, y);
      const known = this.#zeroPlanes[node] as number;
      if (known !== UNKNOWN) {
        least = known;
        continue;
      }
      while (bits.bit() === 0) {
        if (++least > MAX_ZERO_PLANES) throw new CodecError('corrupt', 'a code block has too few magnitude bits');
      }
      this.#zeroPlanes[node] = least;
    }
    return least;
  }

  #node(level: number, x: number, y: number): number {
    return (this.#starts[level] as number) + (y >> level) * (this.#widths[level] as number) + (x >> level);
  }

  #resize(blocksWide: number, blocksHigh: number): void {
    this.#blocksWide = blocksWide;
    this.#blocksHigh = blocksHigh;
    let [width, height] = [blocksWide, blocksHigh];
    this.#nodes = 0;
    this.#levels = 0;
    for (;;) {
      this.#widths[this.#levels] = width;
      this.#starts[this.#levels] = this.#nodes;
      ++this.#levels;
      this.#nodes += width * height;
      if (width * height === 1) break;
      width = (width + 1) >> 1;
      height = (height + 1) >> 1;
    }
    if (this.#nodes <= this.#absent.length) return;
    this.#absent = new Int8Array(this.#nodes);
    this.#zeroPlanes = new Int8Array(this.#nodes);
  }
}
