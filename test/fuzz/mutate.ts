/** Bytes that are nearly those of a seed. */
import type { Random } from './random.js';

/** Where a seed's bytes are worth changing, first byte and the one behind the last. */
export type Span = readonly [from: number, to: number];

export interface Material {
  readonly bytes: Uint8Array;
  /** Other seeds, to take pieces of. */
  readonly others: readonly Uint8Array[];
  /** Changes fall into these; anywhere without them. */
  readonly spans?: readonly Span[] | undefined;
  /** Pieces that mean something there. */
  readonly words?: readonly Uint8Array[] | undefined;
}

/** Lengths, counts and coordinates at the borders of what can be. */
const numbers = [0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 255, 256, 1023, 4096, 65535, 65536, 2 ** 20, 2 ** 24, 2 ** 30];
const edges = [...numbers, 2 ** 31 - 1, ...numbers.map((number) => -number), -(2 ** 31)];

type Mutation = (bytes: Uint8Array, at: number, random: Random, material: Material) => Uint8Array;

const flipBit: Mutation = (bytes, at, random) => {
  bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
  return bytes;
};

const setByte: Mutation = (bytes, at, random) => {
  bytes[at] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
  return bytes;
};

const setNumber: Mutation = (bytes, at, random) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const value = random.pick(edges);
  const size = random.pick([2, 4, 4, 8]);
  if (at + size > bytes.length) return setByte(bytes, at, random, { bytes, others: [] });
  if (size === 2) view.setInt16(at, value, true);
  else if (size === 4) view.setInt32(at, value, true);
  else view.setBigInt64(at, BigInt(value) * BigInt(random.pick([1, 1, 2 ** 20, 2 ** 32])), true);
  return bytes;
};

const addToNumber: Mutation = (bytes, at, random) => {
  if (at + 4 > bytes.length) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setInt32(at, view.getInt32(at, true) + random.below(9) - 4, true);
  return bytes;
};

const remove: Mutation = (bytes, at, random) => replaced(bytes, at, 1 + random.below(random.pick([4, 16, 256])), none);

const repeat: Mutation = (bytes, at, random) => {
  const piece = bytes.slice(at, at + 1 + random.below(random.pick([4, 16, 256])));
  return replaced(bytes, at, 0, piece);
};

const insertWord: Mutation = (bytes, at, random, { words, others }) => {
  if (words && words.length > 0) return replaced(bytes, at, random.pick([0, 0, 1, 4]), random.pick(words));
  return takeFromOther(bytes, at, random, { bytes, others });
};

const takeFromOther: Mutation = (bytes, at, random, { others }) => {
  const other = random.pick(others) ?? bytes;
  const from = random.below(other.length);
  const length = 1 + random.below(random.pick([8, 64, 1024]));
  return replaced(bytes, at, random.pick([0, length]), other.subarray(from, from + length));
};

const moveWithin: Mutation = (bytes, at, random) => {
  const from = random.below(bytes.length);
  bytes.copyWithin(at, from, from + 1 + random.below(random.pick([4, 32, 512])));
  return bytes;
};

const cut: Mutation = (bytes, at) => bytes.slice(0, at);

const none = new Uint8Array(0);

const usual = [flipBit, setByte, setNumber, setNumber, addToNumber, remove, repeat, insertWord, moveWithin];
const rare = [takeFromOther, cut];

/** Some changes of one seed; the seed stays as it is. */
export function mutate(material: Material, random: Random): Uint8Array {
  let bytes: Uint8Array = material.bytes.slice();
  const count = 1 + random.below(random.pick([1, 2, 4, 12]));
  for (let i = 0; i < count && bytes.length > 0; i++) {
    const [from, to] = random.pick(material.spans ?? []) ?? [0, bytes.length];
    const at = Math.min(bytes.length - 1, from + random.below(to - from));
    const mutation = random.below(12) === 0 ? random.pick(rare) : random.pick(usual);
    bytes = mutation(bytes, at, random, material);
  }
  return bytes;
}

function replaced(bytes: Uint8Array, at: number, count: number, by: Uint8Array): Uint8Array {
  const rest = bytes.subarray(Math.min(bytes.length, at + count));
  const out = new Uint8Array(at + by.length + rest.length);
  out.set(bytes.subarray(0, at));
  out.set(by, at);
  out.set(rest, at + by.length);
  return out;
}
