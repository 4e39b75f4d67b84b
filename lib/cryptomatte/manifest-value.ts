import { floatToBits, provesName } from './hash.js';

/** A parsed value of a manifest. */
export interface ReadValue {
  readonly bits: number;
  /** Whether the bits are the name's hash. */
  readonly proved: boolean;
  /** How it is written: eight lower-case digits as required, eight digits, or differently. */
  readonly written: 'well' | 'upper-case' | 'oddly';
}

/** No number is longer, so patterns are not tried on longer texts. */
const longest = 64;

/**
 * The bits that a value encodes; undefined if it cannot be read. Accepts eight hexadecimal digits, and what programs made of them:
 * `0xd3fcd9ab`, missing or extra zeros or blanks, the number in decimal digits, with a sign, or as the float in the
 * pixels. If a text could be several of these, the name's hash decides, else the first possible one;
 * `bare` ones (JSON numbers) are decimal before they are hexadecimal.
 */
export function readValue(name: string, text: string, bare = false): ReadValue | undefined {
  if (!bare && /^[0-9a-f]{8}$/.test(text)) {
    const bits = Number.parseInt(text, 16);
    return { bits, proved: provesName(name, bits), written: 'well' };
  }
  if (text.length > longest) return undefined;
  const trimmed = text.trim();
  const hex = hexBits(trimmed);
  const numbers = [integerBits(trimmed), floatBits(trimmed)];
  const possible = (bare ? [numbers[0], hex, numbers[1]] : [hex, ...numbers]).filter((bits) => bits !== undefined);
  const proved = possible.find((bits) => provesName(name, bits));
  const bits = proved ?? possible[0];
  if (bits === undefined) return undefined;
  const written = !bare && bits === hex && /^[0-9a-fA-F]{8}$/.test(text) ? 'upper-case' : 'oddly';
  return { bits, proved: proved !== undefined, written };
}

function hexBits(text: string): number | undefined {
  const digits = /^(?:0[xX])?0*([0-9a-fA-F]{1,8})$/.exec(text)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}

/** A 32-bit number in decimal digits, with or without sign. */
function integerBits(text: string): number | undefined {
  if (!/^[+-]?\d{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= -(2 ** 31) && value < 2 ** 32 ? value >>> 0 : undefined;
}

/** The ID's float, as stored in pixels. */
function floatBits(text: string): number | undefined {
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return undefined;
  const value = Math.fround(Number(text));
  return Number.isFinite(value) ? floatToBits(value) : undefined;
}
