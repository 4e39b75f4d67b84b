import { isFramePattern } from '../io/frame-path.js';
import { splitPath } from '../model/path.js';

/**
 * A path with places for frame, view, layers or a glob, as the folder that is there for sure and the pattern below it: engines map
 * and move folders, and would look for a file of the pattern's name. A folder (with a slash at its end) has an empty pattern, and a
 * plain path none.
 */
export function splitPattern(path: string): { readonly path: string; readonly pattern?: string } {
  const words = splitPath(path);
  const last = words.length - 1;
  const at = words.findIndex((word, index) => index % 2 === 0 && isPlaceholder(index === last ? word : `${word}/`));
  if (at < 0) {
    if (words[last] !== '') return { path };
    return { path: folderOf(words.slice(0, last)), pattern: '' };
  }
  return { path: folderOf(words.slice(0, at)), pattern: words.slice(at).join('') };
}

function isPlaceholder(word: string): boolean {
  return isFramePattern(word) || /[{}*?[\]]/.test(word);
}

/** Names and separators up to a folder, without the separator at its end; the root keeps its own. */
function folderOf(words: readonly string[]): string {
  const text = words.join('');
  return text.replace(/[/\\]+$/, '') || text.slice(0, 1);
}
