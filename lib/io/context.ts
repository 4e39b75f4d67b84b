import { readFile, stat } from 'node:fs/promises';
import type { ExrDocument } from '../engine/document.js';
import type { FilterContext, Notice } from '../engine/filter.js';
import { ExrError, withPlace } from '../model/error.js';
import { framePath } from './frame-path.js';
import { openExr, readExrHeader } from './open.js';
import { readSamples } from './samples.js';

export interface ContextOptions {
  readonly onNotice?: ((notice: Notice) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Side files beyond this size are refused: manifests and lists of names are far smaller. */
const maxSideFile = 256 << 20;

/** What filters may use while they look at this document. */
export function filterContext(document: ExrDocument, options: ContextOptions): FilterContext {
  const { signal, onNotice } = options;
  const follow = (path: string) => framePath(path, document.inputs[0]?.frame);
  const report = (level: Notice['level']) => (code: string, message: string) => onNotice?.({ level, code, message });
  return {
    inputs: document.inputs,
    signal,
    warn: report('warning'),
    note: report('note'),
    readHeader: (path) => readExrHeader(follow(path)),
    readFile: (path) => readSideFile(follow(path)),
    samples: (part, channels) => readSamples(document, part, channels, signal),
    async *samplesOf(path, part, channels) {
      const other = await openExr(follow(path));
      try {
        const wanted = other.header.parts[part];
        if (!wanted) throw new ExrError('usage', 'NO_SUCH_PART', `there is no part ${part}`, { where: { file: path } });
        yield* readSamples(other, wanted, channels, signal);
      } finally {
        await other.source.close();
      }
    },
  };
}

async function readSideFile(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > maxSideFile)
      throw new ExrError('limit', 'FILE_TOO_LARGE', `the file has ${size} bytes, more than ${maxSideFile}`);
    return await readFile(path);
  } catch (error) {
    throw withPlace(error, { file: path });
  }
}
