/** From rows of samples to rows of bytes: how each look draws. */
import type { PixelType, Samples } from '../model/header.js';
import { IdColours } from './id-colour.js';
import type { LookKind } from './kinds.js';
import { makeRamp, type RampName, rampSteps } from './ramp.js';
import { isDepth, placeIn, type Range } from './range.js';
import { linearByte, srgbByte } from './srgb.js';

/** What alpha is laid over; `none` keeps it, as PNG has it: not multiplied into the colour. */
export const backgrounds = ['grey', 'checker', 'black', 'none'] as const;
/** One of {@link backgrounds}. */
export type Background = (typeof backgrounds)[number];

export interface PaintSettings {
  /** Stops: values are multiplied by two to this power. */
  readonly exposure: number;
  readonly background: Background;
  readonly ramp: RampName;
  readonly log: boolean;
}

/** What of a file, beside its samples, decides how they look. */
export interface PaintFacts {
  readonly channels: number;
  readonly type: PixelType;
  /** See toSrgb. */
  readonly matrix: readonly number[] | undefined;
  /** Of each channel, for looks that are normalised. */
  readonly ranges: readonly Range[];
}

/** Draws rows: three bytes a pixel, or four where the background is none. */
export type Painter = (planes: readonly Samples[], row: number, out: Uint8Array) => void;

/** Looks that need the range of their values first. */
export function needsRange(kind: LookKind): boolean {
  return kind === 'depth' || kind === 'position' || kind === 'motion';
}

export function makePainter(kind: LookKind, settings: PaintSettings, facts: PaintFacts): Painter {
  switch (kind) {
    case 'colour':
      return colourPainter(settings, facts);
    case 'chroma':
      return chromaPainter(settings, facts);
    case 'grey':
      return each(settings, ([value = 0], put) => {
        const byte = srgbByte(value * 2 ** settings.exposure);
        put(byte, byte, byte);
      });
    case 'mask':
      return each(settings, ([value = 0], put) => {
        const byte = linearByte(value * 2 ** settings.exposure);
        put(byte, byte, byte);
      });
    case 'depth':
      return depthPainter(settings, facts);
    case 'normal':
      return each(settings, ([x = 0, y = 0, z = 0], put) => {
        // No direction at all: nothing was hit.
        if (x === 0 && y === 0 && z === 0) put(0, 0, 0);
        else put(linearByte(x / 2 + 0.5), linearByte(y / 2 + 0.5), linearByte(z / 2 + 0.5));
      });
    case 'position': {
      const places = facts.ranges.map((range) => placeIn(range, false));
      return each(settings, (values, put) => {
        // The origin exactly: nothing was hit.
        if (values.every((value) => value === 0)) return put(0, 0, 0);
        const [red = 0, green = 0, blue = 0] = values.map((value, i) => linearByte(places[i]?.(value) ?? 0));
        put(red, green, blue);
      });
    }
    case 'motion': {
      const most = Math.max(...facts.ranges.flatMap(({ min, max }) => [-min, max]), 1e-6);
      return each(settings, ([x = 0, y = 0], put) => {
        put(linearByte(x / most / 2 + 0.5), linearByte(y / most / 2 + 0.5), 128);
      });
    }
    case 'uv':
      return each(settings, ([u = 0, v = 0], put) => {
        put(linearByte(withinTile(u)), linearByte(withinTile(v)), 0);
      });
    case 'ids':
    case 'numbers':
      return idPainter(settings);
  }
}

/** Texture coordinates of further tiles (UDIM) as those of the first. */
function withinTile(value: number): number {
  return value >= 0 && value <= 1 ? value : value - Math.floor(value);
}

type Put = (red: number, green: number, blue: number) => void;

/** A painter for values that are opaque. */
function each({ background }: PaintSettings, draw: (values: readonly number[], put: Put) => void): Painter {
  const size = background === 'none' ? 4 : 3;
  return (planes, _row, out) => {
    let at = 0;
    const put: Put = (red, green, blue) => {
      out[at] = red;
      out[at + 1] = green;
      out[at + 2] = blue;
      if (size === 4) out[at + 3] = 255;
      at += size;
    };
    const values: number[] = planes.map(() => 0);
    const pixels = out.length / size;
    for (let i = 0; i < pixels; i++) {
      for (let plane = 0; plane < planes.length; plane++) values[plane] = (planes[plane] as Samples)[i] as number;
      draw(values, put);
    }
  };
}

/** Middle grey; of a checker the dark and the bright squares. Linear values. */
const grey = 0.18;
const [darkSquare, brightSquare] = [0.1, 0.25];
const squareSize = 8;

/** What is behind a pixel. */
function behind(background: Background): (column: number, row: number) => number {
  if (background === 'checker')
    return (column, row) =>
      (Math.floor(column / squareSize) + Math.floor(row / squareSize)) % 2 === 0 ? darkSquare : brightSquare;
  return background === 'grey' ? () => grey : () => 0;
}

function colourPainter(settings: PaintSettings, { channels, matrix }: PaintFacts): Painter {
  const gain = 2 ** settings.exposure;
  const [a = 1, b = 0, c = 0, d = 0, e = 1, f = 0, g = 0, h = 0, k = 1] = matrix ?? [];
  const under = behind(settings.background);
  const keepsAlpha = settings.background === 'none';
  const size = keepsAlpha ? 4 : 3;
  return (planes, row, out) => {
    const [reds, greens, blues, alphas] = planes as readonly [Samples, Samples, Samples, Samples | undefined];
    for (let i = 0, at = 0; at < out.length; i++, at += size) {
      let red = (reds[i] as number) * gain;
      let green = (greens[i] as number) * gain;
      let blue = (blues[i] as number) * gain;
      if (matrix) {
        const [x, y, z] = [red, green, blue];
        red = a * x + b * y + c * z;
        green = d * x + e * y + f * z;
        blue = g * x + h * y + k * z;
      }
      if (channels > 3 && alphas) {
        const alpha = Math.min(1, Math.max(0, alphas[i] as number)) || 0;
        if (keepsAlpha) {
          out[at + 3] = linearByte(alpha);
          // Light without coverage (glows, flames) has no place in PNG's kind of alpha; it is shown as if covered.
          if (alpha > 0) {
            red /= alpha;
            green /= alpha;
            blue /= alpha;
          }
        } else if (alpha < 1) {
          const rest = (1 - alpha) * under(i, row);
          red += rest;
          green += rest;
          blue += rest;
        }
      } else if (keepsAlpha) out[at + 3] = 255;
      out[at] = srgbByte(red);
      out[at + 1] = srgbByte(green);
      out[at + 2] = srgbByte(blue);
    }
  };
}

/** Luminance and chroma (ImfRgbaYca.h): RY and BY are (R - Y) / Y and (B - Y) / Y, with the weights of the file's primaries; here those of sRGB. */
function chromaPainter(settings: PaintSettings, facts: PaintFacts): Painter {
  const colour = colourPainter(settings, facts);
  const [wr, wg, wb] = [0.2126, 0.7152, 0.0722];
  return ([ys, rys, bys, alphas], row, out) => {
    const length = ys?.length ?? 0;
    const [reds, greens, blues] = [new Float32Array(length), new Float32Array(length), new Float32Array(length)];
    for (let i = 0; i < length; i++) {
      const y = ys?.[i] ?? 0;
      const red = ((rys?.[i] ?? 0) + 1) * y;
      const blue = ((bys?.[i] ?? 0) + 1) * y;
      reds[i] = red;
      blues[i] = blue;
      greens[i] = (y - wr * red - wb * blue) / wg;
    }
    colour([reds, greens, blues, ...(alphas ? [alphas] : [])], row, out);
  };
}

/** Near is bright, far is dark, and where there is nothing black. */
function depthPainter(settings: PaintSettings, { type, ranges }: PaintFacts): Painter {
  const ramp = makeRamp(settings.ramp);
  const place = placeIn(ranges[0] ?? { min: 0, max: 1 }, settings.log);
  return each(settings, ([value = 0], put) => {
    if (!isDepth(value, type)) return put(0, 0, 0);
    const near = 1 - Math.min(1, Math.max(0, place(value)));
    const at = 3 * Math.round(near * (rampSteps - 1));
    put(ramp[at] as number, ramp[at + 1] as number, ramp[at + 2] as number);
  });
}

function idPainter({ background }: PaintSettings): Painter {
  const colours = new IdColours();
  const size = background === 'none' ? 4 : 3;
  return ([ids], _row, out) => {
    for (let i = 0, at = 0; at < out.length; i++, at += size) {
      const id = ids?.[i] ?? 0;
      out.set(colours.of(id), at);
      if (size === 4) out[at + 3] = id === 0 ? 0 : 255;
    }
  };
}
