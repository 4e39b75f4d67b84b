/**
 * Packs both packages as they would be published, installs them in an empty folder, and tries them there: `npm run check:pack`.
 * Every entry is imported, by `import` and by `require`, and compiles in both kinds of modules; the program starts; the examples and the first program of the README run;
 * every file that a README links to is in the package, and no source map is.
 */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { transform } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));
const home = await mkdtemp(join(tmpdir(), 'exrpipe-pack-'));
const problems: string[] = [];

/** Where the examples' imports are when they are not in this project. */
const packaged: Readonly<Record<string, string>> = {
  '../lib/index.js': 'exrpipe',
  '../filters/index.js': 'exrpipe/filters',
  '../lib/cryptomatte/index.js': 'exrpipe/cryptomatte',
  '../lib/layers/index.js': 'exrpipe/layers',
  '../lib/format/index.js': 'exrpipe/format',
  '../lib/look.js': 'exrpipe/look',
};

/** Words for each example; the folder has a frame that lost its names, a donor, and a shot of two. */
const examples: Readonly<Record<string, readonly string[]>> = {
  '01-run-a-chain': ['main.0001.exr', 'out/01.exr'],
  '02-node-streams': ['out/02_{stem}_{layer}.{frame}.exr', 'lost.0001.exr'],
  '03-read-headers': ['donor.0001.exr', 'lost.0001.exr'],
  '04-your-own-filter': ['Chars.Combined', 'lost.0001.exr', 'out/04.exr'],
  '05-abort-and-errors': ['lost.0001.exr', 'out/05.exr', '60'],
  '06-read-pixels': ['Chars.Depth.V', 'lost.0001.exr', 'out/06.exr'],
  '07-deliver-cryptomattes': ['donor.0001.exr', 'lost.0001.exr', 'out/07_{layer}.exr'],
  '08-run-a-sequence': ['main.####.exr', 'out/08_{layer}.{frame}.exr'],
};

/** Processes at once: most of their time they start, and none needs what another writes. */
const atOnce = 4;

interface Trial {
  readonly what: string;
  readonly run: () => Promise<unknown>;
}

/** Runs all, some at a time; what fails is a problem. */
async function attempt(trials: readonly Trial[]): Promise<void> {
  const queue = trials.values();
  const worker = async (): Promise<void> => {
    for (const { what, run: action } of queue)
      await action().catch((error) => {
        problems.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      });
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

const execute = promisify(execFile);

async function run(program: string, ...words: string[]): Promise<string> {
  return (await execute(program, words, { cwd: home, encoding: 'utf8', maxBuffer: 1 << 26 })).stdout;
}

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

async function pack(...words: string[]): Promise<Packed> {
  const { stdout } = await execute('npm', ['pack', '--json', '--pack-destination', home, ...words], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const [packed] = JSON.parse(stdout) as Packed[];
  if (!packed) throw new Error('npm packed nothing');
  return packed;
}

try {
  const [own, codecs] = await Promise.all([pack(), pack('-w', 'openexr-wasm')]);
  const packages = [
    { folder: '', packed: own },
    { folder: 'openexr-wasm/', packed: codecs },
  ];
  for (const { folder, packed } of packages) {
    const files = packed.files.map(({ path }) => path);
    checkLinks(folder, files);
    // What they would lead to is not in the package.
    for (const file of files.filter((path) => path.endsWith('.map')))
      problems.push(`${folder}${file} is in the package, and the sources that it needs are not`);
  }
  writeFileSync(join(home, 'package.json'), '{ "private": true, "type": "module" }\n');
  const archives = packages.map(({ packed }) => `./${packed.filename}`);
  await run('npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', ...archives);

  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: object };
  const entries = Object.keys(exports).flatMap((entry) => (entry.endsWith('.json') ? [] : `exrpipe${entry.slice(1)}`));
  const trials: Trial[] = [
    { what: 'the types', run: () => typeCheck(entries) },
    ...entries.flatMap((name) => [
      {
        what: `import ${name}`,
        run: () => run(process.execPath, '--input-type=module', '-e', `await import('${name}')`),
      },
      {
        what: `require ${name}`,
        run: () => run(process.execPath, '--input-type=commonjs', '-e', `require('${name}')`),
      },
    ]),
    { what: 'the program', run: () => run(join(home, 'node_modules/.bin/exrpipe'), '--version') },
  ];

  const frames = join(root, 'examples/frames');
  for (const [name, file] of [
    ['lost.0001.exr', 'blender5_lost.0001.exr'],
    ['shot.0001.exr', 'blender5_lost.0001.exr'],
    ['donor.0001.exr', 'blender5_donor.0001.exr'],
  ] as const)
    cpSync(join(frames, file), join(home, name));
  for (const frame of ['0001', '0002'])
    cpSync(join(root, 'test/fixtures/blender/b2_main_dot.0001.exr'), join(home, `main.${frame}.exr`));
  mkdirSync(join(home, 'out'));
  mkdirSync(join(home, 'examples'));
  for (const file of readdirSync(join(root, 'dist/examples')).filter((name) => name.endsWith('.js'))) {
    const code = readFileSync(join(root, 'dist/examples', file), 'utf8');
    writeFileSync(
      join(home, 'examples', file),
      code
        .replace(/from '(\.\.\/[^']*)'/g, (all, path: string) => (packaged[path] ? `from '${packaged[path]}'` : all))
        .replace("new URL('../filters/index.js', import.meta.url)", "import.meta.resolve('exrpipe/filters')"),
    );
  }
  const names = readdirSync(join(root, 'examples')).flatMap((name) => /^(\d\d-.*)\.ts$/.exec(name)?.[1] ?? []);
  for (const name of names) {
    const words = examples[name];
    if (!words) problems.push(`scripts/check-pack.ts has no words for the example ${name}`);
    else
      trials.push({
        what: `example ${name}`,
        run: () => run(process.execPath, join('examples', `${name}.js`), ...words),
      });
  }

  const [, program = ''] = /^```ts\n(.*?)^```$/ms.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  writeFileSync(join(home, 'readme.js'), (await transform(program, { loader: 'ts' })).code);
  trials.push({ what: "the README's program", run: () => run(process.execPath, 'readme.js') });
  await attempt(trials);
  if (!existsSync(join(home, 'out/Chars.0001.exr'))) problems.push("the README's program has not written its files");

  for (const problem of problems) console.error(problem);
  console.log(`${entries.length} entries, ${names.length} examples: ${problems.length} problems`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  await rm(home, { recursive: true, force: true });
}

/** Compiles an ECMAScript and a CommonJS module that import every entry, with all declarations checked. */
async function typeCheck(entries: readonly string[]): Promise<void> {
  const code = entries.map((name, i) => `import * as e${i} from '${name}';\nvoid e${i};\n`).join('');
  for (const file of ['types.mts', 'types.cts']) writeFileSync(join(home, file), code);
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2023',
    // What TypeScript takes without a choice: the codecs' declarations mention WebAssembly, which Node's types lack.
    lib: ['es2023', 'esnext.disposable', 'dom'],
    strict: true,
    noEmit: true,
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  };
  writeFileSync(join(home, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['types.mts', 'types.cts'] }));
  try {
    await run(join(root, 'node_modules/.bin/tsc'), '-p', '.');
  } catch (error) {
    const said = error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error);
    throw new Error(said.split('\n').slice(0, 10).join('\n'));
  }
}

/** A file that a README links to is in the package beside it, or the link is an address. */
function checkLinks(folder: string, files: readonly string[]): void {
  const text = readFileSync(join(root, folder, 'README.md'), 'utf8');
  for (const [, target = ''] of text.matchAll(/\]\(([^)#]+)[^)]*\)/g)) {
    if (/^[a-z]+:/.test(target)) continue;
    const path = target.replace(/\/$/, '');
    const isThere = files.some((file) => file === path || dirname(file) === path || file.startsWith(`${path}/`));
    if (!isThere) problems.push(`${folder}README.md links to ${target}, which is not in the package`);
  }
}
