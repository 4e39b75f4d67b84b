import type { ChunkMemory } from '../engine/buffers.js';
import { ExrError } from '../model/error.js';

/** Takes exact numbers of bytes from bytes that come in pieces. */
export class PipeReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly #waiting: Uint8Array[] = [];
  #have = 0;
  #position = 0;
  #isWaiting = false;

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#pieces = stream[Symbol.asyncIterator]();
  }

  /** Bytes taken so far. */
  get position(): number {
    return this.#position;
  }

  /** Puts bytes back at the front; they come next. */
  unread(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#waiting.unshift(bytes);
    this.#have += bytes.length;
    this.#position -= bytes.length;
  }

  /** The next bytes, as many as arrive; undefined at the end. */
  async some(): Promise<Uint8Array | undefined> {
    while (this.#waiting.length === 0) if (!(await this.#pull())) return undefined;
    const piece = this.#waiting.shift() as Uint8Array;
    this.#have -= piece.length;
    this.#position += piece.length;
    return piece;
  }

  /**
   * Exactly `length` bytes, in a buffer of their own, in `memory` if there is any. It is taken once the bytes have
   * arrived, so a length that a damaged file merely declares costs nothing.
   */
  async take(length: number, memory?: ChunkMemory): Promise<Uint8Array> {
    while (this.#have < length) if (!(await this.#pull())) throw this.#ended();
    const out = memory?.take(length) ?? new Uint8Array(length);
    let at = 0;
    while (at < length) {
      const piece = this.#waiting[0] as Uint8Array;
      const part = piece.subarray(0, length - at);
      out.set(part, at);
      at += part.length;
      if (part.length === piece.length) this.#waiting.shift();
      else this.#waiting[0] = piece.subarray(part.length);
    }
    this.#have -= length;
    this.#position += length;
    return out;
  }

  /** The next `length` bytes as they come. */
  async *pieces(length: number): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0; ) {
      const piece = await this.some();
      if (!piece) throw this.#ended();
      const part = piece.subarray(0, left);
      this.unread(piece.subarray(part.length));
      left -= part.length;
      yield part;
    }
  }

  /** Skips `length` bytes without holding them. */
  async skip(length: number): Promise<void> {
    for await (const _ of this.pieces(length));
  }

  /** Unlike a generator, does not wait for bytes that are on their way: they may never come. */
  async close(): Promise<void> {
    const closing = this.#pieces.return?.();
    if (this.#isWaiting) closing?.catch(() => {});
    else await closing;
  }

  #ended(): ExrError {
    const bytes = this.#position + this.#have;
    return new ExrError('invalid', 'FILE_TRUNCATED', `the input ends too early, after ${bytes} bytes`, {
      hint: 'It is cut off or unfinished; did the program before the pipe fail?',
    });
  }

  async #pull(): Promise<boolean> {
    this.#isWaiting = true;
    const { value, done } = await this.#pieces.next();
    this.#isWaiting = false;
    if (done) return false;
    if (value.length > 0) {
      this.#waiting.push(value);
      this.#have += value.length;
    }
    return true;
  }
}
