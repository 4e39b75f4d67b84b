/** The files that the words of a chain name, taken out of them: engines move files, map their paths, and let users choose others. */

import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FilterStep, FilterTable, OptionSpec } from '../../lib/index.js';
import { type JobFile, type JobWord, splitPattern } from '../../lib/program.js';
import { isInput } from '../words/grammar.js';
import { usageError } from '../words/usage.js';

type Flow = JobFile['flow'];
type FileSpec = OptionSpec & { readonly type: 'file' | 'files' };

/** What stands for a file in words until they are printed: no shell passes it on, so no user can have written it. */
const mark = '\u0001';

export class JobFiles {
  readonly #files: JobFile[] = [];
  readonly #keys = new Map<string, number>();

  all(): readonly JobFile[] {
    return this.#files;
  }

  /** The word of a path as it is printed; {@link words} makes it the file. */
  async word(path: string, key: string, label: string, flow: Flow): Promise<string> {
    const file = await this.add(path, key, label, flow);
    // What looks like an input must go on looking like one.
    return `${mark}${this.#files.indexOf(file)}${mark}${isInput(path) ? '.exr' : ''}`;
  }

  /** A path named twice is one file. */
  async add(path: string, key: string, label: string, flow: Flow): Promise<JobFile> {
    const place = await describe(path);
    const known = this.#files.find(
      (file) => file.path === place.path && file.pattern === place.pattern && file.flow === flow,
    );
    if (known) return known;
    const count = (this.#keys.get(key) ?? 0) + 1;
    this.#keys.set(key, count);
    const file = {
      ...place,
      key: count === 1 ? key : `${key}${count}`,
      label: count === 1 ? label : `${label} ${count}`,
      flow,
    };
    this.#files.push(file);
    return file;
  }

  /** Printed words with their files. */
  words(printed: readonly string[]): JobWord[] {
    return printed.map((word) => {
      const number = new RegExp(`^${mark}(\\d+)${mark}(?:\\.exr)?$`).exec(word)?.[1];
      return number === undefined ? word : (this.#files[Number(number)] ?? word);
    });
  }

  /** A step whose options name the files by their marks. */
  async step({ filter, options }: FilterStep, filters: FilterTable): Promise<Pick<FilterStep, 'filter' | 'options'>> {
    const specs = filters.get(filter)?.definition.options ?? {};
    const settled: [string, unknown][] = [];
    // One after the other, so that files have their keys in the order of the words.
    for (const [name, value] of Object.entries(options)) {
      const spec = specs[name];
      const isFile = (spec?.type === 'file' || spec?.type === 'files') && value !== undefined;
      settled.push([name, isFile ? await this.#namedIn(value, name, spec) : value]);
    }
    return { filter, options: Object.fromEntries(settled) };
  }

  async #namedIn(value: unknown, name: string, spec: FileSpec): Promise<unknown> {
    if (!Array.isArray(value)) return this.#named(String(value), name, spec);
    const words: string[] = [];
    for (const path of value) words.push(await this.#named(path, name, spec));
    return words;
  }

  async #named(path: string, option: string, spec: FileSpec): Promise<string> {
    if (spec.names?.includes(path)) return path;
    if (path === '-') throw usageError('a task of a farm has no stdin', 'Put what is read from it into a file.');
    const key = option.slice(0, 1).toUpperCase() + option.slice(1);
    return this.word(path, key, labels[option] ?? key, spec.writes ? 'out' : 'in');
  }
}

const labels: Readonly<Record<string, string>> = {
  from: 'Donor',
  blend: 'Blend file',
  sidecar: 'Sidecar',
  names: 'Names',
  scene: 'Scene',
};

async function describe(path: string): Promise<Pick<JobFile, 'path' | 'type'> & { pattern?: string }> {
  const stats = await stat(path).catch(() => undefined);
  // An existing file with exactly this name wins, even if it looks like a pattern.
  if (stats?.isFile()) return { path: resolve(path), type: 'file' };
  if (stats?.isDirectory()) return { path: resolve(path), type: 'folder', pattern: '' };
  const { path: folder, pattern } = splitPattern(path);
  return pattern === undefined
    ? { path: resolve(path), type: 'file' }
    : { path: resolve(folder === '' ? '.' : folder), type: 'folder', pattern };
}

/** A plug-in by its path, or by the name of a package, which every machine must have. */
export function pluginPath(name: string): string | undefined {
  if (name.startsWith('file:')) return fileURLToPath(name);
  return /^\.{0,2}[\\/]|\.[cm]?[jt]s$/i.test(name) ? name : undefined;
}
