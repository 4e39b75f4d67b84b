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
import {
  ExrError,
  type FilterStep,
  isExrError,
  type OptionSpec,
  type OptionSpecs,
  takesList,
} from '../../lib/index.js';
import type { FilterTable } from '../filters.js';
import { kebabCase, typedValue } from './option-words.js';
import { suggest } from './usage.js';

/** The steps of a pipeline file. Throws `usage` errors that name the file and the line. */
export function parsePipeline(text: string, path: string, filters: FilterTable): FilterStep[] {
  return new PipelineReader(text, path, filters).steps();
}

type Node = ParsedNode | null | undefined;

class PipelineReader {
  readonly #path: string;
  readonly #filters: FilterTable;
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;

  constructor(text: string, path: string, filters: FilterTable) {
    this.#path = path;
    this.#filters = filters;
    // In the failsafe schema every value is the text that stands there: `no` stays a name, and 001 keeps its zeros.
    this.#document = parseDocument(text, { schema: 'failsafe', lineCounter: this.#lines, prettyErrors: false });
  }

  steps(): FilterStep[] {
    const [broken] = this.#document.errors;
    if (broken) throw this.#error(broken.pos[0], `this is not YAML: ${broken.message}`);
    const top = this.#document.contents;
    if (!isMap(top)) throw this.#error(start(top), 'a pipeline file begins with "pipeline:" and a list of filters');
    const entries = this.#entries(top);
    for (const { key, at } of entries)
      if (key !== 'pipeline') throw this.#error(at, `there is no setting "${key}"`, 'Known: pipeline.');
    const list = this.#resolve(entries[0]?.value);
    if (!isSeq<ParsedNode>(list) || list.items.length === 0)
      throw this.#error(start(list ?? top), '"pipeline" is a list of filters, each beginning with a dash');
    return list.items.map((item) => this.#step(this.#resolve(item)));
  }

  #step(node: Node): FilterStep {
    if (isScalar(node)) return this.#create(String(node.value), start(node), undefined);
    const entries = isMap(node) ? this.#entries(node) : [];
    const [entry] = entries;
    if (!entry || entries.length > 1)
      throw this.#error(
        start(node),
        'a step is one filter: "- rename: { strip-prefix: ViewLayer }"',
        'Begin every filter with a dash of its own.',
      );
    return this.#create(entry.key, entry.at, this.#resolve(entry.value));
  }

  #create(name: string, at: number, options: Node): FilterStep {
    const filter = this.#filters.get(name);
    if (!filter) throw this.#error(at, `there is no filter "${name}"`, suggest(name, [...this.#filters.keys()]));
    const values = this.#options(options, filter.definition.options, name);
    try {
      return filter.create(values);
    } catch (error) {
      throw isExrError(error) ? this.#error(at, error.message, error.hint) : error;
    }
  }

  #options(node: Node, specs: OptionSpecs, filter: string): Record<string, unknown> {
    if (!node || (isScalar(node) && node.value === '')) return {};
    if (!isMap(node)) throw this.#error(start(node), `the options of ${filter} are written as "name: value"`);
    const values: Record<string, unknown> = {};
    for (const { key, at, value } of this.#entries(node)) {
      const name = Object.keys(specs).find((own) => own === key || kebabCase(own) === key);
      const spec = name === undefined ? undefined : specs[name];
      if (name === undefined || !spec)
        throw this.#error(at, `${filter} has no option "${key}"`, suggest(key, Object.keys(specs).map(kebabCase)));
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

  #entries(map: YAMLMap.Parsed): { key: string; at: number; value: Node }[] {
    return map.items.map(({ key, value }) => {
      if (!isScalar(key)) throw this.#error(start(key), 'the name of a filter or option is plain text');
      return { key: String(key.value), at: start(key), value };
    });
  }

  #resolve(node: Node): Node {
    return isAlias(node) ? (node.resolve(this.#document) as Node) : node;
  }

  #error(at: number, message: string, hint?: string): ExrError {
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
