/** `exrpipe masks`: Cryptomattes for programs that know none. */

import { compileGlobs, matchesAny } from '../../filters/shared/glob.js';
import { bitsToHex, readIds } from '../../lib/cryptomatte/index.js';
import { compareText, listed, makeLimits } from '../../lib/format/index.js';
import {
  type ExrDocument,
  ExrError,
  type Header,
  type OptionSpecs,
  type OptionValues,
  type Part,
  readSidecar,
} from '../../lib/index.js';
import { type CryptomatteSet, headerSets } from '../../lib/layers/index.js';
import { lookOfLayer, looksOf, type ViewLook } from '../../lib/look.js';
import { namesOfSet } from '../../lib/previews.js';
import { filterContext, loadKernels, renderPath, sharedRunners, shortName } from '../../lib/program.js';
import type { Session } from '../terminal/session.js';
import { helpOption, limitOption, limitsOf } from '../words/common-options.js';
import { readWords } from '../words/option-words.js';
import { usageError } from '../words/usage.js';
import type { Command } from './command.js';
import { eachFrame, type FrameJob, frameOptions, isUpToDate } from './look/frames.js';
import { writeIdMap } from './look/id-map.js';
import { hasMark, pngWords } from './look/mark.js';
import { writeMasks } from './look/mask-files.js';
import { refuseUnfinished, withInput } from './look/open.js';

const options = {
  output: {
    type: 'file',
    writes: true,
    placeholder: 'PATTERN',
    summary: 'where to write: a pattern with {name}, such as out/{name}.####.png; with --map one file',
  },
  layer: { type: 'text', placeholder: 'NAME', summary: 'the Cryptomatte; not needed where there is only one' },
  view: { type: 'text', placeholder: 'NAME', summary: 'the view of a stereo file; the first without it' },
  name: {
    type: 'list',
    placeholder: 'GLOB',
    summary: 'only these names (repeatable), also where a frame does not show them; without it those it shows',
  },
  bits: { type: 'choice', choices: ['8', '16'], default: '8', summary: 'bits of a mask' },
  map: { type: 'flag', summary: 'one map of numbers with a legend in JSON instead of a mask for each name' },
  ...frameOptions,
  ...limitOption,
  ...helpOption,
} as const satisfies OptionSpecs;

type Values = OptionValues<typeof options>;

export const command: Command = {
  name: 'masks',
  summary: 'Write the masks of a Cryptomatte as PNG: a file for each name, or a map with a legend',
  description: [
    'Each mask is a grey PNG of the display window: 0 is no coverage, white is full coverage, without a curve, rounded to the nearest. -o needs {name}; characters that file names cannot have are replaced, and a name of more than 200 bytes is cut and ends in its ID.',
    '--map writes one PNG in which each pixel has the number of the name that covers most of it, and a JSON file beside it: for each name its number, ID, colour, area and box. Numbers are places in the sorted list of names, the same in all frames with the same names. Up to 255 names make a palette, more are 16-bit grey.',
  ].join('\n\n'),
  usage: '[INPUT…] -o PATTERN',
  examples: [
    { command: "masks --layer CryptoObject shot.0001.exr -o 'masks/{name}.png'", what: 'every object of a frame' },
    {
      command: "masks --name 'Hero*' --bits 16 'shots/s.####.exr' -o 'masks/{name}.####.png'",
      what: 'some over a shot',
    },
    { command: 'masks --map shot.0001.exr -o ids.png', what: 'ids.png and ids.json' },
  ],
  options,
  runsChain: true,
  async run(words, session) {
    const { values, bare } = readWords(words, options, 'masks');
    const { output } = values;
    if (output === undefined || !/\.png$/i.test(output))
      throw usageError('masks: name PNG files with -o', "Write for example -o 'masks/{name}.####.png'.");
    if (values.map === output.includes('{name}'))
      throw usageError(
        values.map ? 'masks --map writes one file, which has no {name}' : 'masks: the output needs {name}',
        values.map ? 'Remove it from -o.' : "Write for example -o 'masks/{name}.####.png'.",
      );
    // The name is filled in by frame, when it is known.
    const pattern = output.replaceAll('{name}', nameMark);
    const run = { inputs: bare, output: pattern, ending: '.png', values };
    return eachFrame(run, session, (job) => masksOfFrame(job, values, session));
  },
};

/** Stands for the name while frame and stem are filled in; no file is called so. */
const nameMark = '\u{f8ff}name\u{f8ff}';

async function masksOfFrame({ input, output = '' }: FrameJob, values: Values, session: Session): Promise<boolean> {
  const { quiet, frames, missing, skipExisting, output: _output, help, ...made } = values;
  const text = pngWords('masks', made, [input]);
  if (skipExisting && values.map && (await areDone([output], input, text))) return false;
  const { signal } = session;
  const limits = makeLimits(limitsOf(values.limit));
  return withInput(input, limits, async (document) => {
    refuseUnfinished(document, input);
    const { set, view } = chosenSet(document.header, values);
    const options = { signal, runners: sharedRunners, limits, kernels: loadKernels };
    const source = { document, view, part: document.header.parts[view.part] as Part, text, options };
    const all = [...(await namesOfSet(set, (name) => readSidecar(input, name)))].sort(([a], [b]) => compareText(a, b));
    const wanted = chosenNames(all, values.name);
    if (values.map) {
      await writeIdMap(source, wanted, output);
      return true;
    }
    await document.source.makeRandom();
    const shown = values.name.length > 0 ? wanted : await namesShown(document, set, wanted, session);
    const files = shown.map(([name, id]) => ({
      id,
      path: output.replaceAll(nameMark, renderPath('{name}', { name: shortName(name, bitsToHex(id)) })),
    }));
    const paths = files.map(({ path }) => path);
    refuseTwice(paths);
    if (skipExisting && (await areDone(paths, input, text))) return false;
    await writeMasks(source, files, values.bits === '16' ? 16 : 8);
    return true;
  });
}

async function areDone(paths: readonly string[], input: string, text: ReadonlyMap<string, string>): Promise<boolean> {
  for (const path of paths) if (!((await isUpToDate(path, [input])) && (await hasMark(path, text)))) return false;
  return true;
}

function chosenSet(header: Header, { layer, view }: Values): { set: CryptomatteSet; view: ViewLook } {
  const sets = headerSets(header).filter(({ layers }) => layers.length > 0);
  const known = sets.map(({ name, key }) => name ?? key);
  const name = layer === undefined ? undefined : lookOfLayer(header, layer).layer;
  const [set, ...others] = name === undefined ? sets : sets.filter((own) => own.name === name);
  if (!set)
    throw new ExrError(
      'usage',
      'NO_SUCH_LAYER',
      layer === undefined
        ? 'the file has no Cryptomatte with metadata'
        : `"${layer}" is not a Cryptomatte with metadata`,
      { hint: known.length > 0 ? `There are: ${listed(known)}.` : '"inject-manifest" restores lost names.' },
    );
  if (others.length > 0)
    throw new ExrError('usage', 'SEVERAL_FIT', 'there are several Cryptomattes', {
      hint: `Add --layer with one of: ${listed(known)}.`,
    });
  const views = looksOf(header).find((look) => look.kind === 'ids' && look.layer === (set.name ?? ''))?.views ?? [];
  const found = view === undefined ? views[0] : views.find((own) => own.view === view);
  if (found) return { set, view: found };
  throw new ExrError('usage', 'NO_SUCH_VIEW', `there is no view "${view ?? ''}"`, {
    hint: `There are: ${listed(views.map((own) => own.view))}.`,
  });
}

type Names = readonly (readonly [string, number])[];

function chosenNames(all: Names, patterns: readonly string[]): Names {
  if (patterns.length === 0) return all;
  const globs = compileGlobs(patterns);
  const found = all.filter(([name]) => matchesAny(globs, name));
  if (found.length > 0) return found;
  throw new ExrError('usage', 'NO_SUCH_NAME', `no name matches ${listed(patterns)}`, {
    hint: all.length > 0 ? `There are: ${listed(all.map(([name]) => name))}.` : 'The Cryptomatte has no names.',
  });
}

/** The names with coverage anywhere in the frame. */
async function namesShown(
  document: ExrDocument,
  { layers }: CryptomatteSet,
  names: Names,
  { signal }: Session,
): Promise<Names> {
  const { samples } = filterContext(document, { signal });
  const statistics = (await readIds(document.header, new Map([['set', layers]]), samples)).get('set');
  const there = new Set([...(statistics?.found() ?? [])].map(({ bits }) => bits));
  return names.filter(([, bits]) => there.has(bits));
}

function refuseTwice(paths: readonly string[]): void {
  const twice = paths.find((path, at) => paths.indexOf(path) !== at);
  if (twice !== undefined)
    throw new ExrError('usage', 'OUTPUT_TWICE', `several names would be written to ${twice}`, {
      hint: 'Their names differ only in characters that file names cannot have; choose one of them with --name.',
    });
}
