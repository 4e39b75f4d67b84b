/** Pipeline files: a chain of filters as YAML. The format is described in docs/pipelines.md. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import type { FilterStep } from '../engine/filter.js';
import { kebabCase, typedValue } from '../engine/option-text.js';
import { checkOptions, type OptionSpec, type OptionSpecs, type OptionValues, takesList } from '../engine/options.js';
import type { Advice } from '../model/advice.js';
import { ExrError, isExrError } from '../model/error.js';
import { suggest } from '../model/near.js';
import type { FilterTable } from './plugins.js';

/** What a pipeline file may hold beside its filters, as options that are checked like a filter's. */
export const pipelineSettings = {
  plugins: { type: 'files', summary: 'plug-ins with filters: paths from the folder of this file, or packages' },
  inputs: { type: 'files', summary: 'images: files, patterns, folders or globs; inputs of the caller take precedence' },
  output: { type: 'file', writes: true, summary: 'where to write: a file, a folder or a pattern' },
  frames: { type: 'text', summary: 'frames to process, such as 1-100,120-200x2' },
} as const satisfies OptionSpecs;

export type PipelineSettings = OptionValues<typeof pipelineSettings>;

/** A pipeline file that is taken apart: first what it names, and with the filters of its plug-ins its steps. */
export interface ParsedPipeline {
  readonly settings: PipelineSettings;
  /** @throws ExrError `usage` that names the file and the line. */
  steps(filters: FilterTable): FilterStep[];
}

/** Reads the text of a pipeline file. `path` is for errors. @throws ExrError `usage` that names the file and the line. */
export function parsePipeline(text: string, path: string): ParsedPipeline {
  return new PipelineReader(text, path);
}

type Node = ParsedNode | null | undefined;

interface Entry {
  readonly key: string;
  readonly at: number;
  readonly value: Node;
}

class PipelineReader implements ParsedPipeline {
  readonly settings: PipelineSettings;
  readonly #path: string;
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;
  readonly #list: readonly ParsedNode[];

  constructor(text: string, path: string) {
    this.#path = path;
    // In the failsafe schema every value is the text that stands there: `no` stays a name, and 001 keeps its zeros.
    this.#document = parseDocument(text, { schema: 'failsafe', lineCounter: this.#lines, prettyErrors: false });
    const [broken] = this.#document.errors;
    if (broken) throw this.#error(broken.pos[0], `this is not YAML: ${broken.message}`);
    const top = this.#document.contents;
    if (!isMap(top)) throw this.#error(start(top), 'a pipeline file is a map with "pipeline:" and a list of filters');
    const entries = this.#entries(top);
    const known = ['pipeline', ...Object.keys(pipelineSettings)];
    for (const { key, at } of entries)
      if (!known.includes(key)) throw this.#error(at, `there is no setting "${key}"`, suggest(key, known));
    const named = this.#values(
      entries.filter(({ key }) => key !== 'pipeline'),
      pipelineSettings,
      'pipeline',
    );
    this.settings = this.#checked(start(top), () => checkOptions('pipeline', pipelineSettings, named));
    const list = this.#resolve(entries.find(({ key }) => key === 'pipeline')?.value);
    if (!isSeq<ParsedNode>(list) || list.items.length === 0)
      throw this.#error(start(list ?? top), '"pipeline" is a list of filters, each beginning with a dash');
    this.#list = list.items;
  }

  steps(filters: FilterTable): FilterStep[] {
    return this.#list.map((item) => this.#step(this.#resolve(item), filters));
  }

  #step(node: Node, filters: FilterTable): FilterStep {
    if (isScalar(node)) return this.#create(String(node.value), start(node), undefined, filters);
    const entries = isMap(node) ? this.#entries(node) : [];
    const [entry] = entries;
    if (!entry || entries.length > 1)
      throw this.#error(
        start(node),
        'a step is one filter: "- rename: { strip-prefix: ViewLayer }"',
        'Begin every filter with a dash of its own.',
      );
    return this.#create(entry.key, entry.at, this.#resolve(entry.value), filters);
  }

  #create(name: string, at: number, options: Node, filters: FilterTable): FilterStep {
    const filter = filters.get(name);
    if (!filter) throw this.#error(at, `there is no filter "${name}"`, suggest(name, [...filters.keys()]));
    const values = this.#options(options, filter.definition.options, name);
    return this.#checked(at, () => filter.create(values));
  }

  /** What a check finds wrong, with the line it is about. */
  #checked<Result>(at: number, check: () => Result): Result {
    try {
      return check();
    } catch (error) {
      if (!isExrError(error)) throw error;
      throw this.#error(at, error.wording ?? error.message, error.advice ?? error.hint);
    }
  }

  #options(node: Node, specs: OptionSpecs, filter: string): Record<string, unknown> {
    if (!node || (isScalar(node) && node.value === '')) return {};
    if (!isMap(node)) throw this.#error(start(node), `the options of ${filter} are written as "name: value"`);
    return this.#values(this.#entries(node), specs, filter);
  }

  #values(entries: readonly Entry[], specs: OptionSpecs, owner: string): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    for (const { key, at, value } of entries) {
      const name = Object.keys(specs).find((own) => own === key || kebabCase(own) === key);
      const spec = name === undefined ? undefined : specs[name];
      if (name === undefined || !spec)
        throw this.#error(at, `${owner} has no option "${key}"`, suggest(key, Object.keys(specs).map(kebabCase)));
      if (values[name] !== undefined) throw this.#error(at, `"${key}" is given twice`);
      values[name] = this.#value(this.#resolve(value), spec, key, at);
    }
    return values;
  }

  #value(node: Node, spec: OptionSpec, key: string, at: number): unknown {
    if (isScalar(node)) return typedValue(String(node.value), spec);
    if (isSeq<ParsedNode>(node) && takesList(spec))
      return node.items.map((item) => {
        const resolved = this.#resolve(item);
        if (!isScalar(resolved)) throw this.#error(start(resolved), `"${key}" is a list of texts`);
        return String(resolved.value);
      });
    throw this.#error(start(node) || at, `"${key}" is ${takesList(spec) ? 'a text or a list of texts' : 'one value'}`);
  }

  #entries(map: YAMLMap.Parsed): Entry[] {
    return map.items.map(({ key, value }) => {
      if (!isScalar(key)) throw this.#error(start(key), 'the name of a filter or option is plain text');
      return { key: String(key.value), at: start(key), value };
    });
  }

  #resolve(node: Node): Node {
    return isAlias(node) ? (node.resolve(this.#document) as Node) : node;
  }

  #error(at: number, message: string | Advice, hint?: string | Advice): ExrError {
    return new ExrError('usage', 'BAD_PIPELINE', message, {
      where: { file: `${this.#path}:${this.#lines.linePos(at).line}` },
      ...(hint !== undefined && { hint }),
    });
  }
}

/** Where a node begins in the text. */
function start(node: Node): number {
  return node?.range[0] ?? 0;
}
