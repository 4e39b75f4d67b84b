/** What bundles are made of that others have written. */
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Metafile } from 'esbuild';

/** The folders of the packages that bundles are made of. Workspaces are this project's own. */
export function packagesOf(bundles: readonly Metafile[]): string[] {
  const inputs = bundles.flatMap(({ inputs }) => Object.keys(inputs));
  const folders = inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? []);
  return [...new Set(folders)].sort().map((folder) => resolve(folder));
}

/** The licences of packages as one text. */
export async function licences(packages: readonly string[]): Promise<string> {
  const texts = await Promise.all(
    packages.map(async (folder) => {
      const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
      const file = (await readdir(folder)).find((one) => /^licen[cs]e(\.|$)/i.test(one));
      const text = file === undefined ? '' : `\n${(await readFile(join(folder, file), 'utf8')).trim()}\n`;
      return `${name} ${version}: ${license}\n${text}`;
    }),
  );
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}
