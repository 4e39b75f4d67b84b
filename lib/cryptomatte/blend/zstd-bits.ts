import { corrupt } from './error.js';

/**
 * The two ways zstd reads bits (RFC 8878, sections 4.1 and 4.2.2). Both load four bytes at a time, so the buffer
 * behind the view must have at least four readable bytes after the stretch being read; what is loaded from there is
 * masked away.
 */

/** Forward, least significant bit first: the description of an FSE table. */
export class ForwardBits {
  readonly #view: DataView;
  readonly #from: number;
  readonly #end: number;
  #at = 0;

  constructor(view: DataView, from: number, to: number) {
    this.#view = view;
    this.#from = from;
    this.#end = (to - from) * 8;
  }

  /** Looks at the next `count` bits (at most 24), without moving. Bits beyond the end are not checked. */
  peek(count: number): number {
    const byte = Math.min(this.#from + (this.#at >>> 3), this.#view.byteLength - 4);
    return (this.#view.getUint32(byte, true) >>> (this.#at & 7)) & ((1 << count) - 1);
  }

  skip(count: number): void {
    this.#at += count;
    if (this.#at > this.#end) throw corrupt('zstd: a table description runs beyond its end');
  }

  /** Where the byte after the last one that was read from stands. */
  get nextByte(): number {
    return this.#from + ((this.#at + 7) >>> 3);
  }
}

/** Backward, from a marker bit in the last byte: everything that is entropy coded. */
export class BackwardBits {
  readonly #view: DataView;
  readonly #from: number;
  /** Bits not read yet. */
  left: number;

  constructor(view: DataView, from: number, to: number) {
    const last = to > from ? view.getUint8(to - 1) : 0;
    if (last === 0) throw corrupt('zstd: a bit stream has no end marker');
    this.#view = view;
    this.#from = from;
    this.left = (to - from - 1) * 8 + (31 - Math.clz32(last));
  }

  /** The next `count` bits, at most 24. */
  read(count: number): number {
    this.left -= count;
    if (this.left < 0) throw corrupt('zstd: a bit stream ends too early');
    return (this.#view.getUint32(this.#from + (this.left >>> 3), true) >>> (this.left & 7)) & ((1 << count) - 1);
  }

  /** Looks at the next `count` bits (at most 24); zero bits follow the end of the stream. */
  peek(count: number): number {
    const at = this.left - count;
    if (at >= 0) return (this.#view.getUint32(this.#from + (at >>> 3), true) >>> (at & 7)) & ((1 << count) - 1);
    return (this.#view.getUint32(this.#from, true) & ((1 << this.left) - 1)) << -at;
  }
}
