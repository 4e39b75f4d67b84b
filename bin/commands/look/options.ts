/** Options of the commands that show images, and what they stand for. */

import { makeLimits } from '../../../lib/format/index.js';
import type { Header, OptionSpecs, OptionValues } from '../../../lib/index.js';
import {
  defaultLook,
  type Look,
  lookKinds,
  lookOfChannel,
  lookOfLayer,
  type PreviewOptions,
  type Range,
  rampNames,
  type Size,
} from '../../../lib/look.js';
import { type limitOption, limitsOf } from '../../words/common-options.js';
import { usageError } from '../../words/usage.js';

/** Which layer is shown, in which view, and how its values become colours. */
export const lookOptions = {
  layer: {
    type: 'text',
    placeholder: 'NAME',
    summary: 'the layer or Cryptomatte to show, by its whole name or the last piece of it; the beauty without it',
  },
  channel: { type: 'text', placeholder: 'NAME', summary: 'only this channel, by its whole name or within --layer' },
  view: { type: 'text', placeholder: 'NAME', summary: 'only this view of a stereo file; all side by side without it' },
  look: {
    type: 'choice',
    choices: lookKinds,
    placeholder: 'KIND',
    summary: 'how to show it, if its names do not make that clear: colour, depth, normal, mask, ...',
  },
  exposure: { type: 'number', min: -64, max: 64, default: 0, placeholder: 'EV', summary: 'stops brighter or darker' },
  map: { type: 'choice', choices: rampNames, default: 'viridis', summary: 'the colours of depth' },
  log: { type: 'flag', summary: 'depth by its logarithm' },
  range: {
    type: 'text',
    placeholder: 'MIN,MAX',
    summary:
      'the range to which depth, positions and motion are normalised, the same in every frame; their own without it',
  },
} as const satisfies OptionSpecs;

export const sizeOption = {
  size: {
    type: 'text',
    placeholder: 'SIZE',
    summary: 'pixels at most: 640 for the longer side, 640x360 for both; never enlarged',
  },
} as const satisfies OptionSpecs;

type LookValues = OptionValues<typeof lookOptions>;
type LimitValues = OptionValues<typeof limitOption>;

/** The look that is asked for. Throws `usage` for layers, channels and views that there are not. */
export function chosenLook(header: Header, { layer, channel, view, look }: LookValues): Look {
  const found =
    channel !== undefined
      ? lookOfChannel(header, channel, layer)
      : layer === undefined
        ? defaultLook(header)
        : lookOfLayer(header, layer);
  const shown = inView(found, view);
  if (look === undefined || look === shown.kind) return shown;
  checkFits(look, shown.views[0]?.channels.length ?? 0);
  return { ...shown, kind: look };
}

/** Only one view of a look, or all of them. Throws `usage` for one that there is not. */
export function inView(look: Look, view: string | undefined): Look {
  const views = view === undefined ? look.views : look.views.filter((own) => own.view === view);
  if (views.length > 0) return { ...look, views };
  const known = look.views.map((own) => own.view).filter((name) => name !== '');
  throw usageError(`there is no view "${view}"`, known.length > 0 ? `There are: ${known.join(', ')}.` : 'It has none.');
}

/** Channels that a look takes at least. */
const leastChannels: Readonly<Partial<Record<Look['kind'], number>>> = {
  colour: 3,
  chroma: 3,
  normal: 3,
  position: 3,
  motion: 2,
  uv: 2,
  ids: 2,
};

function checkFits(kind: Look['kind'], channels: number): void {
  const least = leastChannels[kind] ?? 1;
  if (channels < least)
    throw usageError(`--look ${kind} takes ${least} channels, and there is ${channels} to show`, 'Name the --layer.');
}

/** What previews are made with. */
export function previewSettings(
  { exposure, map, log, range, limit }: LookValues & LimitValues,
  signal: AbortSignal,
): PreviewOptions {
  return {
    exposure,
    ramp: map,
    log,
    range: range === undefined ? undefined : parseRange(range),
    limits: makeLimits(limitsOf(limit)),
    signal,
  };
}

/** A size from `640` or `640x360`. */
export function parseSize(text: string): Size {
  const [, width, height] = /^(\d+)(?:x(\d+))?$/.exec(text) ?? [];
  const size = { width: Number(width), height: Number(height ?? width) };
  if (!(size.width >= 1 && size.height >= 1))
    throw usageError(`--size: "${text}" is not a size`, 'Write for example 640 or 640x360.');
  return size;
}

function parseRange(text: string): Range {
  const [min = Number.NaN, max = Number.NaN, ...rest] = text.split(',').map(Number);
  if (!(Number.isFinite(min) && Number.isFinite(max) && min < max) || rest.length > 0)
    throw usageError(`--range: "${text}" is not a range`, 'Write for example 0.5,20.');
  return { min, max };
}
