import { ExrError } from '../model/error.js';
import { fileName, splitPath } from '../model/path.js';

/** A piece of a path: text, or a place for the frame number or the view. */
export type PathPiece =
  | string
  /** Which frame; `asWritten` leaves its digits as the input's name has them. */
  | { readonly token: 'frame'; readonly digits: number; readonly style: 'digits' | 'width' | 'asWritten' }
  | { readonly token: 'view' };

/** In a file's name every mark counts. A folder's name may well contain a single `#` or `@`, so there it takes two. */
const nameTokens = /#+|@+|%(\d*)d|\{frame\}|%V|\{view\}/g;
const folderTokens = /##+|@@+|%(\d*)d|\{frame\}|%V|\{view\}/g;

/**
 * Splits a path. The frame is `####` or `@@@@` (at least as many digits), `%04d` (a field of that width, as in C) or
 * `{frame}`; the view is `%V` or `{view}`.
 */
export function parseFramePath(path: string): PathPiece[] {
  const words = splitPath(path);
  return words.flatMap((word, at) => parseWord(word, at === words.length - 1 ? nameTokens : folderTokens));
}

function parseWord(word: string, tokens: RegExp): PathPiece[] {
  const pieces: PathPiece[] = [];
  let end = 0;
  for (const match of word.matchAll(tokens)) {
    if (match.index > end) pieces.push(word.slice(end, match.index));
    pieces.push(parseToken(match[0], match[1]));
    end = match.index + match[0].length;
  }
  if (end < word.length) pieces.push(word.slice(end));
  return pieces;
}

function parseToken(text: string, width: string | undefined): PathPiece {
  if (text === '%V' || text === '{view}') return { token: 'view' };
  if (text === '{frame}') return { token: 'frame', digits: 1, style: 'asWritten' };
  // A width from the command line must not make a path of a million zeros.
  if (width !== undefined) return { token: 'frame', digits: Math.min(Number(width) || 1, 32), style: 'width' };
  return { token: 'frame', digits: text.length, style: 'digits' };
}

/** How Houdini, Maya, RenderMan and Cinema 4D write the frame number: `$F4`, `${F4}`, `<F4>`, `<frame>`, `$frame`. */
const foreignFrame = /\$\{?F+\d*\}?(?![A-Za-z])|<f(?:rame)?\d*>|\$frame(?![A-Za-z])/i;

/** A place for the frame number in a file's name as other programs write it, and exrpipe does not. */
export function foreignFrameIn(path: string): string | undefined {
  return foreignFrame.exec(fileName(path))?.[0];
}

/** A hint on how to write the frame number, for a name without matching files that seems to contain one; otherwise undefined. */
export function spellingHint(path: string): string | undefined {
  const foreign = foreignFrameIn(path);
  if (foreign !== undefined) return `The frame number is written ####, @@@@, %04d or {frame}, not ${foreign}.`;
  const places = fileName(path).match(/#+|@+|%\d*d|\{frame\}/g) ?? [];
  if (places.length < 2) return undefined;
  return `The name has ${places.length} places for the frame number (${places.join(', ')}), and all must hold the same number; write * for another number.`;
}

/** True for a path that stands for many: `shot.####.exr`, `shot.@@@@.exr`, `shot.%04d.exr`, `shot.{frame}.exr`, `%V/shot.exr`. */
export function isFramePattern(path: string): boolean {
  return parseFramePath(path).some((piece) => typeof piece !== 'string');
}

/**
 * The path for one frame and view; a path without places for them is returned as is.
 *
 * @throws ExrError of kind `usage` where a place has no value.
 */
export function framePath(pattern: string, frame: string | number | undefined, view?: string): string {
  return parseFramePath(pattern)
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      const value = piece.token === 'frame' ? frame : view;
      if (value === undefined) throw noValue(pattern, piece.token);
      return piece.token === 'frame' ? formatFrame(value, piece) : String(value);
    })
    .join('');
}

function noValue(pattern: string, token: 'frame' | 'view'): ExrError {
  return token === 'frame'
    ? new ExrError('usage', 'NO_FRAME', `"${pattern}" follows the frame, but the input has no frame number in its name`)
    : new ExrError('usage', 'NO_VIEW', `"${pattern}" follows the view, but the inputs have no %V in their names`);
}

/**
 * A frame number in the form that a piece of a path requires. A minus sign takes part of a field's width, but none of `####`'s
 * digits.
 */
export function formatFrame(frame: string | number, { digits, style }: Extract<PathPiece, { token: 'frame' }>): string {
  if (style === 'asWritten') return String(frame);
  const number = Number(frame);
  const sign = number < 0 ? '-' : '';
  return sign + String(Math.abs(number)).padStart(style === 'width' ? digits - sign.length : digits, '0');
}

/** The same path with other numbers of digits, most likely first: names of one sequence are not always padded the same way. */
export function otherPaddings(pattern: string, frame: string | number, view?: string): string[] {
  const pieces = parseFramePath(pattern);
  if (!pieces.some((piece) => typeof piece !== 'string' && piece.token === 'frame')) return [];
  const exact = framePath(pattern, frame, view);
  const paths = [4, 3, 5, 1, 2, 6, 7, 8].map((digits) =>
    pieces
      .map((piece) => {
        if (typeof piece === 'string') return piece;
        return piece.token === 'view' ? (view ?? '') : formatFrame(frame, { ...piece, style: 'digits', digits });
      })
      .join(''),
  );
  return [...new Set(paths)].filter((path) => path !== exact);
}
