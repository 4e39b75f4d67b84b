import { advise, optionNamed, stepOf } from '../model/advice.js';
import { ExrError } from '../model/error.js';
import { realFile, realFolder } from '../node/files.js';
import { prepareFolder } from '../node/output-folder.js';
import { basename, dirname, ignoresCase, join, resolve } from '../node/paths.js';

/** What a file of a frame is: an image, names beside it, or names that all frames share, with the same content. */
export type OutputKind = 'image' | 'sidecar' | 'shared';

/**
 * Which files a run reads and writes. No two frames write one file, and none overwrites an input unless that is intended.
 * A folder is prepared when it is first written to and not again: if it then disappears, it must not be recreated, perhaps on
 * the wrong disk.
 */
export class Claims {
  readonly #inputs = new Set<string>();
  readonly #outputs = new Map<string, number>();
  /** Files that several frames share: sidecars of a shot. */
  readonly #shared = new Set<string>();
  /** Frames that write over existing files. */
  readonly #replacing = new Set<number>();
  /** The real paths of folders, however they were reached. */
  readonly #found = new Map<string, Promise<string>>();
  readonly #prepared = new Map<string, Promise<string>>();

  async addInput(path: string): Promise<void> {
    this.#inputs.add(await this.#find(path));
  }

  /** Whether writing to a path would replace an input, however it is reached. */
  async isInput(path: string): Promise<boolean> {
    return this.#inputs.has(await this.#find(path));
  }

  /**
   * Reserves the files of a frame and prepares their folders.
   *
   * @throws ExrError of kind `usage`: another frame has reserved a file, or it is an input.
   */
  async claim(paths: readonly string[], kind: OutputKind, index: number, inPlace: boolean): Promise<void> {
    const shared = kind === 'shared';
    for (const path of paths) {
      await once(this.#prepared, dirname(resolve(path)), makeReady);
      if (!shared && (await realFile(path))) this.#replacing.add(index);
      const key = await this.#find(path);
      if (!(inPlace && !shared) && this.#inputs.has(key)) throw outputIsInput(path, 1);
      const isFree = shared ? !this.#outputs.has(key) : !this.#shared.has(key);
      if (!isFree || (this.#outputs.get(key) ?? index) !== index) throw twice(path, kind);
      if (shared) this.#shared.add(key);
      else this.#outputs.set(key, index);
    }
  }

  /** Whether a frame writes over existing files. */
  replaces(index: number): boolean {
    return this.#replacing.has(index);
  }

  async isOutput(path: string): Promise<boolean> {
    const key = await this.#find(path);
    return this.#outputs.has(key) || this.#shared.has(key);
  }

  /** The real path of a file: its links are followed, or those of its folder if the file does not exist yet. */
  async #find(path: string): Promise<string> {
    const real = await realFile(path);
    return fileKey(real ?? join(await once(this.#found, dirname(resolve(path)), realFolder), basename(path)));
  }
}

/** How outputs get names of their own. */
export const tellApart = 'Put {frame} (or ####) into the output pattern, and {stem} or {view} where there are several.';

function twice(path: string, kind: OutputKind): ExrError {
  if (kind === 'image')
    return new ExrError('usage', 'OUTPUT_TWICE', 'another frame of this run writes the same file', {
      where: { file: path },
      hint: tellApart,
    });
  return new ExrError('usage', 'OUTPUT_TWICE', 'another frame of this run writes the same sidecar', {
    where: { file: path },
    hint: advise`Put {frame} into the pattern of ${optionNamed('sidecarOut')}, and {stem} where there are several; ${stepOf('manifest', { shot: true, sidecarOut: 'PATTERN' })} makes one sidecar for the shot.`,
  });
}

/** The error when `count` outputs, the first of them at this path, would overwrite inputs. */
export function outputIsInput(path: string, count: number): ExrError {
  const message =
    count === 1 ? 'the output would overwrite an input' : `this and ${count - 1} more outputs would overwrite inputs`;
  return new ExrError('usage', 'OUTPUT_IS_INPUT', message, {
    where: { file: path },
    hint: 'Write somewhere else, or work in place if that is intended.',
  });
}

function fileKey(path: string): string {
  return ignoresCase ? path.toLowerCase() : path;
}

function once(
  known: Map<string, Promise<string>>,
  folder: string,
  find: (folder: string) => Promise<string>,
): Promise<string> {
  const found = known.get(folder) ?? find(folder);
  known.set(folder, found);
  return found;
}

async function makeReady(folder: string): Promise<string> {
  await prepareFolder(folder);
  return realFolder(folder);
}
