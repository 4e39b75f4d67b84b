import { ExrError } from '../model/error.js';
import { decodeText, encodeText } from '../model/text.js';

/** A bounds-checked cursor over little-endian bytes. Reading past the end is an `invalid` error. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  take(length: number): Uint8Array {
    const from = this.#advance(length);
    return this.bytes.subarray(from, from + length);
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  i32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  f32(): number {
    return this.#view.getFloat32(this.#advance(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#advance(8), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#advance(8), true);
  }

  /** Text up to a zero byte, which is consumed. */
  cstring(limit: number): string {
    const end = this.bytes.indexOf(0, this.at);
    if (end < 0 || end - this.at > limit)
      throw new ExrError('invalid', 'NAME_TOO_LONG', `a name is longer than ${limit} bytes`);
    const text = decodeText(this.bytes.subarray(this.at, end));
    this.at = end + 1;
    return text;
  }

  #advance(length: number): number {
    const from = this.at;
    if (length < 0 || length > this.left)
      throw new ExrError('invalid', 'VALUE_TRUNCATED', `expected ${length} bytes, only ${this.left} remain`);
    this.at = from + length;
    return from;
  }
}

/** Grows as it is written; little-endian. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  length = 0;

  /** With the number of bytes that will be written, where it is known, none is copied. */
  constructor(expected = 256) {
    this.#bytes = new Uint8Array(expected);
    this.#view = new DataView(this.#bytes.buffer);
  }

  u8(value: number): this {
    const at = this.#room(1);
    this.#view.setUint8(at, value);
    return this;
  }

  u32(value: number): this {
    const at = this.#room(4);
    this.#view.setUint32(at, value, true);
    return this;
  }

  i32(value: number): this {
    const at = this.#room(4);
    this.#view.setInt32(at, value, true);
    return this;
  }

  f32(value: number): this {
    const at = this.#room(4);
    this.#view.setFloat32(at, value, true);
    return this;
  }

  f64(value: number): this {
    const at = this.#room(8);
    this.#view.setFloat64(at, value, true);
    return this;
  }

  u64(value: bigint): this {
    const at = this.#room(8);
    this.#view.setBigUint64(at, value, true);
    return this;
  }

  bytes(value: Uint8Array): this {
    const from = this.#room(value.length);
    this.#bytes.set(value, from);
    return this;
  }

  /** Text and a zero byte. */
  cstring(text: string): this {
    return this.bytes(encodeText(text)).u8(0);
  }

  done(): Uint8Array {
    return this.length === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.length);
  }

  #room(length: number): number {
    const from = this.length;
    if (from + length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#bytes.length * 2, from + length));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.length = from + length;
    return from;
  }
}

/** Whether two byte arrays have the same length and content. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  // Manifests have megabytes, and words take a tenth of the time; short values are mostly attributes.
  const words = a.length < 1024 ? 0 : a.length >> 2;
  if (words > 0) {
    const [first, second] = [wordsOf(a, words), wordsOf(b, words)];
    for (let at = 0; at < words; at++) if (first[at] !== second[at]) return false;
  }
  for (let at = words << 2; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** Bytes as 32-bit words, which must be aligned in memory. */
function wordsOf(bytes: Uint8Array, count: number): Uint32Array {
  const { buffer, byteOffset } = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  return new Uint32Array(buffer, byteOffset, count);
}
