import { corrupt } from './error.js';
import { BackwardBits, ForwardBits } from './zstd-bits.js';

/** A finite state machine of zstd (RFC 8878, section 4.1). Arrays are indexed by state. */
export interface FseTable {
  /** Bits of the first state. */
  readonly log: number;
  readonly symbol: Uint8Array;
  /** Bits to read for the next state, to be added to `base`. */
  readonly bits: Uint8Array;
  readonly base: Uint16Array;
}

/** The table of one symbol that takes no bits (mode RLE). */
export function singleSymbol(symbol: number): FseTable {
  return { log: 0, symbol: Uint8Array.of(symbol), bits: new Uint8Array(1), base: new Uint16Array(1) };
}

/**
 * Reads the description of an FSE table (RFC 8878, section 4.1.1) between two bytes of the view.
 *
 * @returns the table and where the byte after its description stands
 */
export function readFseTable(
  view: DataView,
  from: number,
  to: number,
  maxLog: number,
  maxSymbol: number,
): { table: FseTable; end: number } {
  const bits = new ForwardBits(view, from, to);
  const log = bits.peek(4) + 5;
  bits.skip(4);
  if (log > maxLog) throw corrupt('zstd: a table is larger than its kind may be');
  const counts: number[] = [];
  let left = 1 << log;
  while (left > 0) {
    // A value up to left + 1 is written in the fewest bits that hold it; the lowest values save one bit.
    const width = 32 - Math.clz32(left + 1);
    const saved = (1 << width) - 1 - (left + 1);
    const short = bits.peek(width - 1);
    let value = short;
    if (short < saved) bits.skip(width - 1);
    else {
      value = bits.peek(width);
      if (value >= 1 << (width - 1)) value -= saved;
      bits.skip(width);
    }
    const count = value - 1;
    counts.push(count);
    left -= Math.abs(count);
    if (count === 0) {
      for (let more = 3; more === 3; ) {
        more = bits.peek(2);
        bits.skip(2);
        for (let i = 0; i < more; i++) counts.push(0);
      }
    }
    if (counts.length > maxSymbol + 1) throw corrupt('zstd: a table has more symbols than its kind may have');
  }
  return { table: buildFseTable(counts, log), end: bits.nextByte };
}

/**
 * Spreads the symbols over the states (RFC 8878, section 4.1.1, "From normalized distribution to decoding tables").
 *
 * @param counts states of each symbol; -1 stands for "less than one", which takes one state at the table's end
 */
export function buildFseTable(counts: readonly number[], log: number): FseTable {
  const size = 1 << log;
  const symbol = new Uint8Array(size);
  const next = new Uint16Array(counts.length);
  let high = size;
  counts.forEach((count, s) => {
    if (count === -1) symbol[--high] = s;
    next[s] = Math.abs(count);
  });
  const step = (size >> 1) + (size >> 3) + 3;
  let at = 0;
  counts.forEach((count, s) => {
    for (let i = 0; i < count; i++) {
      symbol[at] = s;
      do at = (at + step) & (size - 1);
      while (at >= high);
    }
  });
  const bits = new Uint8Array(size);
  const base = new Uint16Array(size);
  for (let state = 0; state < size; state++) {
    const s = symbol[state] as number;
    const rank = next[s] as number;
    next[s] = rank + 1;
    const width = log - (31 - Math.clz32(rank));
    bits[state] = width;
    base[state] = (rank << width) - size;
  }
  return { log, symbol, bits, base };
}

/** A prefix code: an entry for every value of the next `maxBits` bits, as `symbol << 8 | bits used`. */
export interface HuffmanTable {
  readonly maxBits: number;
  readonly entries: Uint16Array;
}

/** Longest code of a literal (RFC 8878, section 4.2.1). */
const maxHuffmanBits = 11;
/** Largest FSE table of Huffman weights (RFC 8878, section 4.2.1.2). */
const maxWeightLog = 6;

/**
 * Reads a Huffman tree (RFC 8878, section 4.2.1) between two bytes of the view.
 *
 * @returns the table and where the byte after its description stands
 */
export function readHuffmanTable(view: DataView, from: number, to: number): { table: HuffmanTable; end: number } {
  if (from >= to) throw corrupt('zstd: a Huffman tree is missing');
  const head = view.getUint8(from);
  const packed = head < 128;
  const end = from + 1 + (packed ? head : (head - 126) >> 1);
  if (end > to) throw corrupt('zstd: a Huffman tree runs beyond its end');
  const weights = packed ? packedWeights(view, from + 1, end) : plainWeights(view, from + 1, head - 127);
  return { table: buildHuffmanTable(weights), end };
}

function plainWeights(view: DataView, from: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => (view.getUint8(from + (i >> 1)) >> (i & 1 ? 0 : 4)) & 15);
}

/** Two interleaved states of one table give a weight in turn, until the bits do not suffice for the next state. */
function packedWeights(view: DataView, from: number, to: number): number[] {
  const { table, end } = readFseTable(view, from, to, maxWeightLog, maxHuffmanBits + 1);
  const bits = new BackwardBits(view, end, to);
  const states = [bits.read(table.log), bits.read(table.log)];
  const weights: number[] = [];
  for (let turn = 0; ; turn ^= 1) {
    const state = states[turn] as number;
    weights.push(table.symbol[state] as number);
    const width = table.bits[state] as number;
    if (bits.left < width) {
      weights.push(table.symbol[states[turn ^ 1] as number] as number);
      break;
    }
    states[turn] = (table.base[state] as number) + bits.read(width);
    // A table of one symbol takes no bits, so the bits alone would never end this.
    if (weights.length >= 255) throw corrupt('zstd: a Huffman tree has too many weights');
  }
  return weights;
}

/** The last weight is not written: it is what makes the code complete. */
function buildHuffmanTable(weights: number[]): HuffmanTable {
  let sum = 0;
  for (const weight of weights) {
    if (weight > maxHuffmanBits) throw corrupt('zstd: a Huffman code is too long');
    sum += (1 << weight) >> 1;
  }
  const maxBits = 32 - Math.clz32(sum);
  const missing = (1 << maxBits) - sum;
  if (sum === 0 || maxBits > maxHuffmanBits || (missing & (missing - 1)) !== 0 || weights.length > 255)
    throw corrupt('zstd: a Huffman code is not complete');
  const all = [...weights, 32 - Math.clz32(missing)];
  const entries = new Uint16Array(1 << maxBits);
  let at = 0;
  for (let weight = 1; weight <= maxBits; weight++) {
    all.forEach((own, symbol) => {
      if (own !== weight) return;
      const span = 1 << (weight - 1);
      entries.fill((symbol << 8) | (maxBits + 1 - weight), at, at + span);
      at += span;
    });
  }
  return { maxBits, entries };
}
