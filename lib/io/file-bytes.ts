import type { FileHandle } from 'node:fs/promises';
import { ExrError } from '../model/error.js';
import type { RandomBytes } from './random-bytes.js';

export interface FileBytesOptions {
  /** Bytes from the beginning of the file that have been read already: of a small file, all. */
  readonly head?: Uint8Array | undefined;
  readonly close?: () => Promise<void>;
}

/** An open file as bytes at any position. */
export class FileBytes implements RandomBytes {
  readonly size: number;
  readonly #handle: FileHandle;
  readonly #head: Uint8Array;
  readonly #close: () => Promise<void>;
  #closed: Promise<void> | undefined;

  constructor(handle: FileHandle, size: number, options: FileBytesOptions = {}) {
    this.#handle = handle;
    this.size = size;
    this.#head = options.head ?? new Uint8Array();
    this.#close = options.close ?? (() => handle.close());
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    const out = new Uint8Array(length);
    const at = await this.readInto(out, position);
    if (at < length)
      throw new ExrError('invalid', 'FILE_TRUNCATED', `the file ends too early, at byte ${position + at}`, {
        hint: 'It is cut off, or shrank while being read; copy or render it again.',
      });
    return out;
  }

  async readInto(into: Uint8Array, position: number): Promise<number> {
    const known = this.#head.subarray(position, position + into.length);
    into.set(known);
    let at = known.length;
    // Nothing more to ask of a file that has been read to its end.
    if (position + at >= this.size) return at;
    while (at < into.length) {
      const { bytesRead } = await this.#handle.read(into, at, into.length - at, position + at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    return at;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }
}
