/** Ranges of frames: read, written for farm engines, and cut into chunks. */
import fc from 'fast-check';
import t from 'tap';
import { type ExrError, isExrError } from '../../lib/index.js';
import { cutFrames, type FrameReader, formatFrames, parseFrames } from '../../lib/sequence/frames.js';

function errorOf(action: () => unknown): ExrError {
  try {
    action();
  } catch (error) {
    if (isExrError(error)) return error;
    throw error;
  }
  throw new Error('an error was expected');
}

t.test('ranges are read', async (t) => {
  t.same(parseFrames('1-5'), [1, 2, 3, 4, 5]);
  t.same(parseFrames('1-10x3'), [1, 4, 7, 10]);
  t.same(parseFrames('1-10:3'), [1, 4, 7, 10], 'the step of OpenJD');
  t.same(parseFrames('7, 1-3 ,2-4'), [7, 1, 2, 3, 4], 'in the order written, each once');
  t.same(parseFrames('-3--1'), [-3, -2, -1]);
  t.same(parseFrames('-2-2x2'), [-2, 0, 2]);
  t.same(parseFrames('3-1x-1'), [3, 2, 1]);
  t.same(parseFrames('5-5x2'), [5]);
  t.same(parseFrames('1 - 3'), [1, 2, 3], 'blanks where OpenJD reads them');
  t.same(parseFrames(' 1-\t9 : 4 , - 3,3\n- - 1 x -2'), [1, 5, 9, -3, 3, -1]);
  for (const wrong of [
    '',
    '1-',
    'a',
    '1--',
    '1-3x0',
    '3-1',
    '1-3x-1',
    '1,,2',
    '1-2-3',
    '1.5',
    '0x10',
    '１',
    '1 2',
    '1-3x',
    '1,',
    ' ',
  ])
    t.equal(errorOf(() => parseFrames(wrong)).code, 'BAD_FRAME_RANGE', JSON.stringify(wrong));
  t.equal(errorOf(() => parseFrames('1-99999999')).code, 'TOO_MANY_FRAMES');
  t.equal(errorOf(() => parseFrames('1-99999999999999')).code, 'FRAME_TOO_LARGE');
  t.match(errorOf(() => parseFrames('5-1')).hint, '1-5');
});

t.test('ranges are written', async (t) => {
  t.equal(formatFrames([]), '');
  t.equal(formatFrames([3, 1, 2, 2]), '1-3');
  t.equal(formatFrames([1, 3, 5, 7, 10]), '1-7x2,10');
  t.equal(formatFrames([1, 3]), '1,3');
  t.equal(formatFrames([-2, -1, 0, 4, 8]), '-2-0,4,8');
  const frames = fc.uniqueArray(fc.integer({ min: -300, max: 300 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(frames, (set) => {
      t.same(
        parseFrames(formatFrames(set)),
        [...set].sort((a, b) => a - b),
      );
    }),
    { numRuns: 200 },
  );
});

/** Frames from the grammar of a farm engine, as it understands it, in its order. Throws for what the engine refuses. */
type Grammar = (text: string) => number[];

const sequence = (first: number, last: number, step: number): number[] => {
  const frames: number[] = [];
  for (let frame = first; step > 0 ? frame <= last : frame >= last; frame += step) frames.push(frame);
  return frames;
};

/** Elements separated by commas, read by a pattern with groups for the first frame, the last, and the step. */
function readElements(text: string, pattern: RegExp): number[][] {
  return text.split(',').map((element) => {
    const match = pattern.exec(element);
    if (!match) throw new Error(`"${element}" is no element`);
    const [first = 0, last = first, step = 1] = match
      .slice(1)
      .flatMap((word) => (word === undefined ? [] : Number(word)));
    return sequence(first, last, step);
  });
}

const grammars: Readonly<Record<FrameReader, Grammar>> = {
  exrpipe: parseFrames,
  /** IntRangeExpr of openjd-model 0.13: sorted by their starts, no range may begin before the one before has ended. */
  openjd: (text) => {
    const ranges = readElements(text, /^(-?\d+)(?:-(-?\d+)(?::(\d+))?)?$/).sort((a, b) => at(a, 0) - at(b, 0));
    for (const [number, range] of ranges.entries())
      if (number > 0 && at(ranges[number - 1] ?? [], -1) >= at(range, 0)) throw new Error(`${text}: overlap`);
    return ranges.flat();
  },
  /** FrameSet of opencue-pycue and fileseq: `1-9x2`. Without a step it may also run backwards, and doubles run twice. */
  opencue: (text) => readElements(text, /^(-?\d+)(?:-(-?\d+)(?:x(\d+))?)?$/).flat(),
  /** sbatch --array: indices from 0, `1-9:2`. */
  slurm: (text) => readElements(text, /^(\d+)(?:-(\d+)(?::(\d+))?)?$/).flat(),
  /** frameChunker of Flamenco 3: split at commas and at every dash, no steps. */
  flamenco: (text) =>
    text.split(',').flatMap((element) => {
      const ends = element.split('-').map((word) => Number.parseInt(word, 10));
      if (ends.length > 2 || ends.some(Number.isNaN)) throw new Error(`"${element}" is no range`);
      return sequence(at(ends, 0), at(ends, -1), 1);
    }),
};

function at(frames: readonly number[], index: number): number {
  const frame = frames.at(index);
  if (frame === undefined) throw new Error('an empty range');
  return frame;
}

t.test('each engine reads what is written for it', async (t) => {
  t.equal(formatFrames([1, 3, 5, 7, 9, 2], 'openjd'), '1-3,5-9:2', 'never side by side');
  t.equal(formatFrames([1, 3, 5, 7, 9], 'opencue'), '1-9x2');
  t.equal(formatFrames([1, 3, 5, 7, 8, 9], 'flamenco'), '1,3,5,7-9');
  t.equal(formatFrames(parseFrames('1-10,5'), 'openjd'), '1-10');
  for (const reader of ['slurm', 'flamenco'] as const)
    t.match(
      errorOf(() => formatFrames([-1, 1], reader)),
      { kind: 'usage', code: 'NEGATIVE_FRAME' },
    );
  // Runs and steps are what ranges are made of; numbers drawn by themselves would make few.
  const run = fc
    .tuple(fc.integer({ min: -60, max: 60 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 9 }))
    .map(([first, step, count]) => Array.from({ length: count }, (_, number) => first + number * step));
  const frames = fc.array(run, { minLength: 1, maxLength: 6 }).map((runs) => runs.flat());
  for (const [reader, grammar] of Object.entries(grammars) as [FrameReader, Grammar][]) {
    const knowsNegative = !['slurm', 'flamenco'].includes(reader);
    fc.assert(
      fc.property(frames, (drawn) => {
        const given = knowsNegative ? drawn : drawn.map(Math.abs);
        t.same(
          grammar(formatFrames(given, reader)),
          [...new Set(given)].sort((a, b) => a - b),
          reader,
        );
      }),
      { numRuns: 300 },
    );
  }
});

t.test('frames are cut into chunks for tasks', async (t) => {
  t.same(cutFrames(parseFrames('1-7'), 3), [
    [1, 2, 3],
    [4, 5],
    [6, 7],
  ]);
  t.same(cutFrames(parseFrames('5,1-2'), 4), [[1], [2], [5], []], 'fewer frames than tasks');
  t.same(cutFrames([], 2), [[], []]);
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 70 }),
      (frames, count) => {
        const chunks = cutFrames(frames, count);
        const lengths = chunks.map(({ length }) => length);
        t.equal(chunks.length, count);
        t.same(
          chunks.flat(),
          [...new Set(frames)].sort((a, b) => a - b),
          'every frame once, in order',
        );
        t.ok(Math.max(...lengths) - Math.min(...lengths) <= 1, 'even');
        t.same(
          lengths,
          lengths.toSorted((a, b) => b - a),
          'the longer ones first',
        );
      },
    ),
    { numRuns: 200 },
  );
});
