/**
 * The screenshots of the docs: `npm run check:pictures [-- --write]`. Each is made of what the program writes: its text for a terminal, its
 * page of a report. The digests of these are kept beside the screenshots, with those of the screenshots themselves: where the program
 * writes something else, or a screenshot comes from elsewhere, this fails. With --write Chromium (CHROMIUM names another program) takes
 * them again. The sheet that README.md opens with is the demo's (scripts/demo.ts).
 */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mostBytes } from './picture.js';
import { reportPicture, type Screenshot, terminalPicture } from './pictures/screenshots.js';

const pictures = fileURLToPath(new URL('../../docs/pictures/', import.meta.url));
const record = join(pictures, 'sources.json');
const write = process.argv.includes('--write');

/** Digests of what a screenshot was made of, and of its file. */
interface Made {
  readonly source: string;
  readonly file: string;
}

const folder = await mkdtemp(join(tmpdir(), 'exrpipe-pictures-'));
const problems: string[] = [];
try {
  const shots = [await terminalPicture(folder), await reportPicture(folder)];
  if (write) await (await import('./pictures/take.js')).takeAll(shots, pictures);
  const found = Object.fromEntries(
    await Promise.all(shots.map(async (shot) => [shot.name, await madeOf(shot)] as const)),
  );
  if (write) await writeFile(record, `${JSON.stringify(found, undefined, 2)}\n`);
  const known = JSON.parse(await readFile(record, 'utf8')) as Record<string, Made>;
  for (const [name, { source, file }] of Object.entries(found)) {
    if (known[name]?.source !== source) problems.push(`docs/pictures/${name} shows what the program wrote before`);
    else if (known[name].file !== file) problems.push(`docs/pictures/${name} is not what was taken by --write`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) throw new Error('take the screenshots again: npm run check:pictures -- --write');
console.log('the screenshots show what the program writes');

async function madeOf({ name, source }: Screenshot): Promise<Made> {
  const bytes = await readFile(join(pictures, name));
  if (bytes.length > mostBytes)
    problems.push(`docs/pictures/${name} has ${bytes.length} bytes; ${mostBytes} are enough`);
  return { source: digest(source), file: digest(bytes) };
}

function digest(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
