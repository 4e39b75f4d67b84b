/** How runs show themselves: a bar, a log, lines for programs, the summary and the report. */
import t from 'tap';
import { NoticeFilter } from '../../bin/chain/notice-filter.js';
import { barText, type Display, makeDisplay, type ProgressMode, progressMode } from '../../bin/chain/progress.js';
import { ProgressState } from '../../bin/chain/progress-state.js';
import { errorText, frameText, summaryLines } from '../../bin/chain/sequence-text.js';
import { sizeText, timeText } from '../../bin/terminal/units.js';
import type { EventError, FrameId, SequenceEvent, SequenceSummary } from '../../lib/sequence/index.js';
import { ReportBuilder } from '../../lib/sequence/index.js';

const id = (index: number): FrameId => ({
  index,
  frame: index + 1,
  view: undefined,
  inputs: [`in/shot.000${index + 1}.exr`],
});
const start = (index: number): SequenceEvent => ({ type: 'frame-start', ...id(index) });
const done = (index: number, bytes = 1e6): SequenceEvent => ({
  type: 'frame-done',
  ...id(index),
  files: [`out/shot.000${index + 1}.exr`],
  parts: [{ file: `out/shot.000${index + 1}.exr`, part: 'beauty', method: 'forward', reason: 'same' }],
  bytes,
  inputBytes: 2e6,
  milliseconds: 1000,
});
const error: EventError = {
  kind: 'invalid',
  code: 'FILE_TRUNCATED',
  message: 'the file ends\u001b[2J too early',
  where: { file: 'in/shot.0003.exr', frame: 3 },
  hint: 'Render it again.',
};
const failed = (index: number): SequenceEvent => ({ type: 'frame-failed', ...id(index), error });
const existing = (index: number): SequenceEvent => ({
  type: 'frame-skipped',
  ...id(index),
  reason: 'existing',
  files: [],
  error: undefined,
});
const summary: SequenceSummary = {
  dryRun: false,
  done: 2,
  doneFrames: '1-2',
  existing: 1,
  existingFrames: '4',
  skipped: [],
  failed: [{ ...id(2), error }],
  left: 6,
  leftFrames: '5-10',
  stopped: 'signal',
  bytes: 2e6,
  milliseconds: 4000,
};
const events: SequenceEvent[] = [
  {
    type: 'start',
    format: 1,
    version: '1.2.3',
    steps: ['rename', 'split'],
    output: 'out/{frame}.exr',
    jobs: 2,
    threads: 2,
    dryRun: false,
  },
  {
    type: 'plan',
    total: 10,
    frames: '1-10',
    missing: [{ input: 'in/shot.####.exr', view: undefined, frames: '11', policy: 'skip' }],
  },
  ...[0, 1, 2, 3].map(start),
  { type: 'progress', index: 0, done: 0.5, bytes: 5e5 },
  { type: 'notice', index: 0, frame: 1, level: 'warning', code: 'ODD', message: 'something is odd' },
  done(0),
  done(1),
  failed(2),
  existing(3),
  { type: 'summary', ...summary },
];

t.test('where a run stands', async (t) => {
  let now = 1000;
  const state = new ProgressState(() => now);
  const take = (...some: SequenceEvent[]) => some.forEach((event) => void state.take(event));
  take(...events.slice(0, 2), existing(0), existing(1), start(2), start(3));
  t.equal(state.share, 0.2);
  t.equal(state.left, undefined, 'what is up to date says nothing about how long the others take');
  now += 2000;
  take(done(2), { type: 'progress', index: 3, done: 0.5, bytes: 1e6 });
  t.equal(state.finished, 3);
  t.equal(state.share, 0.35);
  t.equal(state.rate, 1e6, 'bytes a second, with the frames under way');
  t.equal(state.left, (2000 / 1.5) * 6.5);
  take(failed(3));
  t.equal(state.failed, 1);
  t.equal(state.rate, 5e5);
  for (let index = 4; index < 12; index++) take(start(index), done(index));
  t.equal(state.total, 12, 'while watching there may be more than was planned');
  t.equal(state.share, 1);
  t.equal(state.left, 0);
});

t.test('the bar', async (t) => {
  let now = 0;
  const state = new ProgressState(() => now);
  for (const event of events.slice(0, 8)) state.take(event);
  state.take(done(0));
  now = 1000;
  const text = barText(state, 100);
  t.match(text, /^\[=+ +\] 1\/10 {2}10 % {2}1\.0 MB\/s {2}0:09 left {2}in\/shot\.0004\.exr$/);
  for (const columns of [1, 20, 59, 80]) t.ok(barText(state, columns).length < Math.max(2, columns), `fits ${columns}`);
  state.take({ type: 'frame-start', ...id(4), inputs: ['evil\u001b[2J\n.exr'] });
  t.notMatch(barText(state, 200), /[\p{Cc}]/u, 'a file name does not drive the terminal');
});

/** A stream that keeps what it gets. */
function sink(isTTY = false) {
  return {
    text: '',
    isTTY,
    columns: 80,
    write(text: string) {
      this.text += text;
    },
  };
}

function show(mode: ProgressMode, use: (display: Display) => void, now?: () => number) {
  const err = sink(mode === 'tty');
  const out = sink();
  const display = makeDisplay(mode, { err, out }, now);
  use(display);
  display.end();
  return { err: err.text, out: out.text };
}

t.test('displays', async (t) => {
  t.equal(progressMode('auto', false, sink(true)), 'tty');
  t.equal(progressMode('auto', false, sink(false)), 'log');
  t.equal(progressMode('auto', true, sink(true)), 'none');
  t.equal(progressMode('json', true, sink(false)), 'json', 'what is asked for by name is given');
  const play = (display: Display) => {
    for (const event of events) display.take(event);
    display.line('a line');
  };

  const json = show('json', play);
  t.equal(json.out, '');
  t.same(
    json.err
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
    JSON.parse(JSON.stringify(events)),
    'every event, nothing else',
  );
  const openjd = show('openjd', play);
  t.match(openjd.out, /^openjd_progress: 0\.0\n/);
  t.match(openjd.out, /^openjd_progress: 40\.0$/m);
  t.match(openjd.out, /^openjd_status: frame 2 done$/m);
  t.match(
    openjd.out,
    /^openjd_status: frame 3 failed: in\/shot\.0003\.exr, frame 3: the file ends\\x1b\[2J too early.* Render it again\.$/m,
  );
  t.notMatch(openjd.out, 'openjd_fail', 'the program says that, once, at its end');
  const percents = [...openjd.out.matchAll(/openjd_progress: (.*)/g)].map(([, value]) => Number(value));
  t.same(
    percents,
    percents.toSorted((a, b) => a - b),
    'never backwards',
  );
  t.equal(openjd.err, 'a line\n');
  t.same(show('none', play), { err: 'a line\n', out: '' });
  t.same(
    show('log', play, () => 0),
    { err: 'a line\n', out: '' },
    'a short run has no progress to log',
  );
  let time = 0;
  const slow = show('log', play, () => (time += 6000)).err.split('\n');
  t.equal(
    slow.filter((line) => /of \d+ frames/.test(line)).length,
    events.length - 1,
    'a slow one has a line for each event',
  );

  const bar = sink(true);
  const display = makeDisplay('tty', { err: bar, out: sink() });
  display.take(events[1] as SequenceEvent);
  await new Promise((resolve) => setTimeout(resolve, 250));
  t.ok(bar.text.includes(`\r\u001b[K[${' '.repeat(20)}] 0/10`));
  display.line('a line');
  t.ok(bar.text.endsWith('\r\u001b[Ka line\n'), 'lines take the place of the bar');
  await new Promise((resolve) => setTimeout(resolve, 250));
  display.end();
  t.ok(bar.text.endsWith('\r\u001b[K'), 'and nothing of it stays');
});

t.test('texts', async (t) => {
  t.same([0, 999, 1000, 12345, 99.6e6, 999.9e6, 1.5e12].map(sizeText), [
    '0 B',
    '999 B',
    '1.0 kB',
    '12 kB',
    '100 MB',
    '1.0 GB',
    '1.5 TB',
  ]);
  t.same([0, 7400, 754_000, 3_723_000].map(timeText), ['0:00', '0:07', '12:34', '1:02:03']);
  t.equal(frameText({ ...id(0), view: 'left' }), 'frame 1 (left)');
  t.equal(frameText({ ...id(0), frame: undefined }), 'in/shot.0001.exr');
  t.match(errorText(error), /^in\/shot\.0003\.exr, frame 3: /);
  t.same(summaryLines(summary), [
    '2 frames done, 1 up to date, 1 failed, 6 not done in 0:04 (500 kB/s)',
    'failed: 3',
    'interrupted; not done: 5-10',
    'to process the rest, run the same command again with --skip-existing',
  ]);
  t.same(summaryLines({ ...summary, done: 1, existing: 0, failed: [], left: 0, leftFrames: '', stopped: undefined }), [
    '1 frame done in 0:04 (500 kB/s)',
  ]);
  t.same(summaryLines({ ...summary, dryRun: true, left: 0, leftFrames: '', stopped: undefined, bytes: 0 }), [
    '2 frames would be done, 1 up to date, 1 would fail (dry run: nothing was written)',
    'would fail: 3',
  ]);

  const notices = new NoticeFilter();
  const notice = (index: number, message: string) =>
    ({ type: 'notice', index, frame: index, level: 'warning', code: 'ODD', message }) as const;
  t.same(
    [notice(0, 'a'), notice(1, 'a'), notice(2, 'b'), notice(3, 'a')].map((one) => notices.isNew(one)),
    [true, false, true, false],
  );
  for (const index of [4, 5]) notices.isNew({ ...notice(index, 'c'), level: 'note' });
  t.same(notices.lines(), ['warning in 3 frames: a'], 'a note is said once');
  t.same(
    ['7 of "R1"', '8 of "R1"', '8 of "R2"', '9.5 of "R1"'].map((text, index) => notices.isNew(notice(index, text))),
    [true, false, true, false],
    'counts differ from frame to frame, names do not',
  );
  const said = ['warning in 3 frames: a', 'warning in 3 frames, with different numbers: 7 of "R1"'];
  t.same(notices.lines(), said);
  for (let index = 0; index < 1000; index++) notices.isNew(notice(index, `"${index}"`));
  t.match(notices.lines(), [...said, /^\d+ more warnings and notes$/], 'memory is bounded');

  const builder = new ReportBuilder();
  for (const event of events) builder.onEvent(event);
  const report = builder.report();
  t.match(report, { format: 1, version: '1.2.3', planned: '1-10', summary: { done: 2 } });
  t.same(
    report.frames.map(({ status }) => status),
    ['done', 'done', 'failed', 'existing'],
  );
});
