/** The chunks of an image that a filter makes itself, line by line. */
import type { ChunkSource, ExrDocument, PayloadPieces } from '../engine/document.js';
import type { MadeImage } from '../engine/filter.js';
import { blockLength } from '../format/block-length.js';
import { boxWidth, Geometry } from '../format/geometry.js';
import type { ChunkRef } from '../format/offset-table.js';
import { Attributes } from '../model/attributes.js';
import { closeQuietly } from '../model/close.js';
import type { Part } from '../model/header.js';
import type { OpenScratch, Scratch } from './scratch.js';

/**
 * Such an image as a document of one part. Its lines are made when they are needed, from the top; who goes back makes all of them be
 * written to a temporary file. Chunks are lines without compression, so that they are compressed like any other part's.
 */
export function madeDocument(image: MadeImage, displayWindow: Part['displayWindow'], open: OpenScratch): ExrDocument {
  const part: Part = {
    name: undefined,
    type: 'scanlineimage',
    compression: 'none',
    channels: image.channels.map((name, index) => ({
      name,
      type: 'float',
      xSampling: 1,
      ySampling: 1,
      linear: false,
      plane: { part: 0, index },
    })),
    dataWindow: image.dataWindow,
    displayWindow,
    lineOrder: 'increasing',
    tiles: undefined,
    attributes: new Attributes(),
  };
  const header = { parts: [part], longNames: false, multiPart: false };
  return { header, arrived: header, source: new MadeSource(image, part, open), inputs: [] };
}

/** Bytes of lines that are kept after they were made: more than one unit may need them. */
const keptBytes = 16 << 20;

class MadeSource implements ChunkSource {
  readonly random = true;
  readonly table = 'sound';
  readonly missing = [];
  readonly order: readonly ChunkRef[];
  readonly #image: MadeImage;
  readonly #part: Part;
  readonly #geometry: Geometry;
  readonly #open: OpenScratch;
  readonly #recent = new Map<number, Uint8Array>();
  #making: AsyncIterator<readonly Float32Array[]> | undefined;
  #next = 0;
  #scratch: Scratch | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(image: MadeImage, part: Part, open: OpenScratch) {
    this.#image = image;
    this.#part = part;
    this.#geometry = new Geometry(part);
    this.#open = open;
    this.order = Array.from({ length: this.#geometry.chunkCount }, (_, index) => ({ part: 0, index }));
  }

  get ahead(): readonly ChunkRef[] {
    return this.order;
  }

  get closed(): boolean {
    return this.#closed;
  }

  space({ index }: ChunkRef): number {
    return blockLength(this.#part.channels, this.#geometry.region(index));
  }

  /** One chunk after the other, whoever requests them. */
  read({ index }: ChunkRef): Promise<Uint8Array> {
    const turn = this.#queue.then(() => this.#chunk(index));
    this.#queue = turn.catch(() => {});
    return turn;
  }

  async head(chunk: ChunkRef, length: number): Promise<Uint8Array> {
    return (await this.read(chunk)).subarray(0, length);
  }

  async pieces(chunk: ChunkRef): Promise<PayloadPieces> {
    const bytes = await this.read(chunk);
    return {
      length: bytes.length,
      pieces: (async function* () {
        yield bytes;
      })(),
    };
  }

  async peek(chunks: readonly ChunkRef[]): Promise<Uint8Array[]> {
    const found: Uint8Array[] = [];
    for (const chunk of chunks) found.push(await this.read(chunk));
    return found;
  }

  async makeRandom(): Promise<void> {}

  async close(): Promise<void> {
    this.#closed = true;
    await this.#queue;
    await this.#stop();
    this.#recent.clear();
    await closeQuietly(this.#scratch);
    this.#scratch = undefined;
  }

  async #chunk(index: number): Promise<Uint8Array> {
    if (this.#scratch) return this.#stored(this.#scratch, index);
    const recent = this.#recent.get(index);
    // A job takes over the buffer that it is given.
    if (recent) return recent.slice();
    if (index < this.#next) return this.#stored(await this.#spool(), index);
    while (this.#next < index) this.#keep(this.#next, await this.#make());
    const made = await this.#make();
    this.#keep(index, made);
    return made.slice();
  }

  #keep(index: number, bytes: Uint8Array): void {
    this.#recent.set(index, bytes);
    if (this.#recent.size * bytes.length > keptBytes) this.#recent.delete(this.#recent.keys().next().value as number);
  }

  /** The next line, channel after channel (OpenEXR file layout, "Scan lines"). */
  async #make(): Promise<Uint8Array> {
    const width = boxWidth(this.#part.dataWindow);
    const samples = new Float32Array(width * this.#part.channels.length);
    this.#making ??= this.#image.lines()[Symbol.asyncIterator]();
    const { done, value } = await this.#making.next();
    if (done) throw new RangeError('the image has fewer lines than its window');
    for (const [at, plane] of value.entries()) samples.set(plane.subarray(0, width), at * width);
    this.#next += 1;
    return new Uint8Array(samples.buffer);
  }

  async #stop(): Promise<void> {
    const making = this.#making;
    this.#making = undefined;
    this.#next = 0;
    await making?.return?.();
  }

  async #spool(): Promise<Scratch> {
    await this.#stop();
    this.#recent.clear();
    const scratch = await this.#open();
    try {
      for (const _ of this.order) await scratch.append(await this.#make());
      await this.#stop();
    } catch (error) {
      await closeQuietly(scratch);
      throw error;
    }
    this.#scratch = scratch;
    return scratch;
  }

  /** All chunks but the last have the same length. */
  #stored(scratch: Scratch, index: number): Promise<Uint8Array> {
    const whole = this.space({ part: 0, index: 0 });
    return scratch.read(index * whole, this.space({ part: 0, index }));
  }
}
