// Bits of a packet's header: from the left; a byte after ff has only seven (T.800, B.10.1).
import { CodecError } from '../errors.js';

export class PacketBits {
  readonly #bytes: Uint8Array;
  /** The next byte. */
  at = 0;
  /** Where the packet's tile-part ends. */
  end = 0;
  #byte = 0;
  #left = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  start(at: number, end: number): void {
    this.at = at;
    this.end = end;
    this.#byte = 0;
    this.#left = 0;
  }

  bit(): number {
    if (this.#left === 0) this.#next();
    --this.#left;
    return (this.#byte >> this.#left) & 1;
  }

  /** At most 32 bits. */
  bits(count: number): number {
    let value = 0;
    let wanted = count;
    while (wanted > 0) {
      if (this.#left === 0) this.#next();
      const take = Math.min(wanted, this.#left);
      this.#left -= take;
      // Not a shift: 32 bits do not fit into a signed integer.
      value = value * (1 << take) + ((this.#byte >> this.#left) & ((1 << take) - 1));
      wanted -= take;
    }
    return value;
  }

  /** Ends the header: the rest of its last byte is padding. */
  finish(): void {
    this.#left = 0;
    if (this.#byte === 0xff) this.#next();
    this.#left = 0;
  }

  #next(): void {
    if (this.at >= this.end) throw new CodecError('corrupt', "a packet's header does not end in its tile-part");
    const byte = this.#bytes[this.at++] as number;
    this.#left = 8;
    if (this.#byte === 0xff) {
      if (byte > 0x7f) throw new CodecError('corrupt', "a packet's header has a marker in it");
      this.#left = 7;
    }
    this.#byte = byte;
  }
}
