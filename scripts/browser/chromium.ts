import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { join } from 'node:path';

/**
 * Opens a page in Chromium and waits for what its script sends to `/result`. The page comes from a server of this process: one
 * of a file may not read blobs in every version. CHROMIUM names another program.
 */
export async function chromiumResult(html: string, folder: string, { CHROMIUM }: NodeJS.ProcessEnv): Promise<string> {
  const { promise: result, resolve, reject } = withResolvers<string>();
  const server = createServer(async (request, response) => {
    if (request.method !== 'POST') return void response.setHeader('content-type', 'text/html').end(html);
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    response.end();
    resolve(Buffer.concat(pieces).toString('utf8'));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const browser = spawn(
    CHROMIUM ?? 'chromium',
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      `--user-data-dir=${join(folder, 'profile')}`,
      `http://127.0.0.1:${port}/`,
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve) => browser.once('close', () => resolve()));
  browser.once('error', reject);
  browser.once('exit', (code) => reject(new Error(`Chromium ended with ${code} before the page had a result`)));
  const timer = setTimeout(() => reject(new Error('the page has had no result for two minutes')), 120_000);
  try {
    return await result;
  } finally {
    clearTimeout(timer);
    browser.kill();
    server.closeAllConnections();
    server.close();
    await ended;
  }
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
