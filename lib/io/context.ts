import { open, readFile, stat } from 'node:fs/promises';
import type { ExrDocument, InputInfo } from '../engine/document.js';
import type { FilterContext, Notice, OpenFile } from '../engine/filter.js';
import { ExrError, withPlace } from '../model/error.js';
import { FileBytes } from './file-bytes.js';
import { framePath, isFramePattern, otherPaddings } from './frame-path.js';
import { openExr } from './open.js';
import { readExrHeader } from './read-header.js';
import { readSamples } from './samples.js';

export interface ContextOptions {
  readonly onNotice?: ((notice: Notice) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told every other file (donor, sidecar) that a filter reads, by the path after following the frame. */
  readonly onRead?: ((path: string) => void) | undefined;
}

/** Side files beyond this size are refused: manifests and lists of names are far smaller. */
const maxSideFile = 256 << 20;

/** What filters may use while they look at this document. */
export function filterContext(document: ExrDocument, options: ContextOptions): FilterContext {
  const { signal, onNotice, onRead } = options;
  const follow = async (path: string) => {
    const followed = await followFrame(path, document.inputs[0]);
    onRead?.(followed);
    return followed;
  };
  const report = (level: Notice['level']) => (code: string, message: string) => onNotice?.({ level, code, message });
  return {
    inputs: document.inputs,
    signal,
    warn: report('warning'),
    note: report('note'),
    readHeader: async (path) => readExrHeader(await follow(path)),
    readFile: async (path) => readSideFile(await follow(path)),
    openFile: async (path) => openSideFile(await follow(path)),
    samples: (part, channels) => readSamples(document, part, channels, signal),
    async *samplesOf(path, part, channels) {
      const other = await openExr(await follow(path));
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

/**
 * The file that goes with this frame. A file that bears the very name is meant as such, whatever marks are in it; a number
 * may be padded in another way than the pattern says.
 */
async function followFrame(path: string, input: InputInfo | undefined): Promise<string> {
  if (!isFramePattern(path) || (await exists(path))) return path;
  const followed = framePath(path, input?.frame, input?.view);
  if (input?.frame === undefined || (await exists(followed))) return followed;
  for (const other of otherPaddings(path, input.frame, input.view)) if (await exists(other)) return other;
  return followed;
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
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

async function openSideFile(path: string): Promise<OpenFile> {
  try {
    const handle = await open(path, 'r');
    return new FileBytes(handle, (await handle.stat()).size);
  } catch (error) {
    throw withPlace(error, { file: path });
  }
}
