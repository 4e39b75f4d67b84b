/** `exrpipe show`: a frame in the terminal. */
import { isSequence, type OptionSpecs, type OptionValues } from '../../lib/index.js';
import { makePreview, type Preview, type Size, writePreview } from '../../lib/look.js';
import { HalfBlocks, sixelBand, sixelEnd, sixelStart, sizePerView } from '../../lib/previews.js';
import { exitCodes } from '../terminal/reporter.js';
import { writeStdout } from '../terminal/stdout.js';
import { helpOption, limitOption } from '../words/common-options.js';
import { readWords } from '../words/option-words.js';
import { usageError } from '../words/usage.js';
import type { Command } from './command.js';
import { withInput } from './look/open.js';
import { chosenLook, lookOptions, previewSettings } from './look/options.js';

const graphics = ['auto', 'blocks', 'kitty', 'sixel'] as const;

const options = {
  ...lookOptions,
  graphics: {
    type: 'choice',
    choices: graphics,
    default: 'auto',
    summary: 'how the terminal draws: half blocks of 24-bit colour, or the graphics of kitty or sixel',
  },
  columns: {
    type: 'number',
    min: 1,
    max: 1000,
    placeholder: 'N',
    summary: 'letters in a line; those of the terminal without it',
  },
  ...limitOption,
  ...helpOption,
} as const satisfies OptionSpecs;

type Values = OptionValues<typeof options>;

export const command: Command = {
  name: 'show',
  summary: 'Draw a frame in the terminal',
  description:
    'Draws the layer that "preview" would show, as large as the window allows: in half blocks of 24-bit colour, or with the graphics of kitty (also Ghostty and WezTerm) or sixel (foot, mlterm, and terminals whose TERM contains sixel). Without colour there is nothing to see, so it refuses where NO_COLOR is set.',
  usage: 'FILE',
  examples: [
    { command: 'show shot.0001.exr', what: 'the beauty' },
    { command: 'show --layer CryptoObject shot.0001.exr', what: 'objects in colours' },
  ],
  options,
  async run(words, session) {
    const { values, bare } = readWords(words, options, 'show');
    const [input = '-', ...others] = bare;
    if (others.length > 0 || (await isSequence(bare, [])))
      throw usageError('show: name one file', 'For several see "exrpipe sheet".');
    checkTerminal(values);
    const kind = values.graphics === 'auto' ? graphicsOf(process.env) : values.graphics;
    const settings = previewSettings(values, session.signal);
    await withInput(input, settings.limits, async (document) => {
      const look = chosenLook(document.header, values);
      const size = sizePerView(roomOf(kind, values.columns), look.views.length);
      const preview = await makePreview(document, look, { ...settings, size });
      for (const notice of preview.notices) session.reporter.notice(notice);
      await drawings[kind](preview);
    });
    return exitCodes.ok;
  },
};

function checkTerminal({ columns }: Values): void {
  const { NO_COLOR } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== '')
    throw usageError('show draws in colours, and NO_COLOR is set', 'Unset it, or write a PNG with "exrpipe preview".');
  if (!process.stdout.isTTY && columns === undefined)
    throw usageError(
      'stdout is not a terminal',
      'Choose a width with --columns, or write a PNG with "exrpipe preview".',
    );
}

type Graphics = 'blocks' | 'kitty' | 'sixel';

/** What the terminal reports about itself. */
function graphicsOf({ TERM = '', TERM_PROGRAM = '', KITTY_WINDOW_ID }: Readonly<Record<string, string | undefined>>) {
  // Multiplexers pass on neither.
  if (/^(screen|tmux)/.test(TERM)) return 'blocks';
  if (KITTY_WINDOW_ID !== undefined || /kitty|ghostty/.test(TERM) || /^(ghostty|WezTerm)$/.test(TERM_PROGRAM))
    return 'kitty';
  return /sixel|^mlterm|^foot/.test(TERM) ? 'sixel' : 'blocks';
}

/** Pixels that there is room for: two a letter as half blocks, or as many as a letter usually has. */
function roomOf(kind: Graphics, asked: number | undefined): Size {
  const columns = asked ?? (process.stdout.columns || 80);
  const lines = Math.max(1, (process.stdout.rows || 40) - 1);
  const [wide, high] = kind === 'blocks' ? [1, 2] : [8, 16];
  return { width: columns * wide, height: lines * high };
}

const drawings: Readonly<Record<Graphics, (preview: Preview) => Promise<void>>> = {
  async blocks(preview) {
    const blocks = new HalfBlocks(preview.columns);
    for await (const line of preview.lines()) {
      const text = blocks.row(line);
      if (text !== undefined) await writeStdout(`${text}\n`);
    }
    const last = blocks.end();
    if (last !== undefined) await writeStdout(`${last}\n`);
  },
  /** kitty's protocol takes a PNG in pieces of at most 4096 letters (sw.kovidgoyal.net/kitty/graphics-protocol). */
  async kitty(preview) {
    const pieces: Uint8Array[] = [];
    await writePreview(preview, { write: async (bytes) => void pieces.push(bytes.slice()) });
    const text = Buffer.concat(pieces).toString('base64');
    for (let at = 0; at < text.length; at += 4096) {
      const more = at + 4096 < text.length ? 1 : 0;
      const head = at === 0 ? `f=100,a=T,m=${more}` : `m=${more}`;
      await writeStdout(`\x1b_G${head};${text.slice(at, at + 4096)}\x1b\\`);
    }
    await writeStdout('\n');
  },
  async sixel(preview) {
    await writeStdout(sixelStart);
    let band: Uint8Array[] = [];
    let row = 0;
    for await (const line of preview.lines()) {
      band.push(line.slice());
      row += 1;
      if (band.length < 6 && row < preview.rows) continue;
      await writeStdout(sixelBand(band, row - band.length));
      band = [];
    }
    await writeStdout(`${sixelEnd}\n`);
  },
};
