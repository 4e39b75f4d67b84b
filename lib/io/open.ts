import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ChunkSource, ExrDocument, InputInfo } from '../engine/document.js';
import { HeaderParser, type ParsedHeader } from '../format/header-parser.js';
import { defaultLimits, type Limits } from '../format/limits.js';
import { withPlace } from '../model/error.js';
import type { Header } from '../model/header.js';
import { FileBytes } from './file-bytes.js';
import { PipeReader } from './pipe-reader.js';
import { PipeSource } from './pipe-source.js';
import { readHeader } from './read-header.js';
import { SeekableSource } from './seekable-source.js';

export interface OpenOptions {
  readonly limits?: Limits;
}

/** Opens an EXR file (or a named pipe or device, read as a stream). Close the document's source when done. */
export async function openExr(path: string, options: OpenOptions = {}): Promise<ExrDocument> {
  const { limits = defaultLimits } = options;
  try {
    const handle = await open(path, 'r');
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) {
        const document = await openExrStream(handle.createReadStream(), options);
        return { ...document, inputs: [inputInfo(document.arrived, path)] };
      }
      const { parsed, head } = await readHeader(handle, limits);
      const source = await SeekableSource.open(new FileBytes(handle, stats.size, { head }), parsed, limits);
      return makeDocument(parsed, source, path);
    } catch (error) {
      await handle.close().catch(() => {});
      throw error;
    }
  } catch (error) {
    throw withPlace(error, { file: path });
  }
}

/** Opens an EXR that arrives as a stream of bytes, such as stdin. Only the header is read before this returns. */
export async function openExrStream(
  stream: AsyncIterable<Uint8Array>,
  options: OpenOptions = {},
): Promise<ExrDocument> {
  const { limits = defaultLimits } = options;
  const pipe = new PipeReader(stream);
  try {
    const parser = new HeaderParser(limits);
    let parsed: ParsedHeader | undefined;
    while (!parsed) {
      const bytes = await pipe.some();
      if (!bytes) throw parser.truncated();
      parsed = parser.push(bytes);
    }
    const { received } = parser;
    pipe.unread(received.slice(parsed.length));
    const source = await PipeSource.open(pipe, received.slice(0, parsed.length), parsed, limits);
    return makeDocument(parsed, source, undefined);
  } catch (error) {
    await pipe.close().catch(() => {});
    throw withPlace(error, { file: 'stdin' });
  }
}

function makeDocument({ header }: ParsedHeader, source: ChunkSource, path: string | undefined): ExrDocument {
  return { header, arrived: header, source, inputs: [inputInfo(header, path)] };
}

function inputInfo({ parts }: Header, path: string | undefined): InputInfo {
  const { stem, frame } = parsePath(path);
  return { path, stem, frame, parts: parts.map((_, number) => number) };
}

/** `shots/hero.0101.exr` has the stem `hero` and the frame `0101`. Digits count as a frame after a dot or underscore only. */
export function parsePath(path: string | undefined): { readonly stem: string; readonly frame: string | undefined } {
  if (path === undefined) return { stem: 'stdin', frame: undefined };
  const name = basename(path).replace(/\.exr$/i, '');
  const match = /^(.+)[._](-?\d+)$/.exec(name);
  return match ? { stem: match[1] as string, frame: match[2] } : { stem: name, frame: undefined };
}
