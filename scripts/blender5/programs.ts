/** Runs exrpipe, the reference library and Blender as child processes. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Answer, Channel, Reading, Seen } from './reading.js';

/** As many processes at once as this is made for: two cores. */
const atOnce = 2;

export interface Ended {
  /** Exit code; undefined if the process was ended by a signal or took too long. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export function run(program: string, args: readonly string[], timeout: number, cwd?: string): Promise<Ended> {
  return new Promise((done) => {
    const options = { timeout, killSignal: 'SIGKILL', maxBuffer: 1 << 28, ...(cwd !== undefined && { cwd }) } as const;
    execFile(program, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined;
      done({ code, stdout, stderr });
    });
  });
}

/** Maps in order, two at a time. */
export async function each<From, To>(items: readonly From[], work: (item: From) => Promise<To>): Promise<To[]> {
  const results: To[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index] as From);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

function batches<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

const jsonLines = <Row>(text: string): Row[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);

export interface Judge {
  /** The folder that the judge's setup.sh has filled. */
  readonly folder: string;
  /** The program that digests channels as the reference library reads them. */
  readonly digest: string;
}

const references = fileURLToPath(new URL('../../../scripts/blender5/references.py', import.meta.url));

async function readAll(judge: Judge, paths: readonly string[]): Promise<Map<string, Reading>> {
  const python = join(judge.folder, 'judge/bin/python');
  const found = await each(batches(paths, 100), async (batch) => {
    const { code, stdout, stderr } = await run(python, [references, ...batch], 300_000);
    if (code !== 0) throw new Error(`references.py failed: ${stderr.slice(-500)}`);
    return jsonLines<Reading>(stdout);
  });
  return new Map(found.flat().map((reading) => [reading.path, reading]));
}

/** Channels with the digests of exr-digest; with those of references.py where its library does not know the codec. */
async function withDigests(judge: Judge, reading: Reading): Promise<Reading> {
  if (reading.error !== undefined || reading.parts.some(({ codec }) => codec.startsWith('ht'))) return reading;
  const { code, stdout, stderr } = await run(judge.digest, [reading.path], 60_000);
  if (code !== 0) return { ...reading, error: stderr.trim() };
  const sums = new Map(reading.channels.map(({ part, name, sum }) => [`${part} ${name}`, sum]));
  const channels = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Channel => {
      const [part = '', name = '', type = '', window, digest] = line.split('\t');
      const sum = sums.get(`${part} ${name}`);
      return { part: Number(part), name, type, digest: `${window} ${digest}`, ...(sum !== undefined && { sum }) };
    });
  return { ...reading, channels };
}

/** Queries Blender about files; if one of them ends it, a new process continues with the next. */
async function askBlender(judge: Judge, paths: readonly string[], space: string): Promise<Answer[]> {
  const folder = await mkdtemp(join(tmpdir(), 'exrpipe-answers-'));
  const answers: Answer[] = [];
  let left = paths;
  while (left.length > 0) {
    const out = join(folder, 'answers.json');
    // Blender itself writes to stdout, and its scratch files belong here, too.
    const args = [
      `TMPDIR=${folder}`,
      `WS=${space}`,
      join(judge.folder, 'mattes'),
      '--many',
      '--json',
      `--out=${out}`,
      ...left,
    ];
    await run('env', args, 120_000 + 10_000 * left.length);
    const rows = jsonLines<Answer>(await readFile(out, 'utf8').catch(() => ''));
    await rm(out, { force: true });
    answers.push(...rows);
    const answered = new Set(rows.map(({ path }) => path));
    const [silent] = left.filter((path) => !answered.has(path));
    if (answered.size === 0 && silent !== undefined) answers.push({ path: silent, error: 'Blender ended' });
    left = left.filter((path) => !answered.has(path) && (answered.size > 0 || path !== silent));
  }
  await rm(folder, { recursive: true, force: true });
  return answers;
}

/**
 * What both readers make of files; Blender is asked about those with metadata only, about some in a scene of ACEScg. Digests of
 * channels are those of references.py where it is asked for, as for what is made of files that only it reads.
 */
export async function look(
  judge: Judge,
  paths: readonly string[],
  inAcescg: (path: string) => boolean,
  byReferences: (path: string) => boolean = () => false,
): Promise<Map<string, Seen>> {
  const readings = await readAll(judge, paths);
  const asked = paths.filter((path) => (readings.get(path)?.sets.length ?? 0) > 0);
  const questions = [
    ...batches(asked.filter(inAcescg), 40).map((batch) => [batch, 'ACEScg'] as const),
    ...batches(
      asked.filter((path) => !inAcescg(path)),
      40,
    ).map((batch) => [batch, ''] as const),
  ];
  const answers = new Map<string, Answer[]>();
  for (const answer of (await each(questions, ([batch, space]) => askBlender(judge, batch, space))).flat())
    answers.set(answer.path, [...(answers.get(answer.path) ?? []), answer]);
  const seen = await each(paths, async (path): Promise<Seen> => {
    const reading = readings.get(path);
    if (reading === undefined) throw new Error(`${path}: not read`);
    const digested = byReferences(path) ? reading : await withDigests(judge, reading);
    return { reading: digested, answers: answers.get(path) ?? [] };
  });
  return new Map(seen.map((own) => [own.reading.path, own]));
}
