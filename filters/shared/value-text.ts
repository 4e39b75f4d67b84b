/**
 * Attribute values as people type them: `24/1`, `01:02:03:04`, `0.64,0.33,…`. Every type that can be written has a form;
 * JSON works for all of them, so that what `info --json` prints can be set again.
 */

import { type AttributeValue, attributeShape } from '../../lib/format/index.js';
import { ExrError } from '../../lib/index.js';
import { highestFrame, packTimeCode, parseRunning, parseTimeCode, timeCodeAfter } from './time-code.js';

/** Turns typed text into a value of an attribute type. Throws `usage` errors that show the right form. */
export function valueFromText(type: string, text: string): AttributeValue {
  const json = type === 'string' ? undefined : fromJson(text);
  if (json !== undefined) return json;
  switch (type) {
    case 'string':
    case 'envmap':
    case 'deepImageState':
      return text;
    case 'stringvector':
      return text === '' ? [] : text.split(',');
    case 'int':
      return whole(text, type);
    case 'float':
    case 'double':
      return decimal(text, type);
    case 'rational':
      return rational(text);
    case 'timecode':
      return timeCode(text);
    default: {
      const { fields, length, whole: isWhole } = attributeShape(type);
      const read = isWhole ? whole : decimal;
      return fields ? named(text, type, fields, read) : items(text, type, length, read);
    }
  }
}

/** The type a value has when none is given: a whole number, a decimal number, or text. `007` is text, to keep its zeros. */
export function guessType(text: string): string {
  if (/^[+-]?(0|[1-9]\d*)$/.test(text) && fitsInt(Number(text))) return 'int';
  return /^[+-]?(0|[1-9]\d*)?\.\d+(e[+-]?\d+)?$/i.test(text) ? 'float' : 'string';
}

type ReadNumber = (text: string, type: string) => number;

function fromJson(text: string): AttributeValue | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Text that only begins like JSON is read as text.
  }
}

function items(text: string, type: string, length: number | undefined, read: ReadNumber): number[] {
  const pieces = text.trim() === '' ? [] : text.trim().split(/\s*[,\s]\s*/);
  if (length !== undefined && pieces.length !== length)
    throw bad(text, type, `${length} numbers, as in "${example(length)}"`);
  return pieces.map((piece) => read(piece, type));
}

function named(text: string, type: string, fields: readonly string[], read: ReadNumber): AttributeValue {
  const numbers = items(text, type, fields.length, read);
  return Object.fromEntries(fields.map((field, index) => [field, numbers[index] ?? 0]));
}

function whole(text: string, type: string): number {
  const value = Number(text);
  const fits = type === 'bytes' ? value >= 0 && value <= 255 : fitsInt(value);
  if (!/^[+-]?\d+$/.test(text) || !fits)
    throw bad(text, type, type === 'bytes' ? 'whole numbers from 0 to 255' : 'a whole number of at most 32 bits');
  return value;
}

function decimal(text: string, type: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw bad(text, type, 'a number');
  return value;
}

function fitsInt(value: number): boolean {
  return value >= -0x80000000 && value <= 0x7fffffff;
}

function rational(text: string): AttributeValue {
  const found = /^([+-]?\d+)(?:\/(\d+))?$/.exec(text.trim());
  const numerator = Number(found?.[1]);
  const denominator = Number(found?.[2] ?? 1);
  if (!found || !fitsInt(numerator) || denominator < 1 || denominator > 0xffffffff)
    throw bad(text, 'rational', 'a fraction such as 24/1 or 24000/1001');
  return [numerator, denominator];
}

/** `HH:MM:SS:FF`, with `;` before the frame for drop-frame, and with `@RATE` for one that runs, of which this is the start. */
function timeCode(text: string): AttributeValue {
  const running = parseRunning(text);
  if (running) return { timeAndFlags: timeCodeAfter(running, 0), userData: 0 };
  const found = parseTimeCode(text);
  if (!found || found.frame > highestFrame)
    throw bad(text, 'timecode', 'HH:MM:SS:FF with frames up to 39, or HH:MM:SS;FF for drop-frame');
  return { timeAndFlags: packTimeCode(found), userData: 0 };
}

function example(length: number): string {
  return Array.from({ length }, (_, index) => index + 1).join(',');
}

function bad(text: string, type: string, expected: string): ExrError {
  return new ExrError(
    'usage',
    'BAD_ATTRIBUTE_VALUE',
    `"${text}" is not a value of the type ${type}: it takes ${expected}`,
  );
}
