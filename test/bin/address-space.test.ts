/** Where a farm limits the addresses of a process, the program starts itself again, and the library says what is needed. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { fixturePath, temporaryFolder } from '../support.js';

const program = fileURLToPath(new URL('../../cli/bin/exrpipe.js', import.meta.url));
const library = new URL('../../lib/index.js', import.meta.url).href;
const filters = new URL('../../filters/index.js', import.meta.url).href;
const input = fixturePath('reference/scan_zip.exr');
// tap's own settings of Node must not decide.
const { NODE_OPTIONS: _, ...env } = process.env;

t.setTimeout(120_000);
if (process.platform !== 'linux') t.plan(0, 'only Linux holds processes to such limits');

/** Runs a shell line with addresses for Node and its threads, but for no WebAssembly memory. */
function limited(line: string, cwd: string) {
  return promisify(execFile)('bash', ['-c', `ulimit -v 8000000; ${line}`], { cwd, env, timeout: 300_000 }).catch(
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}

t.test('the same file comes out, by name and by pipe, and the exit code of the other process', async (t) => {
  const folder = await temporaryFolder(t);
  const exrpipe = `'${process.execPath}' '${program}'`;
  const free = join(folder, 'free.exr');
  await promisify(execFile)(process.execPath, [program, 'compress', '--to', 'piz', input, '-o', free], { env });
  await limited(`${exrpipe} compress --to piz '${input}' -o named.exr`, folder);
  await limited(`${exrpipe} compress --to piz < '${input}' > piped.exr`, folder);
  const expected = await readFile(free);
  for (const name of ['named.exr', 'piped.exr']) t.ok(expected.equals(await readFile(join(folder, name))), name);
  t.match(await limited(`${exrpipe} compress --to piz none.exr -o x.exr`, folder), {
    code: 1,
    stderr: /^exrpipe: none\.exr: there is no such file/,
  });
  t.match(await limited(`NODE_OPTIONS=--disable-wasm-trap-handler ${exrpipe} --version`, folder), {
    stdout: /^\d/,
    stderr: '',
  });
});

t.test('a signal reaches the work', async (t) => {
  const folder = await temporaryFolder(t);
  const line = `ulimit -v 8000000; exec '${process.execPath}' '${program}' compress --to piz - -o out.exr`;
  for (const [name, code] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const) {
    const run = spawn('bash', ['-c', line], { cwd: folder, env, stdio: ['pipe', 'ignore', 'pipe'] });
    const file = await readFile(input);
    // Most of the file, and then nothing: the output's temporary file tells that the work has begun, and waits for more.
    run.stdin.write(file.subarray(0, -100));
    while ((await readdir(folder)).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    run.stdin.on('error', () => {});
    run.kill(name);
    t.equal((await once(run, 'exit'))[0], code, name);
  }
});

t.test('the library has one error, which names the flag', async (t) => {
  const folder = await temporaryFolder(t);
  const script = `
    const [{ runFrame }, { compress }] = await Promise.all([import('${library}'), import('${filters}')]);
    await runFrame(['${input}'], [compress({ to: 'piz' })], 'out.exr').catch(({ name, kind, code, hint, where }) =>
      console.log(JSON.stringify({ name, kind, code, hint, where })));`;
  await writeFile(join(folder, 'run.mjs'), script);
  const { stdout } = await limited(`'${process.execPath}' run.mjs`, folder);
  // Node 24 does without the addresses where it cannot have them.
  if (stdout === '') return t.ok((await readdir(folder)).includes('out.exr'));
  t.match(JSON.parse(stdout), {
    name: 'ExrError',
    kind: 'limit',
    code: 'NO_WASM_MEMORY',
    hint: /--disable-wasm-trap-handler/,
    where: { part: 0, chunk: 0 },
  });
});
