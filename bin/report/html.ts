/** A report as one page that needs nothing else: no other file, no network, and no script to be read. */
import { createHash } from 'node:crypto';
import { escaped } from './escape.js';
import { framesSection } from './html-frames.js';
import { overview, remarksSection, seenSection, thumbnailsSection } from './html-sections.js';
import type { ReportPage } from './model.js';
import { script } from './script.js';
import { style } from './style.js';

export function htmlReport(page: ReportPage): string {
  const hash = createHash('sha256').update(script).digest('base64');
  // Whatever should slip into the page, it can neither run nor ask anyone.
  const policy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<link rel="icon" href="data:,">',
    `<title>${escaped(page.title)}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    '<main>',
    ...overview(page),
    ...thumbnailsSection(page),
    filterForm,
    ...remarksSection(page),
    ...seenSection(page),
    ...framesSection(page),
    '</main>',
    `<script>${script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

const filterForm = `<form id="filter" role="search" aria-label="Findings and frames" hidden>
<label for="text">Show</label> <input id="text" type="search" placeholder="rule, frame, file, text" autocomplete="off">
<label for="level">from</label> <select id="level"><option value="0">everything</option><option value="1">notes</option><option value="2">warnings</option><option value="3">errors</option></select>
<span id="shown" role="status"></span>
</form>`;
