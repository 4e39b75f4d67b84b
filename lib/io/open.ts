/** From bytes to documents. */
import { disposable, type OpenDocument } from '../engine/document.js';
import { HeaderParser, type ParsedHeader } from '../format/header-parser.js';
import { type Limits, makeLimits } from '../format/limits.js';
import { closeQuietly } from '../model/close.js';
import { withPlace } from '../model/error.js';
import { HeadedBytes } from './headed-bytes.js';
import { inputInfo } from './input-name.js';
import { PipeReader } from './pipe-reader.js';
import { openPipe } from './pipe-source.js';
import type { RandomBytes } from './random-bytes.js';
import { fromStart, readHeader } from './read-header.js';
import type { OpenScratch } from './scratch.js';
import { openChunks, type SourceChunks } from './seekable-source.js';

/** How a file is opened. */
export interface OpenOptions {
  /** Safety limits that are not the usual ones. */
  readonly limits?: Partial<Limits> | undefined;
  /**
   * Opens a file that lacks chunks (its writer died, or is not done yet) as far as it goes; the source reports what is missing.
   * Without it such a file is an error.
   */
  readonly holes?: boolean;
  /**
   * Checks every chunk's leader beforehand, not only those where damage is most likely to show; with `holes`, damaged chunks
   * count as missing. For a stream, only if it is copied to a file.
   */
  readonly leaders?: boolean;
}

/** Opens bytes at any position. `next` reads the bytes from the beginning, where that is better done in another way. */
export async function openBytes(
  bytes: RandomBytes,
  path: string | undefined,
  options: OpenOptions = {},
  next = fromStart(bytes),
): Promise<OpenDocument> {
  const { holes = false, leaders = false } = options;
  const limits = makeLimits(options.limits);
  const { parsed, head } = await readHeader(next, limits);
  return makeDocument(await openChunks(new HeadedBytes(bytes, head), parsed, { limits, holes, leaders }), path);
}

/**
 * Opens an EXR that arrives as a stream of bytes: stdin, or a pipe with a path. Only the header is read before this returns.
 */
export async function openStream(
  stream: AsyncIterable<Uint8Array>,
  openScratch: OpenScratch,
  { limits: changes, holes = false }: OpenOptions = {},
  path?: string,
): Promise<OpenDocument> {
  const pipe = new PipeReader(stream);
  try {
    const limits = makeLimits(changes);
    const parser = new HeaderParser(limits);
    let parsed: ParsedHeader | undefined;
    while (!parsed) {
      const bytes = await pipe.some();
      if (!bytes) throw parser.truncated();
      parsed = parser.push(bytes);
    }
    const { received } = parser;
    pipe.unread(received.slice(parsed.length));
    const head = received.slice(0, parsed.length);
    return makeDocument(await openPipe(pipe, head, parsed, { limits, holes, openScratch }), path);
  } catch (error) {
    await closeQuietly(pipe);
    throw withPlace(error, { file: path ?? 'stdin' });
  }
}

function makeDocument({ header, source }: SourceChunks, path: string | undefined): OpenDocument {
  return disposable({ header, arrived: header, source, inputs: [inputInfo(header, path)] });
}
