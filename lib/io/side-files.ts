/** Files beside pictures: manifests that headers name and filters have made. */

import { sidecarPath } from '../cryptomatte/sidecar.js';
import { equalBytes } from '../format/bytes.js';
import { headerSets } from '../layers/sets.js';
import { advise, optionNamed } from '../model/advice.js';
import { ExrError } from '../model/error.js';
import type { Route } from './route.js';
import type { ByteSink } from './sink.js';

/**
 * The side files of the pictures that are written, by their paths. Throws `usage` where a picture goes to a pipe, which
 * has nothing beside it, and where two files would have the same path and other contents.
 */
export function placeSideFiles(routes: readonly Pick<Route, 'path' | 'header'>[]): Map<string, Uint8Array> {
  const placed = new Map<string, Uint8Array>();
  for (const { path: picture, header } of routes) {
    const named = new Set(header.sideFiles ? headerSets(header).map(({ manifestFile }) => manifestFile) : []);
    for (const { name, bytes } of header.sideFiles ?? []) {
      if (!named.has(name)) continue;
      if (picture === undefined) throw noPlace(name);
      const path = sidecarPath(picture, name);
      if (!equalBytes(placed.get(path) ?? bytes, bytes))
        throw new ExrError('usage', 'SIDECAR_TWICE', 'two sidecars with different names in them would be this file', {
          where: { file: path },
          hint: advise`Put {stem}, {layer} and {frame} into the pattern of ${optionNamed('sidecarOut')}.`,
        });
      placed.set(path, bytes);
    }
  }
  return placed;
}

/** A picture that is no regular file has nothing beside it. */
export function noPlace(name: string): ExrError {
  return new ExrError('usage', 'NO_SIDECAR_PLACE', `there is no place for the sidecar "${name}" beside a pipe`, {
    hint: 'Write the picture to a file with -o.',
  });
}

/** Writes side files; each appears whole or not at all. */
export async function writeSideFiles(
  files: ReadonlyMap<string, Uint8Array>,
  create: (path: string) => Promise<ByteSink>,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const [path, bytes] of files) {
    const sink = await create(path);
    try {
      await sink.write(bytes);
      await sink.finish(signal);
    } catch (error) {
      await sink.abort();
      throw error;
    }
  }
}
