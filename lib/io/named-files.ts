/** The files of a pattern with `{name}`, such as `masks/{name}.####.png`: one for each name. */
import type { InputInfo } from '../engine/document.js';
import { ExrError } from '../model/error.js';
import { framePath, isFramePattern, otherPaddings } from './frame-path.js';
import type { Host } from './host.js';

const mark = '{name}';

/**
 * Paths by the names that they have in place of `{name}`, sorted by name. `{name}` stands for any text without a slash, once; a
 * frame number follows the frame.
 *
 * @throws ExrError `usage` for a pattern with another number of `{name}`, `io` where no file fits.
 */
export async function namedFiles(
  pattern: string,
  input: InputInfo | undefined,
  host: Pick<Host, 'listFolder' | 'exists'>,
): Promise<ReadonlyMap<string, string>> {
  if (pattern.split(mark).length !== 2)
    throw new ExrError('usage', 'BAD_PATTERN', `a pattern of files must contain ${mark} once`, {
      where: { file: pattern },
    });
  for (const candidate of candidates(pattern, input)) {
    const found = await filesOf(candidate, host);
    if (found.size > 0) return found;
  }
  throw new ExrError('io', 'NO_FILES', 'no file matches this pattern', {
    where: { file: pattern },
    hint: `${mark} stands for any name; #### is the number of the frame.`,
  });
}

function candidates(pattern: string, input: InputInfo | undefined): readonly string[] {
  if (!isFramePattern(pattern)) return [pattern];
  // The name is no token of frames, so it waits under a mark that no file has.
  const held = pattern.replace(mark, hold);
  const give = (path: string): string => path.replace(hold, mark);
  const first = framePath(held, input?.frame, input?.view);
  const others = input?.frame === undefined ? [] : otherPaddings(held, input.frame, input.view);
  return [first, ...others].map(give);
}

const hold = '\u{f8ff}name\u{f8ff}';

async function filesOf(
  pattern: string,
  { listFolder, exists }: Pick<Host, 'listFolder' | 'exists'>,
): Promise<ReadonlyMap<string, string>> {
  const at = pattern.indexOf(mark);
  const folderEnd = pattern.lastIndexOf('/', at) + 1;
  const folder = pattern.slice(0, folderEnd);
  const before = pattern.slice(folderEnd, at);
  const rest = pattern.slice(at + mark.length);
  const slash = rest.indexOf('/');
  const [after, deeper] = slash < 0 ? [rest, ''] : [rest.slice(0, slash), rest.slice(slash)];
  const found = new Map<string, string>();
  for (const entry of [...(await listFolder(folder === '' ? '.' : folder))].sort()) {
    if (!entry.startsWith(before) || !entry.endsWith(after) || entry.length <= before.length + after.length) continue;
    const name = entry.slice(before.length, entry.length - after.length);
    const path = `${folder}${entry}${deeper}`;
    if (deeper === '' || (await exists(path))) found.set(name, path);
  }
  return found;
}
