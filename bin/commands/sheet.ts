/** `exrpipe sheet`: contact sheets of layers or frames. */

import { basename } from 'node:path';
import {
  describeError,
  ExrError,
  isSequence,
  type OptionSpecs,
  type OptionValues,
  parseFrames,
} from '../../lib/index.js';
import { type Look, looksOf, makePreview, type Preview, Sheet, writePreview } from '../../lib/previews.js';
import { isAbort, listItems } from '../../lib/program.js';
import { exitCodes } from '../terminal/reporter.js';
import type { Session } from '../terminal/session.js';
import { helpOption } from '../words/common-options.js';
import { checkValues, optionValues, splitWords } from '../words/option-words.js';
import { sequenceOptions } from '../words/sequence-options.js';
import { usageError } from '../words/usage.js';
import type { Command } from './command.js';
import { pngWords } from './look/mark.js';
import { openInput } from './look/open.js';
import { chosenLook, displayOptions, layerOptions, parseSize, previewSettings, sizeOption } from './look/options.js';
import { writeWhole } from './look/write-whole.js';

const options = {
  output: { type: 'file', writes: true, placeholder: 'PATH', summary: 'where to write the PNG; stdout without it' },
  ...layerOptions,
  ...sizeOption,
  columns: {
    type: 'number',
    min: 1,
    max: 1000,
    placeholder: 'N',
    summary: 'images side by side; about a square without it',
  },
  ...displayOptions,
  frames: sequenceOptions.frames,
  quiet: { type: 'flag', summary: 'no notes on stderr, only errors' },
  ...helpOption,
} as const satisfies OptionSpecs;

type Values = OptionValues<typeof options>;

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
    const { named, bare } = splitWords(words, options, 'sheet');
    const values = checkValues(options, optionValues(named, options, 'sheet'), 'sheet');
    session.reporter.configure({ quiet: values.quiet });
    if (values.output === undefined && process.stdout.isTTY)
      throw usageError('the output is an image and stdout is a terminal', 'Name a file with -o.');
    const inputs = bare.length > 0 ? bare : ['-'];
    const cells =
      values.frames !== undefined || (await isSequence(inputs, []))
        ? await frameCells(inputs, values)
        : await layerCells(inputs[0] ?? '-', values);
    const failed = await drawSheet(cells, inputs, values, session);
    if (failed === 0) return exitCodes.ok;
    return failed === cells.length ? exitCodes.failed : exitCodes.someFailed;
  },
};

/** One image of a sheet. */
interface Cell {
  readonly label: string;
  /** Undefined for a frame that is missing. */
  readonly input: string | undefined;
  /** Which look; that of the options without it. */
  readonly look: number | undefined;
}

async function layerCells(input: string, { layer, channel }: Values): Promise<Cell[]> {
  if (input === '-') throw usageError('a sheet of layers reads its input many times', 'Name a file instead of stdin.');
  if (channel !== undefined || layer !== undefined) return [{ label: layer ?? channel ?? '', input, look: undefined }];
  const { header, source } = await openInput(input, undefined);
  await source.close();
  const cells = looksOf(header).map(({ layer: name }, look) => ({ label: name === '' ? 'RGBA' : name, input, look }));
  if (cells.length > 0) return cells;
  throw new ExrError('unsupported', 'NOTHING_TO_SHOW', 'the file has no layer that can be shown', {
    where: { file: input },
    hint: 'Deep pixels are not shown.',
  });
}

async function frameCells(inputs: readonly string[], { frames }: Values): Promise<Cell[]> {
  const wanted = frames === undefined ? undefined : parseFrames(frames);
  const { items, missing } = await listItems(inputs, { frames: wanted, missing: 'skip', joins: false });
  const there = items.map(({ frame, view, inputs: [file] }) => ({
    frame,
    cell: {
      label: `${frame ?? basename(file?.path ?? '')}${view === undefined ? '' : ` ${view}`}`,
      input: file?.path ?? '',
      look: undefined,
    },
  }));
  const gone = missing.flatMap(({ frames: list, view }) =>
    parseFrames(list).map((frame) => ({
      frame,
      cell: { label: `${frame}${view === undefined ? '' : ` ${view}`} missing`, input: undefined, look: undefined },
    })),
  );
  return [...there, ...gone].sort((a, b) => (a.frame ?? 0) - (b.frame ?? 0)).map(({ cell }) => cell);
}

/** Draws and writes the sheet; gives the number of images that are missing or broken. */
async function drawSheet(
  cells: readonly Cell[],
  inputs: readonly string[],
  values: Values,
  session: Session,
): Promise<number> {
  const size = parseSize(values.size ?? '240');
  const columns = Math.min(cells.length, values.columns ?? Math.ceil(Math.sqrt(cells.length)));
  const cell = {
    width: size.width,
    height: values.size?.includes('x') ? size.height : Math.ceil((size.width * 3) / 4),
  };
  const sheet = new Sheet(cells.length, cell, columns);
  let failed = 0;
  for (const [at, one] of cells.entries()) {
    session.signal.throwIfAborted();
    const trouble = await drawCell(sheet, at, one, cell, values, session);
    if (trouble) {
      failed += 1;
      sheet.strike(at);
    }
  }
  const { canvas } = sheet;
  const lines = async function* () {
    for (let y = 0; y < canvas.height; y++) yield canvas.line(y);
  };
  const image = { columns: canvas.width, rows: canvas.height, channels: 3, lines } as const;
  const words = pngWords('sheet', {}, inputs);
  await writeWhole(values.output, session.signal, (sink) => writePreview(image, sink, words));
  return failed;
}

/** True where the image is missing or broken. */
async function drawCell(
  sheet: Sheet,
  at: number,
  { label, input, look: number }: Cell,
  size: { readonly width: number; readonly height: number },
  values: Values,
  { signal, reporter }: Session,
): Promise<boolean> {
  if (input === undefined) {
    sheet.begin(at, { text: label, isBad: true });
    return true;
  }
  const settings = previewSettings(values, signal);
  let isBroken = false;
  try {
    const document = await openInput(input, settings.limits);
    try {
      isBroken = document.source.missing.length > 0;
      sheet.begin(at, { text: isBroken ? `${label} unfinished` : label, isBad: isBroken });
      const look: Look | undefined = number === undefined ? undefined : looksOf(document.header)[number];
      const chosen = look ?? chosenLook(document.header, values);
      const each = { ...size, width: Math.max(1, Math.floor(size.width / chosen.views.length)) };
      const preview: Preview = await makePreview(document, chosen, {
        ...settings,
        size: each,
        background: 'grey',
        window: 'display',
      });
      let row = 0;
      for await (const line of preview.lines()) sheet.row(at, row++, preview, line);
    } finally {
      await document.source.close();
    }
  } catch (error) {
    if (isAbort(error) || signal.aborted) throw error;
    reporter.line(`exrpipe: ${describeError(error instanceof ExrError ? error.at({ file: input }) : error)}`);
    sheet.begin(at, { text: `${label} broken`, isBad: true });
    return true;
  }
  return isBroken;
}
