import { isFramePattern, type PathPiece, parseFramePath, spellingHint } from '../io/frame-path.js';
import { parsePath } from '../io/input-name.js';
import { ExrError } from '../model/error.js';
import { splitPath } from '../model/path.js';
import { listFolder, lookAt, mustBeThere, namesIn } from '../node/files.js';
import { globFiles, isGlob } from '../node/glob.js';
import { basename, dirname, join, parse } from '../node/paths.js';

/** A file of a sequence, with the information in its name. */
export interface FoundFile {
  readonly path: string;
  /** The name without frame, view and extension. */
  readonly stem: string;
  /** Undefined for a file without a number. */
  readonly frame: number | undefined;
  /** The number as written in the name. */
  readonly digits: string | undefined;
  readonly view: string | undefined;
}

/** Files whose names differ only in frame and view: all of one pattern, or those of one name in a folder. */
export interface FoundSequence {
  /** What the user named. */
  readonly input: string;
  readonly files: readonly FoundFile[];
  /**
   * `file`: a single named file. `pattern`: named with a place for the frame, so holes are missing frames. `listing`: in a
   * folder or glob, where files are taken as they are.
   */
  readonly kind: 'file' | 'pattern' | 'listing';
}

/**
 * Finds what an input stands for. An existing file with exactly this name wins, even if it looks like a pattern. A pattern or
 * glob without files gives an empty list.
 *
 * @throws ExrError of kind `io` for a file or folder that cannot be read.
 */
export async function findInput(input: string): Promise<FoundSequence[]> {
  const stats = await lookAt(input);
  if (stats?.isDirectory()) return groupFiles(input, await listFrames(input));
  if (stats) return [{ input, kind: 'file', files: [describeFile(input)] }];
  // The braces of {frame} and {view} are not a glob; without them, is there anything else?
  const plain = parseFramePath(input).filter((piece) => typeof piece === 'string');
  if (await isGlob(plain.join(''))) return groupFiles(input, await listGlob(input));
  if (isFramePattern(input)) return [{ input, kind: 'pattern', files: await matchPattern(input) }];
  await mustBeThere(input);
  return [];
}

/** The error for an input without files. */
export function noFiles(input: string): ExrError {
  return new ExrError('usage', 'NO_FILES', 'no matching EXR file', {
    where: { file: input },
    hint: spellingHint(input) ?? 'Check the folder, and put the pattern in quotes if the shell might change it.',
  });
}

async function listFrames(folder: string): Promise<string[]> {
  const entries = await listFolder(folder);
  return entries
    .filter((entry) => !entry.isDirectory() && /^[^.].*\.exr$/i.test(entry.name))
    .map(({ name }) => join(folder, name));
}

/** Places for frame and view stand for digits and for anything in a glob. */
async function listGlob(pattern: string): Promise<string[]> {
  const wild = parseFramePath(pattern).map((piece) =>
    typeof piece === 'string' ? piece : piece.token === 'frame' ? '*([-0-9])' : '*',
  );
  return globFiles(wild.join(''));
}

function describeFile(path: string): FoundFile {
  const { stem, frame } = parsePath(path);
  return { path, stem, digits: frame, frame: frame === undefined ? undefined : Number(frame), view: undefined };
}

/** Files of a listing, grouped by what their names have in common. A file without a number is a sequence of one. */
function groupFiles(input: string, paths: readonly string[]): FoundSequence[] {
  const groups = new Map<string, FoundFile[]>();
  for (const path of [...paths].sort()) {
    const file = describeFile(path);
    const key = file.digits === undefined ? path : join(dirname(path), `${file.stem}.#`);
    const group = groups.get(key);
    if (group) group.push(file);
    else groups.set(key, [file]);
  }
  return [...groups.values()].map((files) => ({ input, kind: 'listing', files: unique(input, files) }));
}

/** The files of a pattern such as `%V/shot.####.exr`, folder by folder. Numbers may be padded differently from the pattern. */
async function matchPattern(pattern: string): Promise<FoundFile[]> {
  const { root } = parse(pattern);
  // Words alternate with the separators between them.
  const levels = splitPath(pattern.slice(root.length)).filter((_, at) => at % 2 === 0);
  let matches: Match[] = [{ path: root, frame: undefined, digits: undefined, view: undefined }];
  for (const [at, level] of levels.entries()) {
    if (level === '') continue;
    const last = at === levels.length - 1;
    const pieces = parseFramePath(last ? level : `${level}/`).filter((piece) => piece !== '/');
    const next: Match[] = [];
    for (const match of matches) next.push(...(await matchLevel(match, pieces, last)));
    matches = next;
  }
  const stem = patternStem(pattern);
  return unique(
    pattern,
    matches.map((match) => ({ ...match, stem })),
  );
}

type Match = Omit<FoundFile, 'stem'>;

async function matchLevel(match: Match, pieces: readonly PathPiece[], last: boolean): Promise<Match[]> {
  const literal = pieces.every((piece) => typeof piece === 'string');
  if (literal && !last) return [{ ...match, path: join(match.path, pieces.join('')) }];
  const wanted = nameMatcher(pieces);
  // Something that is not a folder, or does not exist yet, holds no frames; a folder that may not be read is an error.
  const names = await namesIn(match.path);
  return names.flatMap((name) => {
    const found = wanted(name);
    if (!found || (match.frame !== undefined && found.frame !== undefined && match.frame !== found.frame)) return [];
    if (match.view !== undefined && found.view !== undefined && match.view !== found.view) return [];
    return [
      {
        path: join(match.path, name),
        frame: found.frame ?? match.frame,
        digits: found.digits ?? match.digits,
        view: found.view ?? match.view,
      },
    ];
  });
}

type NameParts = Pick<Match, 'frame' | 'digits' | 'view'>;

/** Matches a name with a pattern's pieces. A place that occurs twice must have the same value twice. */
export function nameMatcher(pieces: readonly PathPiece[]): (name: string) => NameParts | undefined {
  const source = pieces.map((piece) => {
    if (typeof piece === 'string') return piece.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    return piece.token === 'frame' ? '(-?\\d+)' : '([\\p{L}\\p{N}_-]+?)';
  });
  const tokens = pieces.filter((piece) => typeof piece !== 'string').map(({ token }) => token);
  const pattern = new RegExp(`^${source.join('')}$`, 'u');
  return (name) => {
    const values = pattern.exec(name)?.slice(1);
    if (!values) return undefined;
    const texts = (wanted: 'frame' | 'view') => values.filter((_, at) => tokens[at] === wanted);
    const frames = texts('frame');
    const views = texts('view');
    if (new Set(frames.map(Number)).size > 1 || new Set(views).size > 1) return undefined;
    const digits = frames.at(-1);
    const frame = digits === undefined ? undefined : Number(digits);
    if (frame !== undefined && !Number.isSafeInteger(frame)) return undefined;
    return { frame, digits, view: views.at(-1) };
  };
}

/** The name of a pattern without its places for frame and view and their separators; if nothing is left, the folder's name. */
export function patternStem(pattern: string): string {
  const name = basename(pattern).replace(/\.exr$/i, '');
  const text = parseFramePath(name)
    .filter((piece) => typeof piece === 'string')
    .join('')
    .replace(/([._-])[._-]+/g, '$1')
    .replace(/^[._-]+|[._-]+$/g, '');
  const folder = basename(dirname(pattern));
  return text || (isFramePattern(`${folder}/`) || folder === '.' || folder === '' ? 'frame' : folder);
}

/** Sorted by frame, then view. Throws when two names have the same frame, such as `shot.1.exr` and `shot.0001.exr`. */
function unique(input: string, files: readonly FoundFile[]): FoundFile[] {
  const sorted = [...files].sort(
    (a, b) => (a.frame ?? 0) - (b.frame ?? 0) || compare(a.view ?? '', b.view ?? '') || compare(a.path, b.path),
  );
  for (const [at, file] of sorted.entries()) {
    const before = sorted[at - 1];
    if (before && file.frame !== undefined && before.frame === file.frame && before.view === file.view)
      throw new ExrError('usage', 'FRAME_TWICE', `${input}: frame ${file.frame} exists twice`, {
        hint: `Move one of ${before.path} and ${file.path} away.`,
      });
  }
  return sorted;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
