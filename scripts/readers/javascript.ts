/** What readers in JavaScript see of a file. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { EXRLoader } from 'three/examples/jsm/loaders/EXRLoader.js';
import { meansOf, type Seen } from './seen.js';

/** The number that both have for 32-bit floats. */
const floats = 1015;

interface Image {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}

/** A reader by its name. */
export type JavaScriptReader = readonly [string, (bytes: ArrayBuffer) => Image];

/** The readers; those that are no dependency of ours (parse-exr asks for Node 22) are installed into a folder. */
export async function javaScriptReaders(folder: string): Promise<readonly JavaScriptReader[]> {
  const words = ['install', '--silent', '--no-audit', '--no-fund', '--prefix', folder, 'parse-exr@1.0.2'];
  await promisify(execFile)('npm', words);
  const address = pathToFileURL(createRequire(join(folder, 'package.json')).resolve('parse-exr'));
  const { default: parseExr } = (await import(address.href)) as {
    default: (bytes: ArrayBuffer, type: number) => Image;
  };
  return [
    ['three.js EXRLoader', (bytes) => new EXRLoader().setDataType(floats).parse(bytes)],
    ['parse-exr', (bytes) => parseExr(bytes, floats)],
  ];
}

export async function seenByJavaScript(readers: readonly JavaScriptReader[], file: string): Promise<Seen[]> {
  const { buffer } = new Uint8Array(await readFile(file));
  return readers.map(([reader, read]): Seen => quietly(() => seenBy(reader, read, file, buffer)));
}

/** Both print the headers of files that they refuse. */
function quietly<Result>(action: () => Result): Result {
  const { log, warn, error } = console;
  const nothing = () => {};
  Object.assign(console, { log: nothing, warn: nothing, error: nothing });
  try {
    return action();
  } finally {
    Object.assign(console, { log, warn, error });
  }
}

function seenBy(reader: string, read: (bytes: ArrayBuffer) => Image, file: string, bytes: ArrayBuffer): Seen {
  try {
    const { width, height, data } = read(bytes);
    const components = data.length / (width * height);
    const planes = Array.from({ length: Math.min(3, components) }, (_, at) => ({ data, at, step: components }));
    return { reader, file, state: 'ok', mean: meansOf(planes) };
  } catch (error) {
    return { reader, file, state: 'refused', why: String(error).slice(0, 120) };
  }
}
