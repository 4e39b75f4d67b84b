/** `exrpipe validate`: the Cryptomatte linter, over files and sequences. */

import type { OptionSpecs } from '../../lib/index.js';
import { programs } from '../../lib/layers/index.js';
import { isRedirected } from '../terminal/stdin.js';
import { helpOption, limitOption, limitsOf } from '../words/common-options.js';
import { readWords } from '../words/option-words.js';
import { sequenceOptions } from '../words/sequence-options.js';
import { usageError } from '../words/usage.js';
import type { Command } from './command.js';
import { validate } from './validate-run.js';

const options = {
  frames: {
    ...sequenceOptions.frames,
    summary: 'frames to check, such as 1-100,120-200x2; one that is missing is an error (default: all that exist)',
  },
  pixels: { type: 'flag', summary: 'also read the pixels: IDs without names, destroyed IDs, coverage' },
  target: {
    type: 'list',
    choices: programs,
    placeholder: 'PROGRAM',
    summary: 'report only what affects this program (repeatable)',
  },
  json: { type: 'flag', summary: 'print one line of JSON for each file (docs/json.md)' },
  all: { type: 'flag', summary: 'include information, not only errors and warnings' },
  report: {
    type: 'file',
    writes: true,
    placeholder: 'FILE',
    summary: 'also write a page with images (.html), a table (.csv), text (.txt) or data (.json); docs/reports.md',
  },
  quiet: { type: 'flag', summary: 'only the summary of several files; for one file nothing but the exit code' },
  progress: {
    type: 'choice',
    choices: ['none', 'openjd'],
    default: 'none',
    placeholder: 'HOW',
    summary: 'progress for OpenJD farms, on stdout (docs/progress.md)',
  },
  ...limitOption,
  ...helpOption,
} as const satisfies OptionSpecs;

export const command: Command = {
  name: 'validate',
  summary: 'Check whether Cryptomattes work in Nuke, Fusion, After Effects and Blender',
  description: [
    'Checks each file against all rules for Cryptomattes and reports what is wrong, which programs are affected, and which exrpipe command fixes it. Only headers are read, unless --pixels is given, which also finds IDs without a name, IDs that were destroyed by half floats or lossy codecs, and wrong coverage.',
    'For several files a summary comes first: how many are sound, which frames are missing, and which rules are broken where. Missing frames are an error only where --frames asks for them: as the last task of a farm, so that a shot with holes does not pass.',
    'Files of a sequence are also compared: layers, pixel types, codecs, windows, and the keys, rank layers and names of Cryptomattes should not change between frames; "manifest --shot" unifies manifests.',
    '--report writes all of it to one page, for deciding what to render again: images, frames with findings, what each program sees, and the commands that fix it.',
    'The exit code is 1 when there is an error (with --target, an error for one of these programs); warnings do not count.',
  ].join('\n\n'),
  usage: 'FILE…',
  examples: [
    { command: 'validate shot.0001.exr', what: 'by the header alone' },
    { command: "validate --pixels --target nuke 'shots/hero.####.exr'", what: 'a sequence, for comp in Nuke' },
    { command: "validate --pixels --report hero.html 'shots/hero.####.exr'", what: 'a page to look at and to pass on' },
    { command: "validate --frames 1-240 'out/hero.####.exr'", what: 'whether all frames of a shot are there' },
    { command: "validate --json renders/*.exr | jq -r '.findings[].rule'", what: 'for programs' },
  ],
  options,
  async run(words, session) {
    const { values: settings, bare } = readWords(words, options, 'validate');
    const inputs = bare.length === 0 && isRedirected() ? ['-'] : bare;
    if (inputs.length === 0) throw usageError('validate: name one or more files', 'A single - stands for stdin.');
    if (settings.json && settings.progress === 'openjd')
      throw usageError('--json and --progress openjd both write to stdout', 'Choose one of them.');
    return validate(inputs, { ...settings, limits: limitsOf(settings.limit) }, session);
  },
};
