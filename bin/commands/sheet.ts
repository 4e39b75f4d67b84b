/** `exrpipe sheet`: contact sheets of layers or frames. */

import { isSequence, type OptionSpecs, type OptionValues, version } from '../../lib/index.js';
import { type PreviewOptions, type Size, writePreview } from '../../lib/look.js';
import { Sheet } from '../../lib/previews.js';
import { exitCodes } from '../terminal/reporter.js';
import { helpOption, limitOption } from '../words/common-options.js';
import { readWords } from '../words/option-words.js';
import { sequenceOptions } from '../words/sequence-options.js';
import { usageError } from '../words/usage.js';
import type { Command } from './command.js';
import { type Cell, frameCells, layerCells } from './look/cells.js';
import { drawCells, imageSize } from './look/draw-cells.js';
import { withInput } from './look/open.js';
import { chosenLook, lookOptions, parseSize, previewSettings, sizeOption } from './look/options.js';
import { writeWhole } from './look/write-whole.js';

const options = {
  output: { type: 'file', writes: true, placeholder: 'PATH', summary: 'where to write the PNG; stdout without it' },
  ...lookOptions,
  ...sizeOption,
  columns: {
    type: 'number',
    min: 1,
    max: 1000,
    placeholder: 'N',
    summary: 'images side by side; about a square without it',
  },
  frames: sequenceOptions.frames,
  quiet: { type: 'flag', summary: 'no notes on stderr, only errors' },
  ...limitOption,
  ...helpOption,
} as const satisfies OptionSpecs;

type Values = OptionValues<typeof options>;

/** The longer side of an image without --size. */
const usualSize = '240';

/** Pixels of a cell's width that a label needs. */
const leastWidth = 128;

export const command: Command = {
  name: 'sheet',
  summary: 'Make a contact sheet: all layers of a frame, or one layer over a shot',
  description:
    'Of one file it shows every layer with its name, of a pattern, folder or several files one layer of each with its frame number. Frames that are missing or broken are struck out in red; what is there of an unfinished one is shown. --size is that of one image, 240 without it.',
  usage: '[INPUT…] [-o OUTPUT]',
  examples: [
    { command: 'sheet shot.0001.exr -o layers.png', what: 'what a frame holds' },
    { command: "sheet --layer Depth 'shots/hero.####.exr' -o depth.png", what: 'depth over a shot' },
  ],
  options,
  runsChain: true,
  async run(words, session) {
    const { values, bare } = readWords(words, options, 'sheet');
    session.reporter.configure({ quiet: values.quiet });
    if (values.output === undefined && process.stdout.isTTY)
      throw usageError('the output is an image and stdout is a terminal', 'Name a file with -o.');
    const settings = previewSettings(values, session.signal);
    const cells = await cellsOf(bare, values, settings);
    const size = await cellSize(cells, values.size, settings);
    const columns = Math.min(cells.length, values.columns ?? Math.ceil(Math.sqrt(cells.length)));
    const sheet = new Sheet(cells.length, size, columns);
    const failed = await drawCells(sheet, cells, { ...settings, size }, session);
    const text = new Map([['Software', `exrpipe ${version}`]]);
    await writeWhole(values.output, session.signal, (sink) => writePreview(sheet.image, sink, text));
    if (failed === 0) return exitCodes.ok;
    return failed === cells.length ? exitCodes.failed : exitCodes.someFailed;
  },
};

async function cellsOf(
  inputs: readonly string[],
  values: Values,
  { limits }: PreviewOptions,
): Promise<readonly Cell[]> {
  const { layer, channel, view, look, frames } = values;
  const choose: Cell['choose'] = (header) => chosenLook(header, values);
  if (frames !== undefined || (await isSequence(inputs, []))) return frameCells(inputs, frames, choose);
  const [input = '-'] = inputs;
  const name = layer ?? channel;
  if (name !== undefined) return [{ label: name, input, choose }];
  if (look !== undefined) throw usageError('sheet: --look is for one layer', 'Name it with --layer.');
  if (input === '-') throw usageError('a sheet of layers reads its input many times', 'Name a file instead of stdin.');
  return withInput(input, limits, async ({ header }) => layerCells(header, input, view));
}

/** Pixels of each cell: those that are named, or with one number the size of the first image that can be opened. */
async function cellSize(cells: readonly Cell[], text = usualSize, { limits }: PreviewOptions): Promise<Size> {
  const most = parseSize(text);
  if (text.includes('x')) return most;
  for (const { input, choose } of cells) {
    if (input === undefined) continue;
    try {
      return await withInput(input, limits, async ({ header }) => {
        const { columns, rows } = imageSize(header, choose(header), most);
        return { width: Math.max(columns, leastWidth), height: rows };
      });
    } catch {
      // It is reported when it is drawn.
    }
  }
  return { width: most.width, height: Math.ceil((most.width * 9) / 16) };
}
