/**
 * Runs real files through exrpipe and lets the reference library judge: `npm run check:corpus -- CORPUS EXR-DIGEST`.
 * CORPUS holds EXR files, those under `damaged` being broken on purpose; EXR-DIGEST is a program that prints one line per
 * channel (with -a also per attribute) with a digest of what the reference library reads, and fails where it fails.
 *
 *   every readable file: unchanged through a pipe; renamed and renamed back; split and merged: same pixels
 *   every file of a codec that nobody here can decode: its chunks carried untouched
 *   every file that EXR-DIGEST is too old for and we are not: the pixels of its counterpart, `NAME.zip.exr` or `NAME.zips.exr`
 * beside
 *   `NAME.zstd.exr`, also after channels were renamed, dropped, taken apart and merged
 *   every damaged file: a clear error, or a result with the pixels of the input; promptly; nothing left behind
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { compress, drop, merge, pick, rename, split } from '../filters/index.js';
import { codecOf, codecs } from '../lib/format/index.js';
import { describeError, type FilterStep, isDeep, isExrError, openExr, readExrHeader, runFrame } from '../lib/index.js';
import { fullName, placesOf } from '../lib/layers/index.js';

const run = promisify(execFile);
const [corpus, digestProgram] = process.argv.slice(2);
if (!corpus || !digestProgram) {
  console.error('usage: check-corpus CORPUS EXR-DIGEST');
  process.exit(2);
}

/** What is slower on these small files than this is a fault: a loop, or a size taken at its word. */
const promptly = 10_000;

const failures: string[] = [];
const counts = new Map<string, number>();
function count(what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

/** Digest lines of a file, or undefined where the reference library refuses it. */
async function digest(path: string, ...options: string[]): Promise<string[] | undefined> {
  try {
    const { stdout } = await run(digestProgram as string, [...options, path], { maxBuffer: 1 << 28, timeout: 60_000 });
    return stdout.trim().split('\n');
  } catch {
    return undefined;
  }
}

/** The same pixels whatever part they lie in: channel, type and digest. Sample counts belong to each deep part, so they repeat. */
function pixels(lines: readonly string[] | undefined): string[] {
  const found = (lines ?? [])
    .filter((line) => !line.includes('\t@'))
    .map((line) => line.split('\t').slice(1).join('\t'));
  return [...new Set(found)].toSorted();
}

/** The same with each channel's name in full, also where the part has its layer's: joined channels have theirs themselves. */
async function namedPixels(path: string): Promise<string[]> {
  const header = await readExrHeader(path);
  const names = new Map(
    [...placesOf(header).values()].map((place) => [`${place.part}\t${place.channel.name}`, fullName(place)]),
  );
  const lines = await digest(path);
  return pixels(
    lines?.map((line) => {
      const [part, name, ...rest] = line.split('\t');
      return [part, names.get(`${part}\t${name}`) ?? name, ...rest].join('\t');
    }),
  );
}

function same(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  return a !== undefined && b !== undefined && a.join('\n') === b.join('\n');
}

async function complains(path: string): Promise<string | undefined> {
  try {
    await run('exrheader', [path], { maxBuffer: 1 << 28 });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function checkIdentity(file: string, out: string): Promise<void> {
  const input = createReadStream(file, { highWaterMark: 60_000 });
  const report = await runFrame([input], [], out);
  if (report.plan.some(({ method }) => method !== 'forward')) throw new Error('an unchanged part is not forwarded');
  if (Buffer.compare(await readFile(file), await readFile(out)) === 0) return count('byte-identical through a pipe');
  if (!same(await digest(file, '-a'), await digest(out, '-a'))) throw new Error('changed by an identity pipe');
  count('same attributes and pixels through a pipe');
}

/** A step that a codec without an encoder, or a rule about quality, forbids must say so, and then is no fault. */
async function allowed(what: string, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    count(what);
    return true;
  } catch (error) {
    if (!isExrError(error) || !['NO_CODEC', 'LOSSY_TO_LOSSY', 'DEEP_UNSUPPORTED'].includes(error.code)) throw error;
    count(`${what}: refused (${error.code})`);
    return false;
  }
}

async function checkRename(file: string, folder: string): Promise<void> {
  const [there, back] = [join(folder, 'there.exr'), join(folder, 'back.exr')];
  const done = await allowed('renamed and renamed back', async () => {
    await runFrame([file], [rename({ addPrefix: 'zz_test.' })], there);
    await runFrame([there], [rename({ stripPrefix: ['zz_test.'] })], back);
  });
  if (!done) return;
  if (!same(pixels(await digest(file)), pixels(await digest(back)))) throw new Error('rename and back changed pixels');
  for (const path of [there, back]) {
    const complaint = await complains(path);
    if (complaint) throw new Error(`exrheader on ${basename(path)}: ${complaint}`);
  }
}

async function checkSplit(file: string, folder: string): Promise<void> {
  const header = await readExrHeader(file);
  const deep = header.parts.some(isDeep);
  for (const by of ['part', 'layer'] as const) {
    const apart = join(folder, by);
    const done = await allowed(`split by ${by} and merged`, async () => {
      const { files } = await runFrame([file], [split({ by })], join(apart, '{part}.exr'));
      const together: FilterStep = merge(deep || header.parts.length > 1 ? { as: 'parts' } : {});
      await runFrame(files, [together], join(folder, 'merged.exr'));
      for (const path of [...files, join(folder, 'merged.exr')])
        if ((await digest(path)) === undefined) throw new Error(`the reference library refuses ${basename(path)}`);
    });
    await rm(apart, { recursive: true, force: true });
    // Parts that stay whole keep what their channels are called; parts without a name of their own are called after their files.
    const read = by === 'part' ? async (path: string) => pixels(await digest(path)) : namedPixels;
    if (done && !same(await read(file), await read(join(folder, 'merged.exr'))))
      throw new Error(`split by ${by} and merge changed pixels`);
  }
}

async function checkReadable(file: string, folder: string): Promise<void> {
  await checkIdentity(file, join(folder, 'same.exr'));
  await checkRename(file, folder);
  await checkSplit(file, folder);
  // One scene in many guises: a few of its files are enough for the codecs.
  if (/openexr|layout|windows/.test(file)) await checkCodecs(file, folder);
}

/** Those that exrpipe writes, and of them those that lose nothing of float, half and uint channels. */
const written = codecs.filter(({ encode }) => encode);
const kinds = (['float', 'half', 'uint'] as const).flatMap((type) =>
  ['R', 'G', 'B'].map((name) => ({ name: `${type}.${name}`, type, xSampling: 1, ySampling: 1, linear: false })),
);
const lossless = written.filter(({ loses }) => loses(kinds).length === 0).map(({ name }) => name);

/** Codes a flat file with every codec: the reference library must read from it what we read from it, and lose nothing where nothing may be lost. */
async function checkCodecs(file: string, folder: string): Promise<void> {
  const header = await readExrHeader(file);
  if (header.parts.some(isDeep)) return;
  const [coded, decoded] = [join(folder, 'coded.exr'), join(folder, 'decoded.exr')];
  const original = await digest(file);
  for (const { name: codec } of written) {
    try {
      await runFrame([file], [compress({ to: codec })], coded, { allowLossy: true });
    } catch (error) {
      if (!isExrError(error) || !error.code.startsWith('CRYPTOMATTE')) throw error;
      count(`coded as ${codec}: refused for Cryptomatte's sake`);
      continue;
    }
    await runFrame([coded], [compress({ to: 'none' })], decoded);
    const theirs = (await digest(coded)) ?? (codecOf(codec).since === undefined ? undefined : await digest(decoded));
    if (!same(theirs, await digest(decoded)))
      throw new Error(`${codec}: the reference reads other pixels from it than we do`);
    if (lossless.includes(codec) && !same(pixels(original), pixels(theirs))) throw new Error(`${codec} changed pixels`);
    count(`coded as ${codec}`);
  }
}

/** Runs a damaged file through an identity and through a codec. */
async function checkDamaged(file: string, folder: string): Promise<void> {
  for (const [name, steps] of [
    ['passed on', []],
    ['decoded', [compress({ to: 'zips' })]],
  ] as const) {
    const out = join(folder, 'out.exr');
    const start = performance.now();
    try {
      const document = await openExr(file);
      await document.source.close();
      await runFrame([file], steps, out);
      count(`damaged, ${name}: sound`);
    } catch (error) {
      if (!isExrError(error) || error.kind === 'io') throw error;
      if (describeError(error).includes('\n'))
        throw new Error(`an error of more than one line: ${describeError(error)}`);
      count(`damaged, ${name}: ${error.kind}`);
    }
    if (performance.now() - start > promptly) throw new Error(`took ${Math.round(performance.now() - start)} ms`);
    const [before, after] = [await digest(file), await digest(out)];
    if (before && after && !same(pixels(before), pixels(after)))
      throw new Error(`${name}: other pixels than the reference reads`);
    await rm(out, { force: true });
    const left = await readdir(folder);
    if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
  }
}

/** Whether the pixels of some part are beyond exrpipe, as they are beyond an older reference library. */
async function hasStrangeCodec(file: string): Promise<boolean> {
  const header = await readExrHeader(file).catch(() => undefined);
  return header?.parts.some(({ compression }) => codecOf(compression).decode === undefined) ?? false;
}

/** A file of the same pixels that any reference library reads. */
async function counterpartOf(file: string): Promise<string | undefined> {
  const stem = /^(.*)\.zstd(-level\d+)?\.exr$/.exec(file)?.[1];
  for (const counterpart of stem === undefined ? [] : [`${stem}.zip.exr`, `${stem}.zips.exr`])
    if ((await digest(counterpart)) !== undefined) return counterpart;
  return undefined;
}

/** The reference library reads only what we make of the file, and what it makes of the counterpart is right. */
async function checkCounterpart(file: string, counterpart: string, folder: string): Promise<void> {
  const [path, plain, back] = ['path', 'plain', 'back'].map((name) => join(folder, `${name}.exr`)) as [
    string,
    string,
    string,
  ];
  const uncompressed = async (from: string, to: string): Promise<void> =>
    void (await runFrame([from], [compress({ to: 'none' })], to));
  const equal = async (made: string, what: string): Promise<void> => {
    await uncompressed(made, plain);
    if (!same(pixels(await digest(plain)), pixels(await digest(counterpart))))
      throw new Error(`${what}: other pixels than the counterpart's`);
    count(`like the counterpart: ${what}`);
  };
  await checkIdentity(file, path);
  await equal(file, 'decoded');
  await runFrame([file], [rename({ addPrefix: 'zz_test.' })], path);
  await runFrame([path], [rename({ stripPrefix: ['zz_test.'] })], back);
  await equal(back, 'renamed and renamed back');
  const { parts } = await readExrHeader(file);
  const deep = parts.some(isDeep);
  // From the counterpart, through our encoder.
  const to = deep ? 'zips' : 'zip';
  await runFrame([counterpart], [compress({ to: 'zstd' })], path);
  await runFrame([path], [compress({ to: parts.every(isDeep) || !deep ? to : 'zips' })], back);
  await equal(back, 'encoded and decoded');
  if (deep || parts.length > 1) return;
  const names = parts[0]?.channels.map(({ name }) => name) ?? [];
  const some = names.filter((_, i) => i % 2 === 0);
  if (some.length === names.length) return;
  const [left, right] = [join(folder, 'left.exr'), join(folder, 'right.exr')];
  await runFrame([file], [pick({ channel: some })], left);
  await runFrame([file], [drop({ channel: some })], right);
  await runFrame([left, right], [merge({ onClash: 'error' })], back);
  await equal(back, 'taken apart and merged');
}

/** Digests of all chunks, whatever they hold, sorted: what must not change where pixels are only carried. */
async function chunkDigests(files: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const file of files) {
    const { source } = await openExr(file);
    for (const chunk of source.order)
      found.push(
        createHash('sha256')
          .update(await source.read(chunk))
          .digest('hex'),
      );
    await source.close();
  }
  return found.toSorted();
}

/** Nobody here can decode it, so the chunks themselves are compared: by file and pipe, as it is and as a codec nobody knows. */
async function checkCarried(file: string, folder: string): Promise<void> {
  const bytes = await readFile(file);
  const strange = join(folder, 'strange.exr');
  for (const id of [undefined, 14]) {
    await writeFile(strange, id === undefined ? bytes : withCompression(bytes, id));
    const before = await chunkDigests([strange]).catch((error: unknown) => error);
    if (before instanceof Error) {
      if (!isExrError(before)) throw before;
      count(`carried: refused (${before.code})`);
      continue;
    }
    const out = join(folder, 'out.exr');
    await runFrame([createReadStream(strange, { highWaterMark: 60_000 })], [], out);
    if (Buffer.compare(await readFile(strange), await readFile(out)) !== 0)
      throw new Error('changed by an identity pipe');
    const { files } = await runFrame(
      [strange],
      [rename({ addPrefix: 'zz.' }), split({ by: 'part' })],
      join(folder, '{part}.exr'),
    );
    await runFrame(files, [merge({ as: 'parts' }), rename({ stripPrefix: ['zz.'] })], out);
    for (const made of [files, [out]])
      if (!same(before as string[], await chunkDigests(made))) throw new Error('a chunk was changed on the way');
    count(id === undefined ? 'carried untouched' : 'carried untouched as a codec nobody knows');
  }
}

/** The same file under another compression id: the header's attribute is a name, a type, a size and one byte. */
function withCompression(file: Buffer, id: number): Buffer {
  const named = Buffer.from('compression\0compression\0\x01\0\0\0');
  const out = Buffer.from(file);
  for (let at = out.indexOf(named); at >= 0; at = out.indexOf(named, at + 1)) out[at + named.length] = id;
  return out;
}

async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  const paths = names.map((name) => join(folder, name)).toSorted();
  const kinds = await Promise.all(paths.map(async (path) => (await stat(path)).isFile()));
  return paths.filter((_, i) => kinds[i]);
}

const all = await filesIn(corpus);
const damaged = all.filter((path) => relative(corpus, path).startsWith('damaged'));
const exrs = all.filter((path) => !damaged.includes(path) && path.endsWith('.exr'));
for (const [files, check] of [
  [exrs, checkReadable],
  [damaged, checkDamaged],
] as const)
  for (const file of files) {
    const name = relative(corpus, file);
    const folder = await mkdtemp(join(tmpdir(), 'exrpipe-corpus-'));
    try {
      const counterpart = await counterpartOf(file);
      if (counterpart !== undefined) await checkCounterpart(file, counterpart, folder);
      if (check === checkDamaged || (await digest(file)) !== undefined) await check(file, folder);
      else if (counterpart !== undefined) count('not readable by this reference library');
      else if (await hasStrangeCodec(file)) await checkCarried(file, folder);
      else count('not readable by the reference library either');
    } catch (error) {
      failures.push(`${name}: ${isExrError(error) ? `${error.code}: ` : ''}${describeError(error)}`);
    }
    await rm(folder, { recursive: true, force: true });
  }

for (const [what, number] of [...counts].toSorted()) console.log(`${String(number).padStart(5)}  ${what}`);
for (const failure of failures) console.error(`FAILED  ${failure}`);
console.log(`${exrs.length + damaged.length - failures.length} passed, ${failures.length} failed`);
process.exitCode = failures.length === 0 ? 0 : 1;
