import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { temporaryFolder } from '../support.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

t.test("Node's globals do not compile in portable rooms", async (t) => {
  const folder = await temporaryFolder(t);
  const globals = ['process', 'Buffer', 'global', '__dirname', 'require', 'setImmediate'];
  await writeFile(join(folder, 'portable.ts'), globals.map((name) => `${name};`).join('\n'));
  const base = join(root, 'tsconfig.portable.json');
  const { include } = JSON.parse(await readFile(base, 'utf8')) as { include: string[] };
  // The rooms come along: one package whose types ask for Node's would let the globals in everywhere.
  const config = {
    extends: base,
    compilerOptions: { rootDir: '/' },
    include: [join(folder, 'portable.ts'), ...include.map((path) => join(root, path))],
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const found = (await compile(folder)).matchAll(/portable\.ts\(\d+,1\): error TS\d+: Cannot find name '(\w+)'/g);
  t.same(
    [...found].map(([, name]) => name),
    globals,
  );
});

/** What tsc reports, errors or not. */
function compile(folder: string): Promise<string> {
  return new Promise((resolve) => {
    // Not bin/tsc: what tap loads into child processes cannot open a module without an extension.
    const tsc = join(root, 'node_modules/typescript/lib/tsc.js');
    execFile(process.execPath, [tsc, '--pretty', 'false', '-p', folder], (_, stdout) => resolve(stdout));
  });
}
