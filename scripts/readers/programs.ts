/** What programs of the machine see of files: those that are not there are left out. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Seen } from './seen.js';

const run = promisify(execFile);

type Look = (file: string) => Promise<Pick<Seen, 'shown'>>;

/** Some by their exit code alone. */
export async function seenByPrograms(files: readonly string[]): Promise<Seen[]> {
  const magick = await imageMagick();
  const readers: readonly (readonly [string, Look | undefined])[] = [
    ['OpenEXR 3.1 (exrheader)', await opening('exrheader')],
    ['OpenImageIO (oiiotool)', await opening('oiiotool', '--hash', '--info')],
    ['ImageMagick', magick],
  ];
  const seen: Seen[] = [];
  for (const [reader, look] of readers)
    for (const file of look ? files : []) {
      const found = await look?.(file).catch((error) => ({ why: String(error.stderr ?? error).slice(0, 120) }));
      seen.push({ reader, file, state: found && 'why' in found ? 'refused' : 'ok', ...found });
    }
  return seen;
}

async function opening(command: string, ...words: string[]): Promise<Look | undefined> {
  const isThere = await run('which', [command]).then(
    () => true,
    () => false,
  );
  if (!isThere) return undefined;
  return async (file) => {
    await run(command, [...words, file], { timeout: 120_000 });
    return {};
  };
}

/** Version 7 is called magick, version 6 convert, as is many another program. */
async function imageMagick(): Promise<Look | undefined> {
  for (const command of ['magick', 'convert-im6.q16', 'convert']) {
    const version = await run(command, ['-version']).catch(() => undefined);
    if (!version?.stdout.startsWith('Version: ImageMagick')) continue;
    return async (file) => {
      const format = '%[fx:mean.r] %[fx:mean.g] %[fx:mean.b]';
      const words = [`${file}[0]`, '-alpha', 'off', '-format', format, 'info:'];
      const { stdout } = await run(command, words, { timeout: 120_000 });
      return { shown: stdout.trim().split(' ').map(Number) };
    };
  }
  return undefined;
}
