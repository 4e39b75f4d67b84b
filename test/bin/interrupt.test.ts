/** Signals: the first one aborts, and whatever does not end by itself is ended. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const module = fileURLToPath(new URL('../../bin/terminal/interrupt.js', import.meta.url));

/** A program that waits for ever and takes no notice of being aborted. */
const stubborn = (patience: number): string => `
  const { watchSignals } = await import(${JSON.stringify(`file://${module}`)});
  const { signal } = watchSignals({ patience: ${patience}, onExit: () => require('node:fs').writeSync(1, 'ending') });
  setInterval(() => {}, 1000);
  signal.addEventListener('abort', () => process.stdout.write('aborted '));
  process.stdout.write('ready ');
`;

async function run(patience: number, ...signals: readonly NodeJS.Signals[]): Promise<{ code: unknown; out: string }> {
  const words = [
    '--input-type=module',
    '-e',
    `import { createRequire } from 'node:module'; const require = createRequire('/');${stubborn(patience)}`,
  ];
  // Without what tap preloads into every process, which handles signals in its own way.
  const { NODE_OPTIONS, ...env } = process.env;
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'], env });
  const ended = once(child, 'exit');
  let out = '';
  const left = [...signals];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    const next = left[0];
    if (next && out.split(' ').length > signals.length - left.length + 1) {
      left.shift();
      child.kill(next);
    }
  });
  const [code] = await ended;
  return { code, out };
}

t.test('what does not end in time after a signal is ended', async (t) => {
  t.same(await run(100, 'SIGTERM'), { code: 143, out: 'ready aborted ending' });
});

t.test('a second signal ends at once, with its own exit code', async (t) => {
  t.same(await run(600_000, 'SIGTERM', 'SIGINT'), { code: 130, out: 'ready aborted ending' });
});
