import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { sha256 } from './vectors.js';

/** Builds the module from source and returns its digest. */
function build(outFile: string): string {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const compiler = createRequire(import.meta.url).resolve('assemblyscript/bin/asc.js');
  execFileSync(process.execPath, [compiler, '--config', 'asconfig.json', '--outFile', outFile], { cwd: root });
  return sha256(readFileSync(outFile));
}

t.test('the module builds to the same bytes every time', async (t) => {
  const folder = t.testdir();
  const first = build(join(folder, 'first.wasm'));
  t.equal(build(join(folder, 'second.wasm')), first);
  t.equal(sha256(readFileSync(new URL('../openexr.wasm', import.meta.url))), first, 'and the built one is the same');
});
