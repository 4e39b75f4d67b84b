/** Pages that the npm package ships: their links lead to files in it, and their commands can be typed. */
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

t.test('one command on a line', async (t) => {
  const { files } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Record<string, string[]>;
  const docs = (await readdir(join(root, 'docs'))).map((name) => `docs/${name}`);
  const pages = [...(files ?? []), ...docs].filter((name) => name.endsWith('.md'));
  t.ok(pages.includes('bench/README.md') && pages.includes('docs/queue.md'));
  for (const page of pages) {
    const text = await readFile(join(root, page), 'utf8');
    const lines = [...text.matchAll(/^```\w*\n(.*?)^```$/gms)].flatMap(([, block = '']) => block.split('\n'));
    // Where a paragraph's lines were filled, a command stands in the comment of the one before.
    const filled = lines.filter((line) => /^(npm|npx|exrpipe)\b.*\s#.*\b(npm run|exrpipe [a-z])/.test(line));
    t.strictSame(filled, [], page);
  }
});
