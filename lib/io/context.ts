import { sidecarPath } from '../cryptomatte/sidecar.js';
import type { ExrDocument, InputInfo } from '../engine/document.js';
import { type FilterContext, type Notice, reporter } from '../engine/filter.js';
import type { Limits } from '../format/limits.js';
import type { Program } from '../layers/seen-by/program.js';
import { closeQuietly } from '../model/close.js';
import { ExrError } from '../model/error.js';
import { framePath, isFramePattern, otherPaddings } from './frame-path.js';
import type { Host } from './host.js';
import { readSamples } from './samples.js';

/** What filters find when they look around, and who hears of it. */
export interface ContextOptions {
  /** Safety limits that are not the usual ones, for what is read. */
  readonly limits?: Partial<Limits> | undefined;
  /** The programs that the result is made for: filters whose work depends on it ask. */
  readonly for?: readonly Program[] | undefined;
  /** Told what filters warn of and note. */
  readonly onNotice?: ((notice: Notice) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told every other file (donor, sidecar) that a filter reads, by the path after following the frame. */
  readonly onRead?: ((path: string) => void) | undefined;
}

/** What filters may use while they look at this document. */
export function filterContext(document: ExrDocument, options: ContextOptions, host: Host): FilterContext {
  const { signal, onNotice, onRead } = options;
  const { runners, limits } = host;
  const follow = async (path: string) => {
    const followed = await followFrame(path, document.inputs[0], host);
    onRead?.(followed);
    return followed;
  };
  return {
    inputs: document.inputs,
    programs: options.for ?? [],
    signal,
    limits,
    ...reporter(onNotice),
    readHeader: async (path) => host.readHeader(await follow(path)),
    readFile: async (path) => host.readFile(await follow(path)),
    readSidecar: async (image, name) => {
      const followed = await followFrame(image, document.inputs[0], host);
      onRead?.(sidecarPath(followed, name));
      return host.readSidecar(followed, name);
    },
    openFile: async (path) => host.openFile(await follow(path)),
    samples: (part, channels, wanted) => readSamples(document, part, channels, { ...wanted, signal, runners, limits }),
    async *samplesOf(path, part, channels, wanted) {
      const other = await host.openExr(await follow(path));
      try {
        const found = other.header.parts[part];
        if (!found) throw new ExrError('usage', 'NO_SUCH_PART', `there is no part ${part}`, { where: { file: path } });
        yield* readSamples(other, found, channels, { ...wanted, signal, runners, limits });
      } finally {
        await closeQuietly(other.source);
      }
    },
  };
}

/**
 * The file that goes with this frame. An existing file with exactly this name wins, even if it looks like a pattern; a number
 * may be padded differently from the pattern.
 */
export async function followFrame(
  path: string,
  input: Pick<InputInfo, 'frame' | 'view'> | undefined,
  { exists }: Pick<Host, 'exists'>,
): Promise<string> {
  if (!isFramePattern(path) || (await exists(path))) return path;
  const followed = framePath(path, input?.frame, input?.view);
  if (input?.frame === undefined || (await exists(followed))) return followed;
  for (const other of otherPaddings(path, input.frame, input.view)) if (await exists(other)) return other;
  return followed;
}
