import type { InputInfo } from '../engine/document.js';
import type { Header } from '../model/header.js';
import { fileName } from '../model/path.js';

/** Information from the path of an input, undefined for a stream, about a header that was read from it. */
export function inputInfo({ parts }: Header, path: string | undefined): InputInfo {
  const { stem, frame } = parsePath(path);
  return { path, stem, frame, parts: parts.map((_, number) => number) };
}

/** `shots/hero.0101.exr` has the stem `hero` and the frame `0101`. Digits count as a frame only after a dot or underscore. */
export function parsePath(path: string | undefined): { readonly stem: string; readonly frame: string | undefined } {
  if (path === undefined) return { stem: 'stdin', frame: undefined };
  const name = fileName(path).replace(/\.exr$/i, '');
  const match = /^(.+)[._](-?\d+)$/.exec(name);
  return match ? { stem: match[1] as string, frame: match[2] } : { stem: name, frame: undefined };
}
