/** Readers that are modules of Python, in an environment of their own. */
import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Seen } from './seen.js';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../../../scripts/readers/readers.py', import.meta.url));
const modules = ['OpenEXR==3.5.*', 'numpy', 'opencv-python-headless==4.*', 'imageio-ffmpeg==0.6.*'];

/** A Python that has them, installed into a folder. */
export async function installPython(folder: string): Promise<string> {
  await run('python3', ['-m', 'venv', folder]);
  await run(join(folder, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', ...modules]);
  return join(folder, 'bin', 'python');
}

export async function seenByPython(python: string, files: readonly string[]): Promise<Seen[]> {
  const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(files.join('\n'));
  let text = '';
  for await (const piece of child.stdout) text += piece;
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Seen]));
}
