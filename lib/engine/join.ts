import type { TableState } from '../format/file-state.js';
import type { ChunkRef } from '../format/offset-table.js';
import { closeQuietly } from '../model/close.js';
import { groupBy } from '../model/group-by.js';
import { type Channel, type Header, isDerived, isPieced, type Part, type Plane } from '../model/header.js';
import type { ChunkMemory } from './buffers.js';
import { type ChunkSource, disposable, type ExrDocument, type OpenDocument, type PayloadPieces } from './document.js';

/**
 * Several documents as one: their parts one after the other, planes and chunks renumbered. The header wanted of each so far
 * is kept. The sources are read in lock-step, because the schedule needs their chunks side by side.
 */
export function joinDocuments(documents: readonly ExrDocument[]): OpenDocument {
  const [only] = documents;
  if (only && documents.length === 1) return disposable(only);
  const firsts = offsets(documents.map(({ arrived }) => arrived.parts.length));
  return disposable({
    header: joinHeaders(documents.map(({ header }, i) => shiftHeader(header, firsts[i] as number))),
    arrived: joinHeaders(documents.map(({ arrived }, i) => shiftHeader(arrived, firsts[i] as number))),
    source: new JoinedSource(
      documents.map(({ source }) => source),
      firsts,
    ),
    inputs: documents.flatMap(({ inputs }, i) =>
      inputs.map((input) => ({ ...input, parts: input.parts.map((part) => part + (firsts[i] as number)) })),
    ),
  });
}

/**
 * A document with others behind it: their parts arrive after its own, and its header stays as it is. Channels of the others have
 * planes in part `arrived.parts.length` and following of the document.
 */
export function attachDocuments<Document extends ExrDocument>(
  document: Document,
  others: readonly ExrDocument[],
): Document {
  if (others.length === 0) return document;
  const all = [document, ...others];
  const firsts = offsets(all.map(({ arrived }) => arrived.parts.length));
  const parts = all.flatMap(({ arrived }, i) => shiftHeader(arrived, firsts[i] as number).parts);
  const sources = all.map(({ source }) => source);
  return { ...document, arrived: { ...document.arrived, parts }, source: new JoinedSource(sources, firsts) };
}

function offsets(counts: readonly number[]): number[] {
  let at = 0;
  return counts.map((count) => {
    at += count;
    return at - count;
  });
}

function joinHeaders(headers: readonly Header[]): Header {
  const parts = headers.flatMap((header) => header.parts);
  const sideFiles = headers.flatMap((header) => header.sideFiles ?? []);
  return { parts, longNames: false, multiPart: false, ...(sideFiles.length > 0 && { sideFiles }) };
}

function shiftHeader(header: Header, by: number): Header {
  return { ...header, parts: header.parts.map((part) => shiftPart(part, by)) };
}

function shiftPart(part: Part, by: number): Part {
  const shift = (plane: Plane): Plane => ({ ...plane, part: plane.part + by });
  return {
    ...part,
    channels: part.channels.map((channel) => ({
      ...channel,
      plane: shiftPlane(channel.plane, shift),
    })),
  };
}

function shiftPlane(plane: Channel['plane'], shift: (plane: Plane) => Plane): Channel['plane'] {
  if (isDerived(plane)) return { ...plane, inputs: plane.inputs.map(shift) };
  if (isPieced(plane)) return { pieces: plane.pieces.map((piece) => ({ ...piece, plane: shift(piece.plane) })) };
  return shift(plane);
}

class JoinedSource implements ChunkSource {
  readonly #sources: readonly ChunkSource[];
  readonly #firsts: readonly number[];
  #closed = false;

  constructor(sources: readonly ChunkSource[], firsts: readonly number[]) {
    this.#sources = sources;
    this.#firsts = firsts;
  }

  /** File by file; the schedule chooses which chunk is read next, so any order would do. */
  get order(): readonly ChunkRef[] {
    return this.#renumbered(({ order }) => order);
  }

  get missing(): readonly ChunkRef[] {
    return this.#renumbered(({ missing }) => missing);
  }

  get table(): TableState {
    return this.#sources.find(({ table }) => table !== 'sound')?.table ?? 'sound';
  }

  get ahead(): readonly ChunkRef[] {
    return this.#renumbered(({ ahead }) => ahead);
  }

  get random(): boolean {
    return this.#sources.every(({ random }) => random);
  }

  space(chunk: ChunkRef): number | undefined {
    const [source, own] = this.#find(chunk);
    return source.space(own);
  }

  read(chunk: ChunkRef, memory?: ChunkMemory): Promise<Uint8Array> {
    const [source, own] = this.#find(chunk);
    return source.read(own, memory);
  }

  readTogether(chunks: readonly ChunkRef[], memory?: ChunkMemory): Promise<Uint8Array[]> {
    return this.#bySource(
      chunks,
      (source, own) =>
        source.readTogether?.(own, memory) ?? Promise.all(own.map((chunk) => source.read(chunk, memory))),
    );
  }

  head(chunk: ChunkRef, length: number): Promise<Uint8Array> {
    const [source, own] = this.#find(chunk);
    return source.head(own, length);
  }

  pieces(chunk: ChunkRef): Promise<PayloadPieces> {
    const [source, own] = this.#find(chunk);
    return source.pieces(own);
  }

  peek(chunks: readonly ChunkRef[]): Promise<Uint8Array[]> {
    return this.#bySource(chunks, (source, own) => source.peek(own));
  }

  async makeRandom(): Promise<void> {
    for (const source of this.#sources) await source.makeRandom();
  }

  get closed(): boolean {
    return this.#closed;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#sources.map(closeQuietly));
  }

  /** Payloads of chunks in their order, from each source its own. */
  async #bySource(
    chunks: readonly ChunkRef[],
    read: (source: ChunkSource, chunks: readonly ChunkRef[]) => Promise<Uint8Array[]>,
  ): Promise<Uint8Array[]> {
    const payloads = new Map<ChunkRef, Uint8Array>();
    const found = chunks.map((chunk) => [chunk, ...this.#find(chunk)] as const);
    await Promise.all(
      [...groupBy(found, ([, source]) => source)].map(async ([source, wanted]) => {
        const own = await read(
          source,
          wanted.map(([, , ref]) => ref),
        );
        wanted.forEach(([chunk], i) => void payloads.set(chunk, own[i] as Uint8Array));
      }),
    );
    return chunks.map((chunk) => payloads.get(chunk) as Uint8Array);
  }

  #renumbered(chunks: (source: ChunkSource) => readonly ChunkRef[]): ChunkRef[] {
    return this.#sources.flatMap((source, i) =>
      chunks(source).map(({ part, index }) => ({ part: part + (this.#firsts[i] as number), index })),
    );
  }

  #find({ part, index }: ChunkRef): [ChunkSource, ChunkRef] {
    const at = this.#firsts.findLastIndex((first) => first <= part);
    const source = this.#sources[at];
    if (!source) throw new RangeError(`no part ${part}`);
    return [source, { part: part - (this.#firsts[at] as number), index }];
  }
}
