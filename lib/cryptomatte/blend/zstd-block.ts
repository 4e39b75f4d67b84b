import { corrupt } from './error.js';
import { BackwardBits } from './zstd-bits.js';
import {
  buildFseTable,
  type FseTable,
  type HuffmanTable,
  readFseTable,
  readHuffmanTable,
  singleSymbol,
} from './zstd-tables.js';

/** Most bytes of a block, packed or not (RFC 8878, section 3.1.1.2.4). */
export const maxBlockBytes = 1 << 17;

/** Bits that follow each code, and the value the code begins at (RFC 8878, section 3.1.1.3.2.1.1). */
const literalLengthBits = [
  ...new Array<number>(16).fill(0),
  1,
  1,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  6,
  7,
  8,
  9,
  10,
  11,
  12,
  13,
  14,
  15,
  16,
];
const matchLengthBits = [
  ...new Array<number>(32).fill(0),
  1,
  1,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  4,
  5,
  7,
  8,
  9,
  10,
  11,
  12,
  13,
  14,
  15,
  16,
];
const literalLengthBase = bases(literalLengthBits, 0);
const matchLengthBase = bases(matchLengthBits, 3);

function bases(bits: readonly number[], first: number): number[] {
  let next = first;
  return bits.map((count) => {
    const base = next;
    next += 1 << count;
    return base;
  });
}

/** One of the three codes a sequence is made of. */
interface SequenceCode {
  readonly maxLog: number;
  readonly maxSymbol: number;
  /** The table of mode "predefined" (RFC 8878, section 3.1.1.3.2.2). */
  readonly predefined: FseTable;
}

const literalLengthCode: SequenceCode = {
  maxLog: 9,
  maxSymbol: literalLengthBits.length - 1,
  predefined: buildFseTable(
    [4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1],
    6,
  ),
};

const matchLengthCode: SequenceCode = {
  maxLog: 9,
  maxSymbol: matchLengthBits.length - 1,
  predefined: buildFseTable(
    [1, 4, 3, 2, 2, 2, 2, 2, 2, ...new Array<number>(37).fill(1), -1, -1, -1, -1, -1, -1, -1],
    6,
  ),
};

const offsetCode: SequenceCode = {
  maxLog: 8,
  maxSymbol: 31,
  predefined: buildFseTable(
    [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1],
    5,
  ),
};

/** Codes of offsets beyond this reach further back than any window that is accepted here. */
const maxOffsetCode = 28;

/** Copies below this many bytes are faster in a loop than by a call; most are. */
const shortCopy = 48;

/** Where blocks are unpacked to: the window of the frame, for matches to reach back into. */
export interface BlockOutput {
  /** Bytes of the frame, as far back as matches may reach. */
  readonly bytes: Uint8Array;
  /** Where the next byte goes; the block's reserved room follows. */
  end: number;
  /** Farthest distance a match may reach back from `end`. */
  readonly reach: number;
}

/**
 * Unpacks the compressed blocks of one zstd frame (RFC 8878, section 3.1.1.3).
 *
 * Unlike the usual decoders in JavaScript it trusts nothing: every length is held against the block's limit before a
 * byte is copied, so work and memory are bounded by the sizes of the blocks, whatever the bytes say.
 */
export class BlockDecoder {
  readonly #input = new Uint8Array(maxBlockBytes + 8);
  readonly #view = new DataView(this.#input.buffer);
  readonly #literals = new Uint8Array(maxBlockBytes);
  readonly #maxBytes: number;
  #huffman: HuffmanTable | undefined;
  #literalLengths: FseTable | undefined;
  #matchLengths: FseTable | undefined;
  #offsets: FseTable | undefined;
  /** The three last offsets, the last one first (RFC 8878, section 3.1.1.5). */
  #first = 1;
  #second = 4;
  #third = 8;

  /** @param maxBytes most bytes a block of the frame may unpack to */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Appends what the block holds to the output, which must have room for the block's most bytes. */
  decode(block: Uint8Array, output: BlockOutput): void {
    if (block.length > maxBlockBytes) throw corrupt('zstd: a block is too large');
    this.#input.set(block);
    const literals = this.#readLiterals(block.length);
    this.#readSequences(literals.end, block.length, literals.count, output);
  }

  /** Literals section (RFC 8878, section 3.1.1.3.1): `count` bytes into the literals buffer. */
  #readLiterals(end: number): { count: number; end: number } {
    const view = this.#view;
    const head = view.getUint32(0, true);
    const type = head & 3;
    const format = (head >> 2) & 3;
    if (type < 2) {
      const headBytes = format === 1 ? 2 : format === 3 ? 3 : 1;
      const count = headBytes === 1 ? (head >> 3) & 31 : (head >> 4) & (headBytes === 2 ? 0xfff : 0xfffff);
      const next = headBytes + (type === 0 ? count : 1);
      if (count > this.#maxBytes || next > end) throw corrupt('zstd: literals run beyond their block');
      if (type === 0) this.#literals.set(this.#input.subarray(headBytes, next));
      else this.#literals.fill(this.#input[headBytes] as number, 0, count);
      return { count, end: next };
    }
    const sizeBits = format < 2 ? 10 : format === 2 ? 14 : 18;
    const headBytes = (4 + 2 * sizeBits) >> 3;
    // The two sizes take up to 36 bits after the first four, too many for 32-bit operations.
    const sizes = Number((view.getBigUint64(0, true) >> 4n) & 0xfffffffffn);
    const count = sizes % 2 ** sizeBits;
    const next = headBytes + (Math.floor(sizes / 2 ** sizeBits) % 2 ** sizeBits);
    if (count > this.#maxBytes || next > end) throw corrupt('zstd: literals run beyond their block');
    let from = headBytes;
    if (type === 2) {
      const tree = readHuffmanTable(view, from, next);
      this.#huffman = tree.table;
      from = tree.end;
    }
    if (this.#huffman === undefined) throw corrupt('zstd: a block repeats a Huffman tree that was never given');
    if (format === 0) this.#readHuffman(this.#huffman, from, next, 0, count);
    else this.#readFourStreams(this.#huffman, from, next, count);
    return { count, end: next };
  }

  /** Four streams, the sizes of the first three in front (RFC 8878, section 3.1.1.3.1.6). */
  #readFourStreams(table: HuffmanTable, from: number, to: number, count: number): void {
    const quarter = (count + 3) >> 2;
    if (to - from < 6 || quarter * 3 > count) throw corrupt('zstd: four streams do not fit their literals');
    let at = from + 6;
    for (let stream = 0; stream < 4; stream++) {
      const next = stream < 3 ? at + this.#view.getUint16(from + stream * 2, true) : to;
      if (next > to) throw corrupt('zstd: a stream runs beyond its literals');
      this.#readHuffman(table, at, next, stream * quarter, stream < 3 ? (stream + 1) * quarter : count);
      at = next;
    }
  }

  #readHuffman(table: HuffmanTable, from: number, to: number, first: number, end: number): void {
    const bits = new BackwardBits(this.#view, from, to);
    const { maxBits, entries } = table;
    for (let i = first; i < end; i++) {
      const entry = entries[bits.peek(maxBits)] as number;
      this.#literals[i] = entry >> 8;
      bits.left -= entry & 15;
      if (bits.left < 0) throw corrupt('zstd: a Huffman stream ends too early');
    }
    if (bits.left !== 0) throw corrupt('zstd: a Huffman stream is longer than its literals');
  }

  /** Sequences section (RFC 8878, section 3.1.1.3.2), carried out at once (section 3.1.1.4). */
  #readSequences(from: number, to: number, literalCount: number, output: BlockOutput): void {
    const view = this.#view;
    const first = from < to ? view.getUint8(from) : -1;
    const countBytes = first < 128 ? 1 : first < 255 ? 2 : 3;
    if (first < 0 || from + countBytes > to) throw corrupt('zstd: a block ends before its sequences');
    let count = first;
    if (countBytes === 2) count = ((first - 128) << 8) + view.getUint8(from + 1);
    if (countBytes === 3) count = view.getUint16(from + 1, true) + 0x7f00;
    if (count === 0) {
      if (from + countBytes !== to) throw corrupt('zstd: a block is longer than what it holds');
      this.#appendLiterals(0, literalCount, output, output.end + this.#maxBytes);
      return;
    }
    let at = from + countBytes;
    if (at >= to) throw corrupt('zstd: a block ends before its sequences');
    const modes = view.getUint8(at++);
    if ((modes & 3) !== 0) throw corrupt('zstd: unknown sequence mode');
    const tableOf = (code: SequenceCode, mode: number, previous: FseTable | undefined): FseTable => {
      if (mode === 0) return code.predefined;
      if (mode === 3) {
        if (previous === undefined) throw corrupt('zstd: a block repeats a table that was never given');
        return previous;
      }
      if (mode === 1) {
        const symbol = at < to ? view.getUint8(at++) : Number.POSITIVE_INFINITY;
        if (symbol > code.maxSymbol) throw corrupt('zstd: unknown sequence code');
        return singleSymbol(symbol);
      }
      const read = readFseTable(view, at, to, code.maxLog, code.maxSymbol);
      at = read.end;
      return read.table;
    };
    this.#literalLengths = tableOf(literalLengthCode, modes >> 6, this.#literalLengths);
    this.#offsets = tableOf(offsetCode, (modes >> 4) & 3, this.#offsets);
    this.#matchLengths = tableOf(matchLengthCode, (modes >> 2) & 3, this.#matchLengths);
    this.#runSequences(new BackwardBits(view, at, to), count, literalCount, output);
  }

  #runSequences(bits: BackwardBits, count: number, literalCount: number, output: BlockOutput): void {
    const literalLengths = this.#literalLengths as FseTable;
    const offsets = this.#offsets as FseTable;
    const matchLengths = this.#matchLengths as FseTable;
    const limit = output.end + this.#maxBytes;
    let literalState = bits.read(literalLengths.log);
    let offsetState = bits.read(offsets.log);
    let matchState = bits.read(matchLengths.log);
    let used = 0;
    for (let i = 0; i < count; i++) {
      const value = readOffsetValue(bits, offsets.symbol[offsetState] as number);
      const matchCode = matchLengths.symbol[matchState] as number;
      const matchLength = (matchLengthBase[matchCode] as number) + bits.read(matchLengthBits[matchCode] as number);
      const literalCode = literalLengths.symbol[literalState] as number;
      const literalLength =
        (literalLengthBase[literalCode] as number) + bits.read(literalLengthBits[literalCode] as number);
      if (i < count - 1) {
        literalState = nextState(literalLengths, literalState, bits);
        matchState = nextState(matchLengths, matchState, bits);
        offsetState = nextState(offsets, offsetState, bits);
      }
      if (used + literalLength > literalCount) throw corrupt('zstd: a sequence needs more literals than there are');
      this.#appendLiterals(used, used + literalLength, output, limit);
      used += literalLength;
      appendMatch(output, this.#resolveOffset(value, literalLength), matchLength, limit);
    }
    if (bits.left !== 0) throw corrupt('zstd: sequences do not use up their bits');
    this.#appendLiterals(used, literalCount, output, limit);
  }

  #appendLiterals(from: number, to: number, output: BlockOutput, limit: number): void {
    if (output.end + to - from > limit) throw corrupt('zstd: a block unpacks to more than it may');
    const { bytes, end } = output;
    const literals = this.#literals;
    if (to - from < shortCopy) for (let i = from; i < to; i++) bytes[end + i - from] = literals[i] as number;
    else bytes.set(literals.subarray(from, to), end);
    output.end = end + to - from;
  }

  /** Values 1 to 3 name one of the three last offsets (RFC 8878, section 3.1.1.5). */
  #resolveOffset(value: number, literalLength: number): number {
    const choice = literalLength === 0 ? value : value - 1;
    if (value <= 3 && choice === 0) return this.#first;
    let offset = value - 3;
    if (value <= 3) offset = choice === 1 ? this.#second : choice === 2 ? this.#third : this.#first - 1;
    if (value > 3 || choice > 1) this.#third = this.#second;
    this.#second = this.#first;
    this.#first = offset;
    return offset;
  }
}

function readOffsetValue(bits: BackwardBits, code: number): number {
  if (code > maxOffsetCode) throw corrupt('zstd: a match reaches back beyond every window');
  // The bit reader gives 24 bits at most; the higher ones come first.
  if (code <= 24) return (1 << code) + bits.read(code);
  return (1 << code) + (bits.read(code - 24) << 24) + bits.read(24);
}

function nextState(table: FseTable, state: number, bits: BackwardBits): number {
  return (table.base[state] as number) + bits.read(table.bits[state] as number);
}

/** Copies bytes from `offset` back; the copy may overlap what it makes, which repeats it. */
function appendMatch(output: BlockOutput, offset: number, length: number, limit: number): void {
  const { bytes, end } = output;
  if (offset < 1 || offset > output.reach || offset > end) throw corrupt('zstd: a match reaches back too far');
  if (end + length > limit) throw corrupt('zstd: a block unpacks to more than it may');
  if (offset >= length && length >= shortCopy) bytes.copyWithin(end, end - offset, end - offset + length);
  else for (let i = end; i < end + length; i++) bytes[i] = bytes[i - offset] as number;
  output.end = end + length;
}
