/**
 * Names that are not UTF-8, made readable. A name's ID is the hash of its bytes, so it does not depend on how they
 * are displayed; this only decides how the name reads.
 */
import { decodeText, encodeText } from '../model/text.js';

/** Encodings of names that are not UTF-8. */
export type LegacyEncoding = 'Shift-JIS' | 'Windows-1252';

/** The characters of the bytes 80 to 9F in Windows-1252; a blank where it has none. The bytes from A0 on are those of Unicode. */
const windows = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

/**
 * The encoding of names that are not UTF-8, all of one manifest together, as one program wrote them. Shift-JIS when each of them is valid
 * in it and one has a pair of bytes as kana and the common kanji have it; Windows-1252, which any bytes can be, otherwise.
 */
export function legacyEncoding(names: readonly string[]): LegacyEncoding {
  const foreign = names.filter((name) => !isDamagedUtf8(name)).map(encodeText);
  return foreign.some(looksJapanese) && foreign.every((bytes) => decodeShiftJis(bytes) !== undefined)
    ? 'Shift-JIS'
    : 'Windows-1252';
}

/**
 * A readable text for a name that is not UTF-8 (its undecodable bytes are lone surrogates, see {@link decodeText}).
 * Bytes that are not text in any of the encodings, such as the rest of a cut character, become `%E6%9C`. Two names may read the
 * same.
 */
export function readableName(name: string, encoding: LegacyEncoding): string {
  if (!isDamagedUtf8(name)) {
    if (encoding === 'Windows-1252') return decodeWindows(encodeText(name));
    const text = decodeShiftJis(encodeText(name));
    if (text !== undefined) return text;
  }
  return [...name]
    .map((character) => (isLoneByte(character) ? percent(character.charCodeAt(0) - 0xdc00) : character))
    .join('')
    .toWellFormed();
}

/** Whether most non-ASCII bytes of a name are UTF-8 after all, so that it was damaged or cut. */
function isDamagedUtf8(name: string): boolean {
  let whole = 0;
  let lone = 0;
  for (const character of name) {
    if (isLoneByte(character)) lone += 1;
    else if (character > '\u007f') whole += 1;
  }
  return whole >= lone;
}

function isLoneByte(character: string): boolean {
  return character >= '\udc80' && character <= '\udcff' && character.length === 1;
}

function percent(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

function decodeWindows(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => {
    if (byte < 0x80 || byte > 0x9f) return String.fromCharCode(byte);
    const character = windows[byte - 0x80] ?? ' ';
    return character === ' ' ? percent(byte) : character;
  }).join('');
}

let shiftJis: InstanceType<typeof TextDecoder> | undefined;

/** Undefined where the bytes are not valid, or where this machine does not know the encoding. */
function decodeShiftJis(bytes: Uint8Array): string | undefined {
  try {
    shiftJis ??= new TextDecoder('shift_jis', { fatal: true });
    return shiftJis.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Kana begin with 82 or 83, the common kanji with 88 to 9F; Western names hardly have such a byte before another non-ASCII one. */
function looksJapanese(bytes: Uint8Array): boolean {
  for (let at = 0; at + 1 < bytes.length; at++) {
    const lead = bytes[at] as number;
    if (!((lead >= 0x81 && lead <= 0x9f) || (lead >= 0xe0 && lead <= 0xfc))) continue;
    at += 1;
    const trail = bytes[at] as number;
    if (lead === 0x82 || lead === 0x83 || (lead <= 0x9f && trail >= 0x80)) return true;
  }
  return false;
}
