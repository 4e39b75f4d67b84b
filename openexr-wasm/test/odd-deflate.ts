// A deflate encoder that writes what a decoder must take but common encoders hardly ever write: matches that are no
// gain, blocks of every kind at any place, empty ones too, lop-sided codes, blocks without or with a single distance
// code, and the length 258 in its two spellings.

/** Numbers from 0 on below `below`, the same for the same seed. */
export type Random = (below: number) => number;

export function random(seed: number): Random {
  let state = seed | 1;
  return (below) => {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

type Token = { readonly literal: number } | { readonly length: number; readonly distance: number };

const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
];
const DISTANCE_BITS = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** Bits, from each byte's lowest on. */
class BitWriter {
  readonly bytes: number[] = [];
  #count = 0;

  put(value: number, bits: number): void {
    for (let i = 0; i < bits; ++i) {
      if (this.#count % 8 === 0) this.bytes.push(0);
      this.bytes[this.bytes.length - 1] = (this.bytes.at(-1) ?? 0) | (((value >> i) & 1) << (this.#count % 8));
      ++this.#count;
    }
  }

  align(): void {
    this.#count = this.bytes.length * 8;
  }
}

/** A zlib stream of `bytes`. */
export function oddDeflate(bytes: Uint8Array, next: Random): Uint8Array {
  const out = new BitWriter();
  out.put(0x78, 8);
  out.put(0x01, 8);
  let at = 0;
  let last = false;
  while (!last) {
    if (next(6) === 0) storeBlock(out, new Uint8Array(0), false);
    const end = Math.min(bytes.length, at + next(next(2) === 0 ? 40 : 3000));
    last = end === bytes.length;
    const kind = next(4);
    if (kind === 0) storeBlock(out, bytes.subarray(at, end), last);
    else codedBlock(out, tokenize(bytes, at, end, next), last, kind === 1, next);
    at = end;
  }
  out.align();
  const sum = adler32(bytes);
  for (const shift of [24, 16, 8, 0]) out.put((sum >>> shift) & 0xff, 8);
  return Uint8Array.from(out.bytes);
}

export function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return ((b << 16) | a) >>> 0;
}

function storeBlock(out: BitWriter, bytes: Uint8Array, last: boolean): void {
  out.put(last ? 1 : 0, 3);
  out.align();
  out.put(bytes.length, 16);
  out.put(bytes.length ^ 0xffff, 16);
  for (const byte of bytes) out.put(byte, 8);
}

/** Literals and matches: any match that there is at a distance picked at random, or next to the last one. */
function tokenize(bytes: Uint8Array, from: number, end: number, next: Random): Token[] {
  const tokens: Token[] = [];
  const greedy = next(3) > 0;
  const reach = [4, 300, 32768][next(3)] ?? 4;
  for (let at = from; at < end; ) {
    let best = { length: 0, distance: 0 };
    for (let tries = greedy ? 12 : 2; tries > 0 && at > 0; --tries) {
      const distance = 1 + next(Math.min(at, reach));
      let length = 0;
      const most = Math.min(258, end - at);
      while (length < most && bytes[at + length] === bytes[at + length - distance]) ++length;
      if (length > best.length) best = { length, distance };
    }
    if (best.length >= 3 && next(8) > 0) {
      // Not always as long as it could be.
      const length = next(4) === 0 ? 3 + next(best.length - 2) : best.length;
      tokens.push({ length, distance: best.distance });
      at += length;
    } else {
      tokens.push({ literal: bytes[at] ?? 0 });
      ++at;
    }
  }
  return tokens;
}

/** A symbol with its extra bits. */
interface Coded {
  readonly symbol: number;
  readonly extra: number;
  readonly bits: number;
}

function lengthOf(length: number, next: Random): Coded {
  // 258 can also be said as 227 and 31.
  const symbol = length === 258 && next(2) === 0 ? 27 : LENGTH_BASE.findLastIndex((base) => base <= length);
  return { symbol: 257 + symbol, extra: length - (LENGTH_BASE[symbol] ?? 0), bits: LENGTH_BITS[symbol] ?? 0 };
}

function distanceOf(distance: number): Coded {
  const symbol = DISTANCE_BASE.findLastIndex((base) => base <= distance);
  return { symbol, extra: distance - (DISTANCE_BASE[symbol] ?? 0), bits: DISTANCE_BITS[symbol] ?? 0 };
}

function codedBlock(out: BitWriter, tokens: readonly Token[], last: boolean, fixed: boolean, next: Random): void {
  const coded = tokens.map((token) =>
    'literal' in token
      ? [{ symbol: token.literal, extra: 0, bits: 0 }]
      : [lengthOf(token.length, next), distanceOf(token.distance)],
  );
  let literals: number[];
  let distances: number[];
  out.put(last ? 1 : 0, 1);
  out.put(fixed ? 1 : 2, 2);
  if (fixed) {
    literals = Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8));
    distances = Array<number>(30).fill(5);
  } else {
    literals = codeLengths(new Set([256, ...coded.map(([first]) => first?.symbol ?? 0)]), 286, next);
    distances = codeLengths(new Set(coded.flatMap(([, second]) => (second ? [second.symbol] : []))), 30, next);
    putHeader(out, literals, distances);
  }
  const literalCodes = codes(literals);
  const distanceCodes = codes(distances);
  for (const parts of [...coded, [{ symbol: 256, extra: 0, bits: 0 }]]) {
    parts.forEach(({ symbol, extra, bits }, i) => {
      const [code, size] = (i === 0 ? literalCodes : distanceCodes)[symbol] ?? [0, 0];
      out.put(code, size);
      out.put(extra, bits);
    });
  }
}

/** Lengths of a complete code for the symbols, by splitting leaves of a tree at random; one symbol alone gets one bit. */
function codeLengths(used: ReadonlySet<number>, count: number, next: Random): number[] {
  const lengths = Array<number>(count).fill(0);
  const symbols = [...used];
  if (symbols.length === 1) lengths[symbols[0] ?? 0] = 1;
  if (symbols.length < 2) return lengths;
  const leaves = [1, 1];
  while (leaves.length < symbols.length) {
    const i = next(3) === 0 ? leaves.length - 1 : next(leaves.length);
    const depth = leaves[i] ?? 1;
    // Deeper than 15 is not allowed.
    const at = depth < 15 ? i : leaves.findIndex((leaf) => leaf < 15);
    const split = (leaves[at] ?? 1) + 1;
    leaves.splice(at, 1, split, split);
  }
  symbols.forEach((symbol, i) => {
    lengths[symbol] = leaves[i] ?? 1;
  });
  return lengths;
}

/** A code's bits in the order they are written, and their number. */
function codes(lengths: readonly number[]): (readonly [number, number])[] {
  const result: (readonly [number, number])[] = [];
  let code = 0;
  for (let size = 1; size <= 15; ++size) {
    lengths.forEach((length, symbol) => {
      if (length !== size) return;
      const reversed = [...code.toString(2).padStart(size, '0')].reverse().join('');
      result[symbol] = [Number.parseInt(reversed, 2), size];
      ++code;
    });
    code <<= 1;
  }
  return result;
}

/** Code lengths as they are, each in four bits. */
function putHeader(out: BitWriter, literals: readonly number[], distances: readonly number[]): void {
  const literalCount = Math.max(257, literals.findLastIndex((length) => length > 0) + 1);
  const distanceCount = Math.max(1, distances.findLastIndex((length) => length > 0) + 1);
  out.put(literalCount - 257, 5);
  out.put(distanceCount - 1, 5);
  out.put(ORDER.length - 4, 4);
  for (const symbol of ORDER) out.put(symbol < 16 ? 4 : 0, 3);
  const lengthCodes = codes(Array<number>(16).fill(4));
  for (const length of [...literals.slice(0, literalCount), ...distances.slice(0, distanceCount)]) {
    const [code, size] = lengthCodes[length] ?? [0, 0];
    out.put(code, size);
  }
}
