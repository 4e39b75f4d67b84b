import { ExrError } from '../model/error.js';
import { realFolder } from '../node/files.js';
import { prepareFolder } from '../node/output-folder.js';
import { basename, dirname, ignoresCase, join, resolve } from '../node/paths.js';

/**
 * Which files a run reads and writes. No two frames write one file, and none overwrites an input unless that is the purpose.
 * A folder is prepared when it is first written to and not again: if it then goes away, it must not be made anew, perhaps on
 * the wrong disk.
 */
export class Claims {
  readonly #inputs = new Set<string>();
  readonly #outputs = new Map<string, number>();
  /** Where folders really are, however they were reached. */
  readonly #found = new Map<string, Promise<string>>();
  readonly #prepared = new Map<string, Promise<string>>();

  async addInput(path: string): Promise<void> {
    const folder = dirname(resolve(path));
    this.#inputs.add(fileKey(await once(this.#found, folder, realFolder), path));
  }

  /** Reserves the files of a frame, and makes their folders ready. Throws `usage` for a file that is taken. */
  async claim(paths: readonly string[], index: number, inPlace: boolean): Promise<void> {
    for (const path of paths) {
      const folder = dirname(resolve(path));
      const key = fileKey(await once(this.#prepared, folder, makeReady), path);
      if (!inPlace && this.#inputs.has(key))
        throw new ExrError('usage', 'OUTPUT_IS_INPUT', 'the output would overwrite an input', {
          where: { file: path },
          hint: 'Write somewhere else, or work in place if that is meant.',
        });
      if ((this.#outputs.get(key) ?? index) !== index)
        throw new ExrError('usage', 'OUTPUT_TWICE', 'another frame of this run writes the same file', {
          where: { file: path },
          hint: 'Put {frame} (or ####) into the output pattern, and {stem} or {view} where there are several.',
        });
      this.#outputs.set(key, index);
    }
  }

  async isOutput(path: string): Promise<boolean> {
    return this.#outputs.has(fileKey(await once(this.#found, dirname(resolve(path)), realFolder), path));
  }
}

function fileKey(folder: string, path: string): string {
  const name = join(folder, basename(path));
  return ignoresCase ? name.toLowerCase() : name;
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
