/**
 * Opens reports as people do: `npm run check:report`. Pages of `validate` and of runs, one of a thousand frames, and one of
 * files whose names are tags are opened in Chromium (CHROMIUM names another program) with and without script. None may report an
 * error or ask for anything, axe-core must find nothing in light and dark, all rows are there without script, the boxes filter,
 * and the page prints. The time that a thousand frames take to open is printed and must be less than two seconds. Takes about a minute.
 */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AxeResults } from 'axe-core';
import { type Browser, chromium, type Page as Tab } from 'playwright-core';
import { hostilePage, longPage, type Page, runPage, validationPage } from './report/pages.js';

/** Milliseconds that a page may take. */
const mostTime = 2000;
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const folder = await mkdtemp(join(tmpdir(), 'exrpipe-report-'));
const problems: string[] = [];

/** A tab that tells of every error and every request that leaves the page. */
async function openTab(browser: Browser, page: Page, script: boolean, dark = false): Promise<Tab> {
  const context = await browser.newContext({
    javaScriptEnabled: script,
    colorScheme: dark ? 'dark' : 'light',
    viewport: { width: 1000, height: 900 },
  });
  const tab = await context.newPage();
  const own = pathToFileURL(page.path).href;
  tab.on('console', (message) => problems.push(`${page.name}: the console says: ${message.text()}`));
  tab.on('pageerror', (error) => problems.push(`${page.name}: ${error.message}`));
  tab.on('dialog', (dialog) => {
    problems.push(`${page.name}: a script from a file's name ran`);
    void dialog.dismiss();
  });
  tab.on('request', (request) => {
    if (request.url() !== own && !request.url().startsWith('data:'))
      problems.push(`${page.name}: asks for ${request.url()}`);
  });
  await tab.goto(own, { waitUntil: 'load' });
  return tab;
}

/** What must hold with script: the filter, no faults of accessibility, paper. */
async function checkWithScript(browser: Browser, page: Page, dark: boolean): Promise<void> {
  const tab = await openTab(browser, page, true, dark);
  // A thousand rows are no other elements than twelve, and take axe a minute.
  if (page.rows < 100) await checkAccess(tab, page, dark);
  const visible = () => tab.locator('tbody tr[data-level]:visible').count();
  if ((await visible()) !== page.rows) problems.push(`${page.name}: ${await visible()} rows instead of ${page.rows}`);
  await tab.fill('#text', 'nothing is called like this');
  if ((await visible()) !== 0) problems.push(`${page.name}: the filter leaves ${await visible()} rows`);
  await tab.fill('#text', '');
  await tab.selectOption('#level', '3');
  const errors = await tab.locator('tbody tr[data-level="error"]').count();
  if ((await visible()) !== errors)
    problems.push(`${page.name}: ${await visible()} rows with errors instead of ${errors}`);
  await tab.selectOption('#level', '0');
  await tab.emulateMedia({ media: 'print' });
  if (await tab.locator('#filter').isVisible()) problems.push(`${page.name}: the filter is printed`);
  const paper = await tab.pdf({ format: 'A4' });
  if (paper.length < 10_000) problems.push(`${page.name}: the print has ${paper.length} bytes`);
  await tab.context().close();
}

async function checkAccess(tab: Tab, page: Page, dark: boolean): Promise<void> {
  await tab.evaluate(axe);
  const { violations, passes } = (await tab.evaluate('axe.run()')) as AxeResults;
  if (passes.length < 10) problems.push(`${page.name}: axe has checked only ${passes.length} rules`);
  for (const { id, nodes } of violations)
    problems.push(`${page.name}${dark ? ', dark' : ''}: axe: ${id}: ${nodes[0]?.html} (${nodes.length} times)`);
}

/** All of it is there without script, and no box that does nothing. */
async function checkWithoutScript(browser: Browser, page: Page): Promise<void> {
  const tab = await openTab(browser, page, false);
  const rows = await tab.locator('tbody tr[data-level]').count();
  if (rows !== page.rows) problems.push(`${page.name}, without script: ${rows} rows instead of ${page.rows}`);
  const text = await tab.locator('main').innerText();
  for (const wanted of page.texts)
    if (!text.includes(wanted)) problems.push(`${page.name}, without script: lacks "${wanted}"`);
  if (await tab.locator('#filter').isVisible()) problems.push(`${page.name}: the filter is shown without script`);
  await tab.context().close();
}

/** Milliseconds from asking for the page until everything is laid out and drawn, the best of five: other programs take their share. */
async function timeToOpen(browser: Browser, page: Page): Promise<number> {
  const times: number[] = [];
  for (let turn = 0; turn < 5; turn++) {
    const tab = await openTab(browser, page, true);
    const drawn =
      'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))';
    times.push((await tab.evaluate(drawn)) as number);
    await tab.context().close();
  }
  return Math.min(...times);
}

const { CHROMIUM } = process.env;
const executablePath = CHROMIUM ?? '/usr/bin/chromium';
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
});
try {
  // The run is over the frames of the validation.
  const validation = await validationPage(folder);
  const long = await longPage(folder);
  const pages = [validation, await runPage(folder), await hostilePage(folder), long];
  for (const page of pages) {
    const { size } = await stat(page.path);
    await checkWithScript(browser, page, false);
    if (page !== long) await checkWithScript(browser, page, true);
    await checkWithoutScript(browser, page);
    console.log(`${page.name}: ${page.rows} rows, ${Math.round(size / 1000)} kB`);
  }
  const time = await timeToOpen(browser, long);
  console.log(`${long.name} open in ${Math.round(time)} ms`);
  if (time > mostTime) problems.push(`${long.name} take ${Math.round(time)} ms to open`);
} finally {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) throw new Error(`${problems.length} problems`);
