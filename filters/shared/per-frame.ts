/** Values that follow the frame: time codes that run along a shot, and what is in the name of the file. */
import { ExrError, type FilterContext } from '../../lib/index.js';
import { listTokens, replaceTokens, type TokenWord } from '../../lib/layers/index.js';
import { parseRunning, timeCodeAfter } from './time-code.js';

const words: readonly TokenWord[] = ['frame', 'view', 'stem'];

/** The text of a value for the frame at hand. A running time code becomes JSON, in which `timecode` values can be written too. */
export function valueForFrame(
  text: string,
  type: string | undefined,
  first: number,
  { inputs }: Pick<FilterContext, 'inputs'>,
): string {
  const [input] = inputs;
  const known: ReadonlyMap<string, string | undefined> = new Map([
    ['frame', input?.frame],
    ['view', input?.view],
    ['stem', input?.stem],
  ]);
  const filled = replaceTokens(text, (word, whole) => {
    if (!known.has(word)) return whole;
    const value = known.get(word);
    if (value !== undefined) return value;
    throw missing(word, whole);
  });
  const running = type === 'timecode' ? parseRunning(filled) : undefined;
  if (!running) return filled;
  if (input?.frame === undefined) throw missing('frame', 'a running time code');
  return JSON.stringify({ timeAndFlags: timeCodeAfter(running, Number(input.frame) - first), userData: 0 });
}

function missing(word: string, what: string): ExrError {
  return new ExrError('usage', 'NO_TOKEN_VALUE', `there is no ${word} for ${what} in the name of the file`, {
    hint:
      word === 'view'
        ? `Name the files by a pattern with %V for the view. Known: ${listTokens(words)}.`
        : 'Frame numbers stand at the end of the name, as in shot.0001.exr.',
  });
}
