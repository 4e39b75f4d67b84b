/**
 * What must hold before a package is published: `node dist/scripts/check-release.js [openexr-wasm]`. npm runs it by itself
 * (`prepublishOnly`) and publishes nothing when it fails. CONTRIBUTING.md has the order of publishing.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Package {
  readonly name: string;
  readonly repository?: unknown;
  readonly homepage?: unknown;
  readonly bugs?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const [workspace = '.'] = process.argv.slice(2);
const own = JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8')) as Package;

function isPublished(name: string, range: string): boolean {
  try {
    const found = execFileSync('npm', ['view', `${name}@${range}`, 'version', '--json'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      shell: process.platform === 'win32',
    });
    return found.trim() !== '';
  } catch {
    return false;
  }
}

const problems = (['repository', 'homepage', 'bugs'] as const)
  .filter((field) => own[field] === undefined)
  .map((field) => `package.json has no "${field}": set it to where the project is published`);
// Whoever installs exrpipe gets its codecs from there.
const codecs = own.dependencies?.['openexr-wasm'];
if (codecs !== undefined && !isPublished('openexr-wasm', codecs))
  problems.push(`openexr-wasm ${codecs} is not published: run "npm publish -w openexr-wasm" first`);
for (const problem of problems) console.error(`${own.name}: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
