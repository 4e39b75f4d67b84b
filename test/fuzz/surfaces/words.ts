/** What users and files write: pipeline files, command lines, patterns, and names that become paths. */
import { posix } from 'node:path';
import { loadFilters } from '../../../bin/filters.js';
import { parseChain } from '../../../bin/words/grammar.js';
import { compileGlobs, matchesAny } from '../../../filters/shared/glob.js';
import { parseSubstitution } from '../../../filters/shared/substitution.js';
import { isExrError } from '../../../lib/index.js';
import { framePath, isFramePattern, otherPaddings, parseFramePath } from '../../../lib/io/frame-path.js';
import { routeParts } from '../../../lib/io/route.js';
import { nameMatcher, patternStem } from '../../../lib/sequence/find.js';
import { formatFrames, parseFrames } from '../../../lib/sequence/frames.js';
import { parsePipeline } from '../../../lib/sequence/pipeline-file.js';
import { makeHeader, makePart } from '../../cryptomatte/fixtures.js';
import { Finding, type Surface, textOf, textSeeds, texts } from '../surface.js';

export async function pipelineSurface(): Promise<Surface> {
  const filters = await loadFilters();
  return {
    name: 'pipeline',
    seeds: textSeeds(
      'pipeline:\n  - rename:\n      preset: nuke\n  - split:\n      by: layer\n',
      'pipeline:\n  - drop: { layer: ["*.Noisy*", b] }\n  - compress: { to: dwaa, level: 9 }\n',
      'pipeline: [repair, {pick: {channel: [R, G]}}]\n',
      'a: &x [1]\npipeline: *x\n',
    ),
    words: texts(
      '- ',
      ': ',
      '{',
      '}',
      '[',
      ']',
      '&a ',
      '*a',
      '<<: ',
      '!!',
      '|',
      '>',
      '"',
      "'",
      '\t',
      '\n',
      '? ',
      '---\n',
      '__proto__',
      '%',
      'to',
      'level',
    ),
    run: (bytes) => parsePipeline(textOf(bytes), 'p.yaml').steps(filters),
  };
}

export async function grammarSurface(): Promise<Surface> {
  const filters = await loadFilters();
  return {
    name: 'words',
    seeds: textSeeds(
      'rename\n--preset\nnuke\nin.exr\n-o\nout.exr',
      'drop\n--layer\n*.Noisy*\nthen\nsplit\n--by=view-layer\nshot.0001.exr\n-o\nout/{layer}.exr',
      'compress\n--to\ndwaa\n--level=4\n--memory\n256M\n--frames\n1-10\n--\n-x.exr',
      'matte\n--name\nHero*\n--as\nA\nthen\nconvert\n--to\nhalf\n--only\nR',
    ),
    words: texts(
      '\n--',
      '\n-',
      '=',
      '\nthen\n',
      '\n--\n',
      '__proto__',
      'constructor',
      '--help',
      '*',
      '[',
      '{',
      '\0',
      'true',
      '-1',
      '1e999',
    ),
    run: (bytes) => parseChain(textOf(bytes).split('\n'), filters),
  };
}

export function patternSurface(): Surface {
  return {
    name: 'patterns',
    seeds: textSeeds(
      'shot.####.exr',
      'shot.%04d.%V.exr',
      'a/{view}/x.{frame}.exr',
      '1-10,20x2',
      '-5--1',
      '*.{a,b}[0-9]!(x)',
      's/^(.*)\\.(.)$/$2.$1/g',
      '$F4.exr',
      '**/a?b',
    ),
    words: texts(
      '#',
      '@',
      '%d',
      '%0',
      '%V',
      '%v',
      '{',
      '}',
      '[',
      ']',
      '(',
      ')',
      '*',
      '**',
      '?',
      '!',
      '+',
      '|',
      '\\',
      '/',
      '-',
      ',',
      ':',
      'x',
      '99999999999999999999',
      '$1',
      '.*',
      '(a+)+',
    ),
    run(bytes) {
      const text = textOf(bytes);
      isFramePattern(text);
      const pieces = parseFramePath(text);
      nameMatcher(pieces)(text);
      patternStem(text);
      let refused: unknown;
      const ways = [
        () => framePath(text, 12, 'left'),
        () => otherPaddings(text, 12, 'left'),
        () => sameFrames(text),
        () => matchesAny(compileGlobs([text]), 'main.Combined.R'),
        () => parseSubstitution(text)('main.Combined.R'),
      ];
      for (const way of ways)
        try {
          way();
        } catch (error) {
          if (!isExrError(error)) throw error;
          refused = error;
        }
      if (refused) throw refused;
    },
  };
}

/** Frames written again are the same frames. */
function sameFrames(text: string): void {
  const frames = parseFrames(text);
  if (frames.length === 0 || frames.length > 10_000) return;
  const again = parseFrames(formatFrames(frames));
  if (new Set(frames).size !== new Set(again).size)
    throw new Finding(`${frames.length} frames, ${again.length} when written again`);
}

export function pathSurface(): Surface {
  return {
    name: 'paths',
    seeds: textSeeds(
      'beauty',
      'Chars.Combined',
      '../../etc/passwd',
      'a/b',
      'C:\\x',
      'CON',
      '.',
      '..',
      '木 x',
      'x'.repeat(250),
    ),
    words: texts(
      '/',
      '\\',
      '..',
      '.',
      '../',
      '..\\',
      '\0',
      '\n',
      '\x1b[31m',
      'NUL',
      'C:',
      '%',
      '{layer}',
      '{part}',
      '####',
      '~',
      '\u202e',
      '|',
      '"',
      '*',
    ),
    run(bytes) {
      const name = textOf(bytes);
      const parts = [
        makePart([{ name: 'R' }], { view: name }, { name }),
        makePart([{ name: 'R' }], {}, { number: 1, name: `${name}2` }),
      ];
      const header = makeHeader(...parts);
      const source = undefined as never;
      const inputs = [{ path: '/in/x.0001.exr', frame: '0001', parts: [0, 1], view: name }] as never;
      for (const pattern of [
        '/out/{layer}.exr',
        '/out/{name}_{part}.exr',
        '/out/{view}.exr',
        '/out/%V.exr',
        '/out/{stem}.{layer}.{frame}.exr',
      ])
        for (const { path = '' } of routes(header, inputs, source, pattern)) {
          // One step below the folder that the user named, whatever the file says.
          const rest = path.startsWith('/out/') ? path.slice(5) : '/';
          if (/[/\\\0]/.test(rest) || posix.dirname(posix.normalize(path)) !== '/out')
            throw new Finding(`a name becomes the path ${JSON.stringify(path)}`);
        }
    },
  };
}

function routes(header: Parameters<typeof routeParts>[0]['header'], inputs: never, source: never, pattern: string) {
  try {
    return routeParts({ header, arrived: header, source, inputs }, pattern);
  } catch (error) {
    if (isExrError(error)) return [];
    throw error;
  }
}
