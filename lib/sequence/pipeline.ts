/** Pipeline files, from the file to its run. */
import type { FilterStep } from '../engine/filter.js';
import { ExrError } from '../model/error.js';
import { decodeText } from '../model/text.js';
import { loadModule, moduleAddress } from '../node/modules.js';
import { dirname } from '../node/paths.js';
import { readSideFile } from '../node/side-file.js';
import type { SequenceSummary } from './events.js';
import type { SequenceOptions } from './options.js';
import { exportedFilters, type FilterTable, loadPlugins, withPlugins } from './plugins.js';
import { runSequence } from './run.js';

/** The content of a pipeline file. */
export interface Pipeline {
  readonly steps: readonly FilterStep[];
  /** As they are written; empty where the file names none. */
  readonly inputs: readonly string[];
  readonly output?: string;
  readonly frames?: string;
  /** Addresses (`file:` URLs) of its plug-ins, as the option `plugins` of {@link runSequence} takes them. */
  readonly plugins: readonly string[];
}

/**
 * Reads a pipeline file, whose format docs/pipelines.md describes. Its plug-ins are loaded, their paths relative to its folder;
 * all other paths are left as they are.
 * @param filters filters by name, to which those of its plug-ins are added
 * @throws ExrError `usage` that names the file and the line, `io` where it cannot be read, and what {@link loadPlugins} throws
 */
export async function readPipeline(path: string, filters: FilterTable): Promise<Pipeline> {
  const text = decodeText(await readSideFile(path));
  // Few runs have a pipeline file, and the parser takes its time to load.
  const { parsePipeline } = await import('./pipeline-file.js');
  const parsed = parsePipeline(text, path);
  const { inputs, plugins: names, ...named } = parsed.settings;
  const plugins = await loadPlugins(names, dirname(path));
  const steps = parsed.steps(withPlugins(filters, plugins));
  return { ...named, steps, inputs, plugins: plugins.map(({ address }) => address) };
}

/** Options of {@link runPipeline}. What is given here wins over what the file names. */
export interface PipelineRunOptions extends Omit<SequenceOptions, 'inputs' | 'steps' | 'filters'> {
  readonly inputs?: readonly string[] | undefined;
  /** The module with the filters that the file may name, mostly `import.meta.resolve('exrpipe/filters')`. */
  readonly filters: string | URL;
}

/**
 * Runs a pipeline file over its inputs, one image or whole shots, as {@link runSequence} does.
 *
 * ```ts
 * await runPipeline('deliver.yaml', {
 *   filters: import.meta.resolve('exrpipe/filters'),
 *   inputs: ['shot.####.exr'],
 *   output: 'out/{layer}.####.exr',
 * });
 * ```
 *
 * @throws ExrError what {@link readPipeline} and {@link runSequence} throw, and `usage` where nobody names an input
 */
export async function runPipeline(path: string, options: PipelineRunOptions): Promise<SequenceSummary> {
  const named = await loadPlugins(options.plugins ?? []);
  const own = exportedFilters(await loadModule(await moduleAddress(options.filters, '.')));
  const table = new Map(own.map((filter) => [filter.definition.name, filter]));
  const { steps, plugins, ...file } = await readPipeline(path, withPlugins(table, named));
  const { inputs = file.inputs, output = options.inPlace ? undefined : file.output, frames = file.frames } = options;
  if (inputs.length === 0)
    throw new ExrError('usage', 'NO_INPUT', 'neither the pipeline file nor its caller names an input', {
      where: { file: path },
      hint: 'Add "inputs:" to the file.',
    });
  const addresses = [...new Set([...named.map(({ address }) => address), ...plugins])];
  return runSequence({ ...options, inputs, output, frames, steps, plugins: addresses });
}
