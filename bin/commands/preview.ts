/** `exrpipe preview`: images for looking at. */
import { stringAttribute } from '../../lib/format/index.js';
import type { OptionSpecs, OptionValues } from '../../lib/index.js';
import { backgrounds, makePreview, previewAttribute, writePreview } from '../../lib/look.js';
import { markName, readWholeHeader } from '../../lib/program.js';
import type { Session } from '../terminal/session.js';
import { helpOption, limitOption } from '../words/common-options.js';
import { readWords } from '../words/option-words.js';
import { usageError } from '../words/usage.js';
import type { Command } from './command.js';
import { embedPreview } from './look/embed.js';
import { eachFrame, type FrameJob, frameOptions, isUpToDate } from './look/frames.js';
import { withLegend } from './look/legend.js';
import { hasMark, pngWords } from './look/mark.js';
import { withInput } from './look/open.js';
import { chosenLook, lookOptions, parseSize, previewSettings, sizeOption } from './look/options.js';
import { writeWhole } from './look/write-whole.js';

const options = {
  output: {
    type: 'file',
    writes: true,
    placeholder: 'PATH',
    summary: 'where to write: a file, a folder, or a pattern such as out/{stem}.####.png; stdout without it',
  },
  ...lookOptions,
  ...sizeOption,
  background: {
    type: 'choice',
    choices: backgrounds,
    default: 'grey',
    summary: 'what is behind transparent pixels; none: keep alpha in the PNG',
  },
  window: {
    type: 'choice',
    choices: ['display', 'data'],
    default: 'display',
    summary: 'show the display window, or all pixels',
  },
  legend: { type: 'flag', summary: 'of a Cryptomatte: list names and their colours under the image' },
  embed: {
    type: 'flag',
    summary: 'write the EXR with the image in its own preview attribute instead of a PNG; 128 pixels without --size',
  },
  ...frameOptions,
  ...limitOption,
  ...helpOption,
} as const satisfies OptionSpecs;

type Values = OptionValues<typeof options>;

export const command: Command = {
  name: 'preview',
  summary: 'Make a PNG of a layer: colour, depth, normals, a Cryptomatte in colours',
  description: [
    'Shows one layer: the root RGBA, else the beauty (Combined), else the first colour, or the one that --layer names. Only its channels are decoded, and mip levels and the lower resolutions of HTJ2K are used where they are enough. Views of a stereo file stand side by side, and pixels that are not square are stretched.',
    "Colours are multiplied by 2^EV, converted from the file's primaries to those of sRGB, clipped to 0 and 1, and given the sRGB curve; this is not a view transform such as ACES or AgX. Depth is normalised (near is bright), normals and motion are shown around middle grey, coverage without a curve. A Cryptomatte has a colour for each ID, the same in every frame and file; where it is made smaller, the ID with the most coverage wins. docs/preview.md has the formulas.",
    'A pattern or a folder gives one PNG per frame; with --skip-existing those that are up to date are skipped.',
  ].join('\n\n'),
  usage: '[INPUT…] [-o OUTPUT]',
  examples: [
    { command: 'preview shot.0001.exr -o shot.png', what: 'the beauty at its own size' },
    {
      command: 'preview --layer CryptoObject --legend --size 1280 shot.0001.exr -o ids.png',
      what: 'objects in colours, with their names',
    },
    {
      command: "preview --layer Depth --log --range 0.5,200 'shots/hero.####.exr' -o 'out/depth.####.png'",
      what: 'depth of a shot, every frame by the same range',
    },
    { command: 'preview --embed shot.0001.exr -o with/shot.0001.exr', what: 'for file browsers that read EXR' },
  ],
  options,
  runsChain: true,
  async run(words, session) {
    const { values, bare } = readWords(words, options, 'preview');
    const ending = values.embed ? '.exr' : '.png';
    checkOutput(values, ending);
    const run = { inputs: bare, output: values.output, ending, values };
    return eachFrame(run, session, (job) => previewFrame(job, values, session));
  },
};

function checkOutput({ output, embed, legend }: Values, ending: string): void {
  if (output === undefined && process.stdout.isTTY)
    throw usageError('the output is an image and stdout is a terminal', 'Name a file with -o, or see "exrpipe show".');
  if (embed && legend) throw usageError('--embed and --legend exclude each other');
  const own = /\.[A-Za-z][A-Za-z0-9]*$/.exec(output ?? '')?.[0];
  if (own !== undefined && own.toLowerCase() !== ending)
    throw usageError(
      `cannot write files that end in ${own}`,
      embed ? '--embed writes OpenEXR (.exr).' : 'Previews are PNG (.png).',
    );
}

/** False for a frame that was done already. */
async function previewFrame({ input, output, notice }: FrameJob, values: Values, session: Session): Promise<boolean> {
  const { quiet, frames, missing, skipExisting, output: _output, help, ...made } = values;
  const words = pngWords('preview', made, [input]);
  if (skipExisting && output !== undefined && (await isUpToDate(output, [input])))
    if (values.embed ? await hasPreview(output, words) : await hasMark(output, words)) return false;
  const { window, background } = values;
  const size = values.size === undefined ? undefined : parseSize(values.size);
  const settings = { ...previewSettings(values, session.signal), window, background, size };
  await withInput(input, settings.limits, async (document) => {
    const look = chosenLook(document.header, values);
    if (values.embed) return embedPreview(document, look, settings, output, words.get(markName) ?? '');
    const image = await makePreview(document, look, settings);
    const preview = values.legend ? await withLegend(image, document.header, input) : image;
    preview.notices.forEach(notice);
    await writeWhole(output, session.signal, (sink) => writePreview(preview, sink, words));
  });
  return true;
}

/** Whether an EXR is whole and has a preview that was made in the same way. */
async function hasPreview(path: string, words: ReadonlyMap<string, string>): Promise<boolean> {
  const attributes = (await readWholeHeader(path))?.parts[0]?.attributes;
  return (
    attributes?.has(previewAttribute) === true && stringAttribute(attributes.get(markName)) === words.get(markName)
  );
}
