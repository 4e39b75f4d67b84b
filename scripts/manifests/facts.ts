/** What must stay the same of a file when its names are cut, moved beside it and brought back. */

import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { matte } from '../../filters/index.js';
import {
  possibleNames,
  readManifest,
  validateHeader,
  validatePixels,
  validateSidecars,
} from '../../lib/cryptomatte/index.js';
import { defaultLimits } from '../../lib/format/index.js';
import { type Header, isExrError, openExr, readExrHeader, readSidecar, runFrame } from '../../lib/index.js';
import { headerSets } from '../../lib/layers/index.js';
import { filterContext } from '../../lib/node/pipeline.js';

const run = promisify(execFile);

/** Digests of all channels as the reference library reads them, a line each; undefined where it does not read the file. */
export async function digests(program: string, path: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(program, [path], { maxBuffer: 1 << 28, timeout: 60_000 });
    return stdout;
  } catch {
    return undefined;
  }
}

/** What `validate --pixels` finds, as rule and Cryptomatte; information does not count. */
export async function findings(path: string): Promise<Set<string>> {
  const document = await openExr(path, { holes: true });
  try {
    const { header } = document;
    const sidecars = await validateSidecars(header, { image: path, readSidecar });
    const { samples } = filterContext(document, {});
    const found = [
      ...validateHeader(header),
      ...sidecars.findings,
      ...(await validatePixels(header, samples, { sidecars: sidecars.names })),
    ];
    return new Set(found.flatMap(({ rule, set, severity }) => (severity === 'info' ? [] : `${rule} ${set ?? ''}`)));
  } finally {
    await document.source.close();
  }
}

/** Names of the Cryptomattes that have channels and names, in the file or beside it. */
export async function namedSets(path: string): Promise<Map<string, number>> {
  const header = await readExrHeader(path);
  const sets = await Promise.all(
    headerSets(header).map(async ({ name, layers, manifest, manifestFile }): Promise<[string, number][]> => {
      if (name === undefined || layers.length === 0 || !isReadable(header, layers)) return [];
      const bytes =
        manifestFile === undefined ? manifest : await readSidecar(path, manifestFile).catch(() => undefined);
      const count = bytes ? possibleNames(readManifest(bytes)).names.size : 0;
      return count > 0 ? [[name, count]] : [];
    }),
  );
  return new Map(sets.flat());
}

function isReadable({ parts }: Header, layers: readonly { readonly part: number }[]): boolean {
  return layers.every(({ part }) => !parts[part]?.type.startsWith('deep'));
}

/**
 * The mattes of all names of a Cryptomatte that are not empty everywhere, as the reference library reads them: channel and digest.
 * Undefined where there are more names than a file has channels, or longer ones.
 */
export async function mattes(
  program: string,
  path: string,
  set: string,
  scratch: string,
): Promise<string[] | undefined> {
  try {
    await runFrame([path], [matte({ name: ['*'], layer: set, as: '{name}', only: true })], scratch, {
      limits: { ...defaultLimits, channelsPerPart: 1 << 16 },
    });
    const lines = await digests(program, scratch);
    const empty = await emptyChannels(scratch);
    return lines
      ?.trim()
      .split('\n')
      .map((line) => line.split('\t').slice(1))
      .filter(([channel = '']) => !empty.has(channel))
      .map((columns) => columns.join('\t'))
      .sort();
  } catch (error) {
    if (isExrError(error) && (error.kind === 'limit' || ['NO_SUCH_NAME', 'NAME_TOO_LONG'].includes(error.code)))
      return undefined;
    throw error;
  } finally {
    await rm(scratch, { force: true });
  }
}

async function emptyChannels(path: string): Promise<Set<string>> {
  const document = await openExr(path);
  try {
    const { samples } = filterContext(document, {});
    const empty = new Set<string>();
    for (const part of document.header.parts) {
      const names = part.channels.map(({ name }) => name);
      const left = new Set(names);
      for await (const block of samples(part, names))
        for (const [at, name] of names.entries())
          if (left.has(name) && block.samples[at]?.some((value) => value !== 0)) left.delete(name);
      for (const name of left) empty.add(name);
    }
    return empty;
  } finally {
    await document.source.close();
  }
}

/** Bytes of a file, for what must be the same to the last of them. */
export async function sameBytes(one: string, other: string): Promise<boolean> {
  return Buffer.compare(await readFile(one), await readFile(other)) === 0;
}
