import type { OptionSpecs, OptionValues } from '../../lib/index.js';

/** Options of chains that run over whole shots. They belong to the common options: they may stand anywhere in a chain. */
export const sequenceOptions = {
  frames: {
    type: 'text',
    placeholder: 'RANGE',
    summary: 'frames to process, such as 1-100,120-200x2 (default: all that exist)',
  },
  missing: {
    type: 'choice',
    choices: ['fail', 'skip', 'hold'],
    default: 'fail',
    placeholder: 'HOW',
    summary: 'for missing frames: fail before work starts, skip them, or hold the previous frame',
  },
  jobs: {
    type: 'number',
    min: 1,
    max: 256,
    placeholder: 'N',
    summary: 'frames to process concurrently (default: three for every two cores)',
  },
  onError: {
    type: 'choice',
    choices: ['stop', 'continue', 'skip'],
    default: 'continue',
    placeholder: 'HOW',
    summary: 'when a frame fails: stop, continue with the others, or skip it without counting it as a failure',
  },
  skipExisting: {
    type: 'flag',
    summary: 'skip frames whose outputs are complete, up to date and made by the same chain',
  },
  inPlace: { type: 'flag', summary: 'replace every input with its result' },
  noMark: { type: 'flag', summary: 'do not record the chain in the outputs (the attribute exrpipe/pipeline)' },
  watch: { type: 'flag', summary: 'wait for frames that are still being rendered' },
  until: { type: 'number', placeholder: 'FRAME', summary: 'with --watch: end after this frame' },
  idle: {
    type: 'number',
    min: 0,
    placeholder: 'SECONDS',
    summary: 'with --watch: end after this long without a new frame',
  },
  progress: {
    type: 'choice',
    choices: ['auto', 'tty', 'log', 'json', 'openjd', 'none'],
    default: 'auto',
    placeholder: 'HOW',
    summary: 'progress of a sequence: a bar (tty), a line every few seconds (log), JSON lines, or for OpenJD farms',
  },
  report: {
    type: 'file',
    writes: true,
    placeholder: 'FILE',
    summary:
      'record the result of every frame: a page (.html), a table (.csv), text (.txt) or data (.json); in a folder each run leaves a file',
  },
} as const satisfies OptionSpecs;

export type SequenceWords = OptionValues<typeof sequenceOptions>;
