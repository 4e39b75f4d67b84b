import { floatToBits, provesName } from './hash.js';

/** What a manifest's value says. */
export interface ReadValue {
  readonly bits: number;
  /** Whether the bits are the name's hash. */
  readonly proved: boolean;
  /** How it is written: eight lower-case digits as they should be, eight digits, or otherwise. */
  readonly written: 'well' | 'upper-case' | 'oddly';
}

/** No number is longer; patterns are not tried on more than this. */
const longest = 64;

/**
 * The bits a value stands for, undefined when it cannot be read. Read are eight hexadecimal digits, and what programs made of them:
 * `0xd3fcd9ab`, zeros or blanks missing or too many, the number in decimal digits, with a sign, or as the float that
 * pixels have. Where a text could be several of these, the name's hash decides, else the first that is possible;
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

/** The ID's float, as it stands in pixels. */
function floatBits(text: string): number | undefined {
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return undefined;
  const value = Math.fround(Number(text));
  return Number.isFinite(value) ? floatToBits(value) : undefined;
}
