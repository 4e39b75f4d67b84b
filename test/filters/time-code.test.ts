/** Time codes that run along a shot, and other values that follow the frame. */

import fc from 'fast-check';
import t from 'tap';
import { setAttribute } from '../../filters/set-attribute.js';
import { parseRunning, timeCodeAfter } from '../../filters/shared/time-code.js';
import { parseAttribute } from '../../lib/format/index.js';
import type { Header } from '../../lib/index.js';
import { makeHeader, makePart } from '../cryptomatte/fixtures.js';
import { failure, run, thrown } from './support.js';

/** A packed time code as people write it; `+` for the second of a pair. */
function text(packed: number): string {
  const two = (at: number, mask: number): string => ((packed >>> at) & mask).toString(16).padStart(2, '0');
  const mark = packed & (1 << 6) ? ';' : ':';
  const second = packed & (1 << 15) ? '+' : '';
  return `${two(24, 0x3f)}:${two(16, 0x7f)}:${two(8, 0x7f)}${mark}${two(0, 0x3f)}${second}`;
}

function after(start: string, frames: number): string {
  const running = parseRunning(start);
  return running ? text(timeCodeAfter(running, frames)) : 'none';
}

t.test('time codes run, roll over, and go back', (t) => {
  t.equal(after('01:00:00:00@24', 0), '01:00:00:00');
  t.equal(after('01:00:00:00@24', 25), '01:00:01:01');
  t.equal(after('01:00:00:00@24', -1), '00:59:59:23');
  t.equal(after('23:59:59:24@25', 1), '00:00:00:00');
  t.equal(after('00:00:00:00@30', -1), '23:59:59:29');
  t.equal(after('10:00:00:00@23.976', 24), '10:00:01:00');
  t.equal(after('10:00:00:00@24000/1001', 24), '10:00:01:00');
  t.end();
});

t.test('drop-frame leaves numbers out at each minute but every tenth (SMPTE 12M)', (t) => {
  t.equal(after('00:00:59;29@29.97', 1), '00:01:00;02');
  t.equal(after('00:09:59;29@29.97', 1), '00:10:00;00');
  t.equal(after('00:01:00;02@29.97', -1), '00:00:59;29');
  // An hour of 29.97 frames a second has 107892 of them.
  t.equal(after('00:00:00;00@30000/1001', 107892), '01:00:00;00');
  t.equal(after('23:59:59;29@29.97', 1), '00:00:00;00');
  t.equal(after('00:00:00:00@29.97', 108000), '01:00:00:00', 'without ; none is left out');
  t.end();
});

t.test('above 30 frames a second pairs are counted, and a flag tells the second of them', (t) => {
  t.equal(after('00:00:00:00@50', 1), '00:00:00:00+');
  t.equal(after('00:00:00:00@50', 49), '00:00:00:24+');
  t.equal(after('00:00:00:00@60', 60), '00:00:01:00');
  t.equal(after('00:00:59;59@59.94', 1), '00:01:00;02');
  t.end();
});

t.test('drop-frame: each frame has a number of its own that exists, one after the other', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2_589_407 }), (frames) => {
      const [now, next] = [after('00:00:00;00@29.97', frames), after('00:00:00;00@29.97', frames + 1)];
      const isDropped = /:[0-5][1-9]:00;0[01]$/.test(now);
      return !isDropped && (now < next || next === '00:00:00;00');
    }),
  );
  t.end();
});

t.test('what cannot be counted is an error', (t) => {
  for (const bad of [
    '01:00:00:00@0',
    '01:00:00:00@120',
    '01:00:00:24@24',
    '25:00:00:00@24',
    '00:01:00;00@29.97',
    '00:00:00;00@25',
    'x@24',
  ])
    t.equal(thrown(() => parseRunning(bad)).code, 'BAD_ATTRIBUTE_VALUE', bad);
  t.equal(parseRunning('01:00:00:00'), undefined);
  t.end();
});

const header = makeHeader(makePart([{ name: 'R' }]));
const input = (frame: string | undefined, view?: string) => ({
  inputs: [{ path: `shot.${frame}.exr`, stem: 'shot', frame, view, parts: [0] }],
});

function value(of: Header, name: string): unknown {
  const attribute = of.parts[0]?.attributes.get(name);
  return attribute && parseAttribute(attribute.type, attribute.value);
}

t.test('--per-frame: time, frame number, view and stem of each file', async (t) => {
  const attributes = [
    'timeCode=01:00:00:00@24',
    'shotFrame={frame}:int',
    'eye={view}',
    'shotName={stem}_{frame}',
    'x={other}',
  ];
  const step = setAttribute({ attributes, perFrame: true, first: 1001 });
  const { header: result } = await run(step, header, input('1025', 'left'));
  t.match(value(result, 'timeCode'), { timeAndFlags: 0x01000100 });
  t.equal(value(result, 'shotFrame'), 1025);
  t.equal(value(result, 'eye'), 'left');
  t.equal(value(result, 'shotName'), 'shot_1025');
  t.equal(value(result, 'x'), '{other}');
  const { header: first } = await run(
    setAttribute({ attributes: ['timeCode=01:00:00:00@24'], perFrame: true }),
    header,
    input('0001'),
  );
  t.match(value(first, 'timeCode'), { timeAndFlags: 0x01000000 });
});

t.test('without --per-frame a time code stays, and braces are text', async (t) => {
  const step = setAttribute({ attributes: ['timeCode=01:00:00:05@24', 'x={frame}'] });
  const { header: result } = await run(step, header, input('0009'));
  t.match(value(result, 'timeCode'), { timeAndFlags: 0x01000005 });
  t.equal(value(result, 'x'), '{frame}');
});

t.test('a file without a number or a view has no such value', async (t) => {
  for (const one of ['timeCode=01:00:00:00@24', 'a={frame}', 'a={view}'])
    t.equal(
      (await failure(setAttribute({ attributes: [one], perFrame: true }), header, input(undefined))).code,
      'NO_TOKEN_VALUE',
    );
  t.equal(thrown(() => setAttribute({ attributes: ['a=b'], first: 3 })).code, 'BAD_OPTION');
});
