/**
 * Time codes (SMPTE 12M) as ImfTimeCode.h packs them: binary-coded decimals with frames at bit 0, the drop-frame flag at bit 6,
 * seconds at bit 8, the field mark at bit 15, minutes at bit 16, hours at bit 24. That is its TV60 form, in which files hold them.
 */

import { ExrError } from '../../lib/index.js';

/** A time code taken apart. */
export interface TimeCode {
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  readonly frame: number;
  /** Written with `;` before the frame. */
  readonly drop: boolean;
}

/** A time code with the rate at which it runs. */
export interface RunningTimeCode {
  readonly start: TimeCode;
  /** Frame numbers in a second. */
  readonly base: number;
}

/** Reads `HH:MM:SS:FF`, with `;` before the frame for drop-frame; undefined for other text, and for times that no clock shows. */
export function parseTimeCode(text: string): TimeCode | undefined {
  const found = /^(\d\d):(\d\d):(\d\d)([:;])(\d\d)$/.exec(text.trim());
  const [hours = 0, minutes = 0, seconds = 0, frame = 0] = [1, 2, 3, 5].map((group) => Number(found?.[group]));
  if (!found || hours > 23 || minutes > 59 || seconds > 59) return undefined;
  return { hours, minutes, seconds, frame, drop: found[4] === ';' };
}

/** Two bits hold the tens of the frame number; above 30 frames a second SMPTE 12M counts pairs of frames. */
export const highestFrame = 39;

export function packTimeCode({ hours, minutes, seconds, frame, drop }: TimeCode, secondOfPair = false): number {
  const flags = (drop ? 1 << 6 : 0) | (secondOfPair ? 1 << 15 : 0);
  const packed = digits(frame) | flags | (digits(seconds) << 8) | (digits(minutes) << 16) | (digits(hours) << 24);
  return packed >>> 0;
}

function digits(value: number): number {
  return (Math.floor(value / 10) << 4) | (value % 10);
}

/**
 * Reads `HH:MM:SS:FF@RATE`, where the rate is `24`, `23.976` or `24000/1001`. Undefined for text without a rate. Throws `usage` for a
 * rate or a time that cannot be counted.
 */
export function parseRunning(text: string): RunningTimeCode | undefined {
  const at = text.lastIndexOf('@');
  if (at < 0) return undefined;
  const start = parseTimeCode(text.slice(0, at));
  const rate = parseRate(text.slice(at + 1));
  if (!start || rate === undefined)
    throw bad(text, 'it takes HH:MM:SS:FF@RATE, as in 01:00:00:00@24 or 00:59:59;28@29.97');
  const base = Math.round(rate);
  if (base < 1 || base > 60) throw bad(text, 'time codes count 1 to 60 frames a second');
  if (start.frame >= base) throw bad(text, `at ${base} frames a second the frames go from 0 to ${base - 1}`);
  if (start.drop && base !== 30 && base !== 60)
    throw bad(text, 'frame numbers are dropped at 29.97 and 59.94 frames a second only');
  if (isDropped(start, base)) throw bad(text, 'drop-frame time codes leave this number out');
  return { start, base };
}

function parseRate(text: string): number | undefined {
  const [, numerator, denominator] = /^(\d+(?:\.\d+)?)(?:\/(\d+))?$/.exec(text.trim()) ?? [];
  const rate = Number(numerator) / Number(denominator ?? 1);
  return numerator !== undefined && Number.isFinite(rate) ? rate : undefined;
}

/** So many numbers are left out at the start of each minute but every tenth: 2 at 29.97, 4 at 59.94. */
function droppedIn(base: number): number {
  return base / 15;
}

function isDropped({ minutes, seconds, frame, drop }: TimeCode, base: number): boolean {
  return drop && seconds === 0 && minutes % 10 !== 0 && frame < droppedIn(base);
}

/** The packed time code so many frames after the start, or before it. After 24 hours it begins again. */
export function timeCodeAfter({ start, base }: RunningTimeCode, frames: number): number {
  const perDay = start.drop ? 24 * 6 * perTenMinutes(base) : 24 * 3600 * base;
  const number = (((count(start, base) + frames) % perDay) + perDay) % perDay;
  const shown = start.drop ? withDropped(number, base) : number;
  const seconds = Math.floor(shown / base);
  const frame = shown % base;
  // Numbers beyond what two digits hold count pairs, and a flag tells which of the two it is.
  const pairs = base > 30;
  return packTimeCode(
    {
      hours: Math.floor(seconds / 3600),
      minutes: Math.floor(seconds / 60) % 60,
      seconds: seconds % 60,
      frame: pairs ? Math.floor(frame / 2) : frame,
      drop: start.drop,
    },
    pairs && frame % 2 === 1,
  );
}

/** Frames since midnight. */
function count({ hours, minutes, seconds, frame, drop }: TimeCode, base: number): number {
  const allMinutes = hours * 60 + minutes;
  const left = drop ? droppedIn(base) * (allMinutes - Math.floor(allMinutes / 10)) : 0;
  return (allMinutes * 60 + seconds) * base + frame - left;
}

function perTenMinutes(base: number): number {
  return 600 * base - 9 * droppedIn(base);
}

/** The number that is shown for a frame, counted from midnight with those that are left out. */
function withDropped(number: number, base: number): number {
  const dropped = droppedIn(base);
  const tens = Math.floor(number / perTenMinutes(base));
  const within = number % perTenMinutes(base);
  // The first minute of ten has all its numbers.
  const minutes = within < 60 * base ? 0 : 1 + Math.floor((within - 60 * base) / (60 * base - dropped));
  return number + dropped * (9 * tens + minutes);
}

function bad(text: string, why: string): ExrError {
  return new ExrError('usage', 'BAD_ATTRIBUTE_VALUE', `"${text}" is not a running time code: ${why}`);
}
