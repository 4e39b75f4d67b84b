/** Outlines for OpenCue: well-formed XML, and commands that /bin/sh takes apart as they were meant. */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import t from 'tap';
import type { FarmJob } from '../../lib/farm/job.js';
import { opencue } from '../../lib/farm/opencue.js';
import { isWindows } from '../../lib/model/path.js';
import { parseFrames } from '../../lib/sequence/frames.js';
import { makeJob } from './jobs.js';

function outline(changes: Partial<FarmJob> = {}): string {
  return opencue.emit(makeJob(changes), { plain: false }).files[0]?.text ?? '';
}

function values(text: string, element: string): string[] {
  const found = [...text.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'))];
  const signs: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' };
  return found.map(([, value = '']) => value.replace(/&(\w+);/g, (whole, name: string) => signs[name] ?? whole));
}

t.test('layers, their ranges as OpenCue spells them, and what waits for what', async (t) => {
  const text = outline({ frames: parseFrames('1-9x2,20-24') });
  t.strictSame(values(text, 'range'), ['1-9x2,20-24', '1', '1']);
  t.strictSame(values(text, 'chunk'), ['3', '1', '1']);
  t.match(
    values(text, 'cmd')[0],
    / --frames #FRAMESPEC# /,
    'the first and the last frame of a chunk would not tell its step',
  );
  t.strictSame(values(text, 'deplayer'), ['check', 'report']);
  t.strictSame(values(text, 'onlayer'), ['frames', 'check']);
  t.equal(text.match(/type="LAYER_ON_LAYER"/g)?.length, 2, 'the check waits for all frames, not for its own number');
});

t.test('a shell gets the words of the task', { skip: isWindows && 'needs a POSIX shell' }, async (t) => {
  const word = fc.oneof(
    fc.string({ unit: 'grapheme-ascii' }),
    fc.constantFrom('a b', "it's", '<&>"', '$HOME', '`x`', '*', '{layer}', 'ü', ''),
  );
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(word, { maxLength: 5 }), (chain) => {
        const [command = ''] = values(outline({ chain, program: 'printf' }), 'cmd');
        const script = command.replace(/^printf/, `printf '[%s]\\0'`).replace('#FRAMESPEC#', '1-3');
        const printed = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, chain.length);
        if (JSON.stringify(printed) !== JSON.stringify(chain.map((one) => `[${one}]`)))
          throw new Error(JSON.stringify(printed));
      }),
      { numRuns: 40 },
    ),
  );
});

t.test('names are those that OpenCue takes', async (t) => {
  t.match(outline({ name: 'a "job" <of> mine/ü' }), /<job name="a_job_of_mine_">/);
});
