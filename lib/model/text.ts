/**
 * Names and strings in EXR files are bytes, UTF-8 by custom only. They must survive a round trip even when
 * they are not valid UTF-8, so a byte that does not decode becomes a lone surrogate U+DC80..U+DCFF
 * (the scheme Python calls "surrogateescape") and turns back into the same byte.
 */
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Bytes to text, without loss. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeDamaged(bytes);
  }
}

/** Text to bytes; the exact inverse of {@link decodeText}. */
export function encodeText(text: string): Uint8Array {
  if (text.length < shortText) {
    const bytes = encodeAscii(text);
    if (bytes) return bytes;
  }
  if (text.isWellFormed()) return encoder.encode(text);
  const pieces: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) pieces.push(code);
    else if (code >= 0xdc80 && code <= 0xdcff) pieces.push(code - 0xdc00);
    else for (const byte of encoder.encode(character)) pieces.push(byte);
  }
  return Uint8Array.from(pieces);
}

/** Calling the encoder costs more than these few steps. */
const shortText = 64;

function encodeAscii(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) return undefined;
    bytes[i] = code;
  }
  return bytes;
}

/** Number of bytes the text takes in a file. */
export function textLength(text: string): number {
  return encodeText(text).length;
}

/** Byte order, as strcmp sorts channel names: differs from JavaScript's order beyond the Basic Multilingual Plane. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const common = Math.min(a.length, b.length);
  let same = 0;
  while (same < common && a.charCodeAt(same) === b.charCodeAt(same)) same++;
  if (same === common) return a.length - b.length;
  // Below the surrogates both orders are the same.
  const [unitA, unitB] = [a.charCodeAt(same), b.charCodeAt(same)];
  if (unitA < 0xd800 && unitB < 0xd800) return unitA - unitB;
  const left = encodeText(a);
  const right = encodeText(b);
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const difference = (left[i] as number) - (right[i] as number);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function decodeDamaged(bytes: Uint8Array): string {
  const pieces: string[] = [];
  let runStart = 0;
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    pieces.push(strict.decode(bytes.subarray(runStart, at)), String.fromCharCode(0xdc00 + (bytes[at] as number)));
    at += 1;
    runStart = at;
  }
  pieces.push(strict.decode(bytes.subarray(runStart)));
  return pieces.join('');
}

/** Length of the well-formed UTF-8 sequence at `at` (Unicode standard, table 3-7), or 0. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] as number;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const second = bytes[at + 1] ?? 0;
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  for (let i = 2; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}
