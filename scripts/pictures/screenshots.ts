/** What the screenshots of the docs show: made by the program as a user makes it. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { validationPage } from '../report/pages.js';
import { terminalPage } from './terminal-page.js';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../../cli/bin/exrpipe.js', import.meta.url));
const frames = fileURLToPath(new URL('../../../examples/frames/', import.meta.url));

export interface Screenshot {
  /** Its file in docs/pictures. */
  readonly name: string;
  /** What the program wrote, without what is new in every run: while it is the same, so is the screenshot. */
  readonly source: string;
  readonly address: string;
  readonly width: number;
  readonly height: number;
}

/** A frame and its objects, as `exrpipe show` draws them in a terminal of 24-bit colour. */
export async function terminalPicture(folder: string): Promise<Screenshot> {
  const commands = [
    'show b4_three_layers_lost.0001.exr',
    'show --layer chars.cryptoobject b4_three_layers_lost.0001.exr',
  ];
  let source = '';
  for (const command of commands) {
    const words = [program, ...command.split(' '), '--graphics', 'blocks', '--columns', '64'];
    const { stdout } = await run(process.execPath, words, { cwd: frames, env: { ...process.env, NO_COLOR: '' } });
    source += `$ exrpipe ${command}\n${stdout}`;
  }
  const { html, width, height } = terminalPage(source);
  const path = `${folder}/terminal.html`;
  await writeFile(path, html);
  return { name: 'terminal.png', source, address: pathToFileURL(path).href, width, height };
}

/** The top of the page of a shot with faults. */
export async function reportPicture(folder: string): Promise<Screenshot> {
  const { path } = await validationPage(folder);
  const page = await readFile(path, 'utf8');
  // When it was made, by which version, and images as this machine's zlib packs them.
  const source = page
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '')
    .replace(/exrpipe \d+\.\d+\.\d+\S*/g, 'exrpipe')
    .replace(/data:image\/png;base64,[^"]*/g, '');
  return { name: 'report.jpg', source, address: pathToFileURL(path).href, width: 1000, height: 900 };
}
