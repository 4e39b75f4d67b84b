import t from 'tap';
import { healthText } from '../../bin/commands/doctor.js';
import { examine, problemsOf } from '../../lib/node/health.js';
import { temporaryFolder } from '../support.js';

const memory = { total: 2 ** 34, available: 2 ** 33 };
const codes = (surroundings: Partial<Parameters<typeof problemsOf>[0]>): string[] =>
  problemsOf({ node: '22.1.0', memory, free: 2 ** 40, ...surroundings }).map(({ code }) => code);

t.test('figures that are enough are no problem, others are', async (t) => {
  t.strictSame(codes({}), []);
  for (const node of ['20.19.0', '24.0.0', '100.0.0']) t.strictSame(codes({ node }), [], node);
  for (const node of ['18.20.4', '20.18.3', '9.0.0']) t.strictSame(codes({ node }), ['OLD_NODE'], node);
  t.strictSame(codes({ memory: { ...memory, available: 2 ** 27 } }), ['LITTLE_MEMORY']);
  t.strictSame(codes({ free: 2 ** 29 }), ['LITTLE_ROOM']);
  t.strictSame(codes({ free: undefined }), [], 'a system that does not tell');
});

t.test('this machine: a thread packs a pixel, and a temporary file is written', async (t) => {
  const health = await examine();
  t.strictSame(
    health.problems.filter(({ severity }) => severity === 'error'),
    [],
  );
  t.equal(health.node, process.versions.node);
  t.ok(health.threads >= 1 && health.memory.total >= health.memory.available && health.memory.available > 0);
});

t.test('a folder for temporary files that is not there is found', async (t) => {
  const { TMPDIR: before } = process.env;
  Object.assign(process.env, { TMPDIR: `${await temporaryFolder(t)}/nowhere` });
  t.teardown(() => {
    if (before === undefined) Reflect.deleteProperty(process.env, 'TMPDIR');
    else Object.assign(process.env, { TMPDIR: before });
  });
  const { problems, temporary } = await examine();
  t.strictSame(
    problems.map(({ severity, code }) => [severity, code]),
    [['error', 'NO_TEMPORARY_FILES']],
  );
  t.equal(temporary.free, undefined);
});

t.test('the report has a line for each fact and each problem', async (t) => {
  const facts = { version: '1.2.3', node: '22.1.0', platform: 'linux', arch: 'x64', threads: 8 } as const;
  const temporary = { folder: '/tmp', free: 2 ** 31 };
  t.equal(
    healthText({ ...facts, memory, temporary, problems: [] }),
    [
      'exrpipe          1.2.3',
      'Node             22.1.0, linux x64',
      'threads          8',
      'memory           8192 MiB available of 16384 MiB',
      'temporary files  /tmp, 2048 MiB free',
      'no problems found',
    ].join('\n'),
  );
  const limited = { ...memory, limit: 2 ** 33 };
  const problems = [{ severity: 'warning', code: 'LITTLE_ROOM', message: 'a\x1b[2Jb' }] as const;
  const text = healthText({ ...facts, memory: limited, temporary: { folder: '/tmp' }, problems });
  t.match(text, /, limited to 8192 MiB\n/);
  t.match(text, /\/tmp\nwarning: a.*b$/);
  t.notMatch(text, '\x1b', 'nothing that a terminal obeys');
});
