/** Takes screenshots in Chromium. */
import { extname, join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Screenshot } from './screenshots.js';

export async function takeAll(shots: readonly Screenshot[], folder: string): Promise<void> {
  const { CHROMIUM } = process.env;
  const browser = await chromium.launch({
    executablePath: CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
  try {
    for (const { name, address, width, height } of shots) {
      const tab = await browser.newPage({ viewport: { width, height } });
      await tab.goto(address, { waitUntil: 'load' });
      const format = extname(name) === '.png' ? { type: 'png' as const } : { type: 'jpeg' as const, quality: 75 };
      await tab.screenshot({ path: join(folder, name), ...format });
      await tab.close();
    }
  } finally {
    await browser.close();
  }
}
