/**
 * Checks that imports follow scripts/layers/rules.ts, that there are no cycles between files, and that CONTRIBUTING.md
 * shows what really imports what (`npm run check:layers`). With --write it writes that page.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { complaints } from './layers/complaints.js';
import { cycles, cycleText } from './layers/cycles.js';
import { withRooms } from './layers/page.js';
import { portableComplaints } from './layers/portable.js';
import { readImports } from './layers/read-imports.js';
import { rooms } from './layers/rules.js';
import { readSources } from './layers/sources.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = `${root}CONTRIBUTING.md`;

const sources = await readSources(root, rooms);
const imports = readImports(sources);
const found = [
  ...complaints(imports, rooms),
  ...cycles(imports).map((cycle) => `cycle: ${cycleText(cycle)}`),
  ...portableComplaints(await readFile(`${root}tsconfig.portable.json`, 'utf8'), Object.keys(sources), rooms),
];

const shown = await readFile(page, 'utf8');
const actual = withRooms(shown, imports, rooms);
if (process.argv.includes('--write')) await writeFile(page, actual);
// What is wrong is fixed first: the page is to show how it should be.
else if (shown !== actual && found.length === 0)
  found.push('CONTRIBUTING.md does not show what imports what: run "npm run check:layers -- --write"');

for (const line of found) console.error(line);
console.log(
  `dependency direction: ${found.length === 0 ? 'holds' : `${found.length} wrong (see scripts/layers/rules.ts)`}`,
);
process.exitCode = found.length === 0 ? 0 : 1;
