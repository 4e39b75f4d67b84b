/** Links of pages lead to files that the npm package ships. */
import { access, readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const root = fileURLToPath(new URL('../../../', import.meta.url));

t.test('no dead link', async (t) => {
  const { files, man } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Record<string, string[]>;
  const ships = (path: string) => files?.some((own) => path === own || path.startsWith(`${own}/`));
  const docs = (await readdir(join(root, 'docs'))).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
  const others = (files ?? []).filter((name) => name.endsWith('.md'));
  for (const page of [...others, ...docs]) {
    t.ok(ships(page), page);
    for (const [, link = ''] of (await readFile(join(root, page), 'utf8')).matchAll(/\]\(([^)\s#]+)[^)]*\)/g)) {
      if (/^https?:/.test(link)) continue;
      const path = posix.join(posix.dirname(page), link).replace(/\/$/, '');
      t.ok(ships(path), `${page}: ${link} is shipped`);
      await t.resolves(access(join(root, path)), `${page}: ${link} is there`);
    }
  }
  await t.resolves(access(join(root, String(man))), 'the manual page');
});
