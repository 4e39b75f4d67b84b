/** Reports in their forms, from pages made for the purpose. */
import t from 'tap';
import { csvReport } from '../../../bin/report/csv.js';
import { escaped } from '../../../bin/report/escape.js';
import { htmlReport } from '../../../bin/report/html.js';
import type { FrameRow, ReportPage } from '../../../bin/report/model.js';
import { Remarks } from '../../../bin/report/remarks.js';
import { textReport } from '../../../bin/report/text.js';
import { chosenFrames } from '../../../bin/report/thumbnails.js';

const row = (name: string, state: FrameRow['state'], file = `s.${name}.exr`): FrameRow => ({
  name,
  count: 1,
  file,
  state,
  status: state,
  cells: ['1 kB'],
});

function page(change: Partial<ReportPage> = {}): ReportPage {
  const remarks = new Remarks();
  const rule = { affects: 'breaks Nuke', remedy: undefined, command: 'exrpipe repair shot -o fixed/' };
  for (const frame of [1, 2])
    remarks.add({ ...rule, level: 'error', code: 'CM-A01', text: 'a, "b"' }, { name: `s.${frame}.exr`, frame });
  return {
    title: 'Validation',
    facts: [['files', '2']],
    summary: ['One sentence.'],
    counts: [{ label: 'sound', count: 0, state: 'good' }],
    remarks: remarks.list(2),
    seen: [
      {
        file: 's.1.exr',
        programs: [
          {
            program: 'Nuke',
            reader: 'its node',
            refused: undefined,
            layers: ['rgba'],
            hidden: 1,
            cryptomattes: [{ name: 'crypto', problem: 'it is lost' }],
            frames: 'errors in 2 of 2 files',
          },
        ],
      },
    ],
    thumbnails: [],
    columns: ['size'],
    frames: [row('1', 'error'), row('2', 'error')],
    ...change,
  };
}

t.test('what is said of many frames is said once, with the frames', async (t) => {
  const remarks = new Remarks();
  const nothing = { affects: '', remedy: undefined, command: undefined };
  for (let frame = 1; frame <= 60; frame++) {
    const place = { name: `s.${frame}.exr`, frame };
    remarks.add({ ...nothing, level: 'note', code: 'N', text: 'as always' }, place);
    remarks.add({ ...nothing, level: 'note', code: 'N', text: 'as always' }, place);
    if (frame % 20 === 0)
      remarks.add({ ...nothing, level: 'error', code: 'E', command: 'exrpipe repair s', text: `in ${frame}` }, place);
  }
  remarks.add({ ...nothing, level: 'warning', code: 'W', text: 'of no frame' }, { name: 'x.exr', frame: undefined });
  t.match(remarks.list(60, true), [
    {
      level: 'error',
      command: 'exrpipe repair s --frames 20-60x20',
      said: [
        { text: 'in 20', where: 'frame 20' },
        { text: 'in 40', where: 'frame 40' },
        { text: 'in 60', where: 'frame 60' },
      ],
    },
    { level: 'warning', said: [{ where: 'x.exr' }] },
    { level: 'note', command: undefined, said: [{ text: 'as always', where: 'all 60 frames' }] },
  ]);
  t.equal(remarks.list(60)[0]?.command, 'exrpipe repair s', 'frames of several shots cannot be selected');
});

t.test('a table of values, in which nothing is a formula and quotes are doubled', async (t) => {
  const frames = [row('-5', 'good', '=1+1.exr'), row('6-7', 'missing', '@x'), row('8', 'good', '-x')];
  t.equal(
    csvReport(page({ frames })),
    [
      'kind,frame,state,status,code,message,affects,fix,file,size',
      "frame,-5,good,good,,,,,'=1+1.exr,1 kB",
      "frame,6-7,missing,missing,,,,,'@x,1 kB",
      "frame,8,good,good,,,,,'-x,1 kB",
      'remark,all 2 frames,error,,CM-A01,"a, ""b""",breaks Nuke,exrpipe repair shot -o fixed/,,',
      '',
    ].join('\r\n'),
  );
});

t.test('text', async (t) => {
  t.equal(
    textReport(page()),
    [
      'Validation',
      'files: 2',
      '',
      'One sentence.',
      '',
      'error CM-A01',
      '  all 2 frames: a, "b"',
      '  breaks Nuke',
      '  fix it with: exrpipe repair shot -o fixed/',
      '',
      'what programs see of s.1.exr',
      '  Nuke  1 layer, 1 channel not shown  errors in 2 of 2 files  crypto does not work: it is lost',
      '',
      'frame  status  size  file',
      '1      error   1 kB  s.1.exr',
      '2      error   1 kB  s.2.exr',
      '',
    ].join('\n'),
  );
});

t.test('the page holds all of it, and nothing from a file is markup', async (t) => {
  const bad = '</script><script>alert(1)</script><img src=x>\u202e';
  const html = htmlReport(
    page({ title: bad, facts: [[bad, bad]], frames: [row(bad, 'error', bad), row('2', 'good')] }),
  );
  t.notMatch(html, /<img src=x>|alert\(1\)<|\u202e/);
  t.equal(html.match(/<script/g)?.length, 1);
  for (const text of ['One sentence.', 'exrpipe repair shot -o fixed/', 'all 2 frames', 'crypto does not work'])
    t.ok(html.includes(text), text);
  t.match(html, /default-src 'none'.*script-src 'sha256-[\w+/=]{44}'/);
  t.notMatch(html.replaceAll('data:', ''), /\b(?:src|href)="(?:https?:|\/\/)/);
  t.match(html, /<tr data-level="error"><th scope="row">/);
});

t.test('a film is cut down to what is wrong', async (t) => {
  const frames = Array.from({ length: 20_000 }, (_, at) => row(String(at), at % 1000 === 0 ? 'error' : 'good'));
  const html = htmlReport(page({ frames }));
  t.equal(html.match(/<tr data-level="error"/g)?.length, 20);
  t.match(html, '19980 frames are omitted here');
});

t.test('images of the first, the middle and the last frame, and of some with errors', async (t) => {
  const frames = Array.from({ length: 100 }, (_, at) => row(String(at), at % 10 === 5 ? 'error' : 'good'));
  t.same(
    chosenFrames([row('x', 'missing'), ...frames]).map(({ name }) => name),
    ['0', '5', '15', '25', '49', '99'],
  );
  t.same(chosenFrames([]), []);
  t.same(chosenFrames([row('1', 'good')]).length, 1);
});

t.test('letters that mean something', async (t) => {
  t.equal(escaped(`<a b="c" d='e'>&amp;\n`), '&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;amp;\\n');
});
