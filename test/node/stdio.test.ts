/** stdout as a sink, in a process of its own: where the shell lets it be patched and where not. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { stdoutSink } from '../../lib/node/stdio.js';
import { temporaryFolder } from '../support.js';

const script = `
  const { stdoutSink } = await import(${JSON.stringify(new URL('../../lib/node/stdio.js', import.meta.url).href)});
  const sink = stdoutSink();
  await sink.write(new Uint8Array([97, 98, 99]));
  await sink.patch?.(1, new Uint8Array([66]));
  await sink.finish();
`;

async function written(path: string, flags: string): Promise<string> {
  const file = await open(path, flags);
  await file.write('> ', undefined);
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', file.fd, 'inherit'],
  });
  await once(child, 'close');
  await file.close();
  return readFile(path, 'utf8');
}

t.test(
  'a file behind stdout',
  { skip: process.platform !== 'linux' && 'positions are known on Linux only' },
  async (t) => {
    const folder = await temporaryFolder(t);
    t.equal(await written(join(folder, 'new'), 'w'), '> aBc', 'is patched from where others have left off');
    t.equal(await written(join(folder, 'appended'), 'a'), '> abc', 'but not where every write goes to its end');
  },
);

t.test('a pipe', async (t) => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (piece) => {
    text += piece;
  });
  await once(child, 'close');
  t.equal(text, 'abc', 'cannot be patched');
  t.equal(stdoutSink().name, 'stdout');
});
