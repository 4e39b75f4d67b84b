/** Reports of runs and of validation, from real frames. */
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { runPage } from '../../../bin/chain/run-report.js';
import { ValidationReport } from '../../../bin/commands/validate-report.js';
import { checkReport, writeReport } from '../../../bin/report/write.js';
import { compress } from '../../../filters/index.js';
import { validateHeader } from '../../../lib/cryptomatte/index.js';
import { openExr, ReportBuilder, runSequence } from '../../../lib/index.js';
import { fixturePath, temporaryFolder } from '../../support.js';

const good = fixturePath('blender/b2_main_dot.0001.exr');
const lost = fixturePath('blender/b3_lost_sepcomb.0001.exr');

t.test('a run: what became of each frame, images and what programs see', async (t) => {
  const folder = await temporaryFolder(t);
  for (const frame of [1, 2, 4]) await copyFile(good, join(folder, `s.000${frame}.exr`));
  await writeFile(join(folder, 's.0005.exr'), 'cut off');
  const builder = new ReportBuilder();
  await runSequence({
    inputs: [join(folder, 's.####.exr')],
    steps: [compress({ to: 'piz' })],
    output: join(folder, 'out/'),
    missing: 'skip',
    onEvent: builder.onEvent,
  });
  const settings = { signal: new AbortController().signal, limits: undefined, images: true };
  const page = await runPage(builder.report(), settings);
  t.same(
    page.frames.map(({ name, status }) => `${name} ${status}`),
    ['1 done', '2 done', '3 missing', '4 done', '5 failed'],
  );
  t.match(page.remarks, [{ level: 'error', code: 'HEADER_TRUNCATED', said: [{ where: 'frame 5' }] }]);
  t.notMatch(page.remarks[0]?.said[0]?.text, 's.0005.exr', 'the table has the file');
  t.same(page.seen[0]?.programs.length, 6);
  t.same(
    page.thumbnails.map(({ name, layer, width, height }) => [name, layer, width, height]),
    [
      ['1', 'main.Combined', 96, 54],
      ['2', 'main.Combined', 96, 54],
    ],
    'the frame that failed has nothing to show',
  );
  t.same([...(page.thumbnails[0]?.png.subarray(1, 4) ?? [])], [...Buffer.from('PNG')]);
  t.same(
    page.counts.map(({ state, count }) => `${state} ${count}`),
    ['good 3', 'error 1', 'missing 1'],
  );
});

t.test('validation: frames with findings, holes, and the commands that help', async (t) => {
  const folder = await temporaryFolder(t);
  const report = new ValidationReport({ inputs: ['hero.####.exr'], target: [], pixels: false, limits: undefined });
  for (const frame of [1, 2, 5]) {
    const file = join(folder, `s.000${frame}.exr`);
    await copyFile(frame === 5 ? lost : good, file);
    const document = await openExr(file);
    const findings = validateHeader(document.header);
    await report.addFile({ file, cryptomattes: [], findings }, { sequence: 's', frame }, document.header);
    await document.source.close();
  }
  report.addError('s.0006.exr', { sequence: 's', frame: 6 }, new Error('broken'));
  const page = await report.page({ signal: new AbortController().signal, images: false });
  t.same(
    page.frames.map(({ name, count, state }) => `${name} ${count} ${state}`),
    ['1 1 good', '2 1 good', '3-4 2 missing', '5 1 error', '6 1 error'],
  );
  const found = page.remarks.find(({ code }) => code === 'CM-C11');
  t.match(found, {
    level: 'error',
    affects: 'breaks every reader',
    command: "exrpipe inject-manifest --from DONOR.exr 'hero.####.exr' -o fixed/ --frames 5",
  });
  t.match(
    page.seen[0]?.programs.map(({ frames }) => frames),
    Array(6).fill('errors in 1 of 4 files'),
  );
  t.same(page.thumbnails, []);
});

t.test('the ending says how a report is written, and is looked at first', async (t) => {
  const folder = await temporaryFolder(t);
  for (const [name, form] of [
    ['a.html', 'html'],
    ['a.HTM', 'html'],
    ['a.csv', 'csv'],
    ['a.txt', 'txt'],
    ['a.json', 'json'],
  ])
    t.equal(await checkReport(join(folder, name as string)), form);
  t.equal(await checkReport('/dev/null'), 'json', 'what is no file');
  await t.rejects(checkReport(join(folder, 'a.xlsx')), { kind: 'usage', message: /kind "\.xlsx"/ });
  await t.rejects(checkReport(join(folder, 'report')), { kind: 'usage', message: /no ending/ });
  await t.rejects(checkReport(join(folder, 'none/a.html')), { code: 'ENOENT', message: /no such file/ });
  const path = join(folder, 'b.json');
  await writeReport(path, 'json', {
    page: async () => Promise.reject(new Error('not asked for')),
    json: () => ({ a: 1 }),
  });
  t.same(JSON.parse(await readFile(path, 'utf8')), { a: 1 });
});
