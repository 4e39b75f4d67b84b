/** What a case has left in its folder, and the questions that are asked about it. */
import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../blender5/programs.js';
import type { Blender } from './blenders.js';

/** A line of the extension's log. */
export interface Result {
  readonly level: string;
  readonly file: string;
  readonly text: string;
}

export interface Tools {
  /** exrpipe, as Node runs it. */
  readonly cli: string;
  /** Blender's own Cryptomatte node: prints PASS for files in which each name gives the matte that its ID has. */
  readonly check: string;
  /** The reference library's digest of every channel; undefined where it is not at hand. */
  readonly digest: string | undefined;
}

const minutes = 60_000;

export class Outcome {
  readonly #folder: string;
  readonly #tools: Tools;
  readonly results: readonly Result[];
  readonly printed: readonly string[];
  readonly #major: number;
  /** Blender as a Python module, not as a program. */
  readonly isModule: boolean;

  constructor(folder: string, tools: Tools, printed: string, results: readonly Result[], blender: Blender) {
    this.#folder = folder;
    this.#tools = tools;
    this.printed = printed.split('\n');
    this.results = results;
    this.#major = blender.major;
    this.isModule = blender.builder !== undefined;
  }

  static async read(folder: string, tools: Tools, printed: string, blender: Blender): Promise<Outcome> {
    const results = JSON.parse(await readFile(join(folder, 'results.json'), 'utf8')) as Result[];
    return new Outcome(folder, tools, printed, results, blender);
  }

  /** The file of a still: the second frame of `lost.`, which has a number before Blender 5 only. */
  still(stem: string): string {
    return this.#major < 5 ? `${stem}.0002.exr` : `${stem}.exr`;
  }

  /** What a case has printed behind a word. */
  lines(word: string): string[] {
    return this.printed.flatMap((line) => (line.startsWith(`${word}\t`) ? [line.slice(word.length + 1)] : []));
  }

  /** Names of the frames in the folder that a File Output node has written. */
  async written(): Promise<string[]> {
    return (await readdir(this.#folder)).filter((name) => /^lost\.\d+\.exr$/.test(name)).sort();
  }

  /** Files that should not be there: what exrpipe writes before it renames it. */
  async leftovers(): Promise<string[]> {
    const known = /^(?:lost|panel)[^/]*\.exr$|\.blend\d?$|\.log$|^results\.json$|^user/;
    return (await readdir(this.#folder)).filter((name) => !known.test(name)).map((name) => `${name} is left`);
  }

  #path(file: string): string {
    return join(this.#folder, file);
  }

  /** Files in which Blender's node does not find every name. */
  async mattes(files: readonly string[]): Promise<string[]> {
    const { stdout, stderr } = await run(
      this.#tools.check,
      files.map((file) => this.#path(file)),
      10 * minutes,
    );
    const lines = stdout.split('\n').filter((line) => line.trim() !== '');
    if (lines.length < files.length) return [`the judge failed: ${stderr.slice(-500)}`];
    return lines.filter((line) => !line.includes(' PASS '));
  }

  /** Warnings and errors of the extension. */
  troubles(): string[] {
    return this.results.filter(({ level }) => level !== 'INFO').map(({ level, text }) => `${level}: ${text}`);
  }

  /** Every name of every Cryptomatte, as `SET NAME`. */
  async names(file: string): Promise<string[]> {
    const out = await this.#exrpipe('info', '--names', this.#path(file));
    return [...new Set(out.split('\n').filter((line) => line !== ''))].sort();
  }

  /** Names that only one of two files has. */
  async sameNames(wanted: string, file: string): Promise<string[]> {
    const [want, have] = [await this.names(wanted), await this.names(file)];
    return [
      ...want.filter((line) => !have.includes(line)).map((line) => `${file} lacks the name ${line}`),
      ...have.filter((line) => !want.includes(line)).map((line) => `only ${file} has the name ${line}`),
    ];
  }

  /** What Blender stamps on its own file, but for what is measured. */
  async sameMetadata(wanted: string, file: string): Promise<string[]> {
    const [want, have] = [await this.#stamps(wanted), await this.#stamps(file)];
    return [...want].flatMap(([name, value]) =>
      have.get(name) === value ? [] : [`${name} is "${have.get(name)}" in ${file} and "${value}" in ${wanted}`],
    );
  }

  async #stamps(file: string): Promise<Map<string, unknown>> {
    const { parts } = JSON.parse(await this.#exrpipe('info', '--json', this.#path(file))) as {
      parts: readonly { attributes: readonly { name: string; value: unknown }[] }[];
    };
    const names = ['Camera', 'File', 'Frame', 'Lens', 'Scene', 'Time'];
    const attributes = parts[0]?.attributes.filter(({ name }) => names.includes(name)) ?? [];
    return new Map(attributes.map(({ name, value }) => [name, value]));
  }

  /** Channels whose pixels are not those of another file, whatever the case of their letters. */
  async samePixels(wanted: string, file: string): Promise<string[]> {
    const { digest } = this.#tools;
    if (digest === undefined) return [];
    const read = async (path: string): Promise<Map<string, string>> => {
      const { code, stdout, stderr } = await run(digest, [this.#path(path)], minutes);
      if (code !== 0) throw new Error(`exr-digest cannot read ${path}: ${stderr}`);
      const rows = stdout.split('\n').map((line) => line.split('\t'));
      return new Map(
        rows.flatMap(([, name = '', , , sum = '']): [string, string][] =>
          /Crypto/.test(name) ? [[name.toLowerCase(), sum]] : [],
        ),
      );
    };
    const [want, have] = [await read(wanted), await read(file)];
    if (have.size === 0) return [`${file} has no Cryptomatte channels`];
    return [...have].flatMap(([name, sum]) =>
      want.get(name) === sum ? [] : [`the pixels of ${name} differ from ${wanted}`],
    );
  }

  /** Files that have Cryptomatte metadata. */
  async untouched(files: readonly string[]): Promise<string[]> {
    const found = await Promise.all(files.map((file) => this.names(file)));
    return files.filter((_, at) => found[at]?.length !== 0).map((file) => `${file} has names`);
  }

  async absent(files: readonly string[]): Promise<string[]> {
    const there = await Promise.all(
      files.map((file) =>
        access(this.#path(file)).then(
          () => true,
          () => false,
        ),
      ),
    );
    return files.filter((_, at) => there[at]).map((file) => `${file} is there`);
  }

  async #exrpipe(...words: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await run(process.execPath, [this.#tools.cli, ...words], minutes);
    if (code !== 0) throw new Error(`exrpipe ${words.join(' ')}: ${stderr}`);
    return stdout;
  }
}
