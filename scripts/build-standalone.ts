/**
 * Makes one executable of exrpipe that needs no Node: `npm run build:standalone [-- PLATFORM]`, in dist/standalone/PLATFORM. Without
 * PLATFORM it is made for this system. It is Node's own "single executable application": a copy of Node with the program in it.
 * docs/standalone.md describes what that means for signatures, and what is tested.
 *
 * Node comes from npm, from packages that hold the binary and no script (scripts/standalone/platforms.ts has the versions). The
 * blob is prepared by this system's one; only an executable for this system gets compiled code in it, which halves its start.
 */
import { execFileSync } from 'node:child_process';
import { access, chmod, copyFile, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { apiEntries, directImports } from './bundle/direct-imports.js';
import { licences, packagesOf } from './bundle/licences.js';
import { bundleOptions, dist } from './bundle-options.js';
import { type Platform, platforms } from './standalone/platforms.js';

/** Marks the place in Node's binary that flags a program in it (doc/api/single-executable-applications.md). */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
const own = join(dist, 'standalone');
const project = fileURLToPath(new URL('../../', import.meta.url));
const here = `${process.platform}-${process.arch}`;
const wanted = process.argv[2] ?? here;

function platformNamed(name: string): Platform {
  const found = platforms.find((one) => one.name === name);
  if (found) return found;
  console.error(
    `build-standalone: no Node is known for ${name}; there are ${platforms.map((one) => one.name).join(', ')}`,
  );
  process.exit(2);
}

/** Unpacks Node from npm, once. Gives its folder. */
async function fetchNode({ package: name, version }: Platform): Promise<string> {
  const folder = join(own, 'node', `${name}-${version}`);
  const isThere = await access(join(folder, 'package')).then(
    () => true,
    () => false,
  );
  if (isThere) return join(folder, 'package');
  await mkdir(folder, { recursive: true });
  // npm is a script on Windows, which only a shell starts.
  execFileSync('npm', ['pack', '--silent', '--pack-destination', '.', `${name}@${version}`], {
    cwd: folder,
    shell: process.platform === 'win32',
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  execFileSync('tar', ['-xzf', `${name}-${version}.tgz`], { cwd: folder });
  await rm(join(folder, `${name}-${version}.tgz`));
  return join(folder, 'package');
}

/** The program and what it starts, each in one file with all packages inside: the files, and the folders of the packages. */
async function bundle(folder: string): Promise<{ assets: Record<string, string>; packages: string[] }> {
  const { metafile } = await build({
    ...bundleOptions,
    entryPoints: {
      exrpipe: `${dist}bin/exrpipe.js`,
      worker: `${dist}lib/node/worker.js`,
      'frame-thread': `${dist}lib/sequence/frame-thread.js`,
      filters: `${dist}filters/index.js`,
    },
    outdir: folder,
    metafile: true,
    plugins: [await directImports(apiEntries(dist))],
  });
  const queue = await build({
    ...bundleOptions,
    // Whoever installs exrpipe adds them if they want a queue (bin/queue/engine.ts); here nothing can be added.
    stdin: { contents: "export * as bullmq from 'bullmq'; export { Redis } from 'ioredis';", resolveDir: project },
    outfile: join(folder, 'queue-packages.js'),
    // Compiled code, which msgpackr does without.
    external: ['msgpackr-extract'],
    metafile: true,
  });
  const assets = Object.fromEntries(
    ['worker.js', 'frame-thread.js', 'filters.js', 'queue-packages.js'].map((name) => [name, join(folder, name)]),
  );
  for (const name of ['openexr.wasm', 'zstd.wasm'])
    assets[name] = fileURLToPath(import.meta.resolve(`openexr-wasm/${name}`));
  return {
    assets: { ...assets, 'package.json': join(project, 'package.json') },
    packages: packagesOf([metafile, queue.metafile]),
  };
}

/** Takes what only a debugger reads out of a binary of Linux: 17 MB. */
function strip(path: string): void {
  try {
    execFileSync('strip', [path], { stdio: 'ignore' });
  } catch {
    console.error('build-standalone: no "strip" here: the executable is 17 MB larger than it must be');
  }
}

const platform = platformNamed(wanted);
const source = await fetchNode(platform);
const maker = join(await fetchNode(platformNamed(here)), platformNamed(here).node);
await chmod(maker, 0o755);
const folder = join(own, platform.name);
const pieces = join(own, 'pieces', platform.name);
await rm(folder, { recursive: true, force: true });
for (const one of [folder, pieces]) await mkdir(one, { recursive: true });
const blob = join(pieces, 'exrpipe.blob');
const config = join(pieces, 'sea-config.json');
const { assets, packages } = await bundle(pieces);
await writeFile(
  config,
  JSON.stringify({
    main: join(pieces, 'exrpipe.js'),
    output: blob,
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    // Compiled code is for one version of Node on one system.
    useCodeCache: platform.name === here,
    assets,
  }),
);
execFileSync(maker, ['--experimental-sea-config', config], { stdio: ['ignore', 'ignore', 'inherit'] });
const executable = join(folder, platform.executable);
await copyFile(join(source, platform.node), executable);
await chmod(executable, 0o755);
if (platform.name.startsWith('linux') && here === platform.name) strip(executable);
const postject = join(dirname(createRequire(import.meta.url).resolve('postject/package.json')), 'dist/cli.js');
// Its warnings are about symbols that strip has taken out, and about signatures, which are lost on purpose.
execFileSync(
  process.execPath,
  [postject, executable, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', fuse, ...platform.inject],
  {
    stdio: ['ignore', 'ignore', 'pipe'],
  },
);
// Whoever gets the executable gets the licences of what is in it.
await copyFile(join(project, 'LICENSE'), join(folder, 'LICENSE'));
await writeFile(join(folder, 'LICENSE.packages'), await licences(packages));
// The package for Windows lacks Node's, which is the same everywhere.
const licensed = platform.name === 'win32-x64' ? await fetchNode(platformNamed('linux-x64')) : source;
await copyFile(join(licensed, 'LICENSE'), join(folder, 'LICENSE.node'));
await copyFile(new URL('../../LICENSE.zstd', import.meta.resolve('openexr-wasm')), join(folder, 'LICENSE.zstd'));
console.log(`${executable}: ${((await stat(executable)).size / 1e6).toFixed(1)} MB`);
