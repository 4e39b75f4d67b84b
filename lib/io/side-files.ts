/** Files beside images: manifests that headers name and filters have made. */

import { sidecarPath } from '../cryptomatte/sidecar.js';
import { equalBytes } from '../format/bytes.js';
import { headerSets } from '../layers/sets.js';
import { advise, optionNamed } from '../model/advice.js';
import { ExrError } from '../model/error.js';
import type { SideFile } from '../model/header.js';
import type { Host } from './host.js';
import type { Route } from './route.js';
import type { ByteSink } from './sink.js';

/**
 * The side files of the images being written, by their paths.
 *
 * @throws ExrError of kind `usage` where an image goes to a pipe, which can have no files beside it, and where two files would
 *   have the same path but different contents.
 */
export function placeSideFiles(routes: readonly Pick<Route, 'path' | 'header'>[]): Map<string, SideFile> {
  const placed = new Map<string, SideFile>();
  for (const { path: image, header } of routes) {
    const named = new Set(header.sideFiles ? headerSets(header).map(({ manifestFile }) => manifestFile) : []);
    for (const file of header.sideFiles ?? []) {
      const { name, bytes } = file;
      if (!named.has(name)) continue;
      if (image === undefined) throw noPlace(name);
      const path = sidecarPath(image, name);
      if (!equalBytes(placed.get(path)?.bytes ?? bytes, bytes))
        throw new ExrError(
          'usage',
          'SIDECAR_TWICE',
          'two sidecars with different names would be written to this file',
          {
            where: { file: path },
            hint: advise`Put {stem}, {layer} and {frame} into the pattern of ${optionNamed('sidecarOut')}.`,
          },
        );
      placed.set(path, file);
    }
  }
  return placed;
}

/** An image that is not a regular file cannot have files beside it. */
export function noPlace(name: string): ExrError {
  return new ExrError('usage', 'NO_SIDECAR_PLACE', `there is no place for the sidecar "${name}" beside a pipe`, {
    hint: 'Write the image to a file with -o.',
  });
}

/** Paths at which shared files have been seen or written, by their content, which a run holds once. */
const present = new WeakMap<Uint8Array, Set<string>>();

/** Writes side files; each appears whole or not at all. A shared one that exists with the same content stays as it is. */
export async function writeSideFiles(
  files: ReadonlyMap<string, SideFile>,
  create: (path: string) => Promise<ByteSink>,
  host: Pick<Host, 'exists' | 'readFile'>,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const [path, { bytes, shared = false }] of files) {
    if (shared && (await isPresent(path, bytes, host))) continue;
    try {
      await writeSideFile(path, bytes, create, signal);
    } catch (error) {
      // Another frame, or another task of a farm, was quicker: it has written the same.
      if (signal?.aborted || !shared || !(await isPresent(path, bytes, host))) throw error;
    }
    if (shared) rememberPresent(path, bytes);
  }
}

async function writeSideFile(
  path: string,
  bytes: Uint8Array,
  create: (path: string) => Promise<ByteSink>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const sink = await create(path);
  try {
    await sink.write(bytes);
    await sink.finish(signal);
  } catch (error) {
    await sink.abort();
    throw error;
  }
}

async function isPresent(path: string, bytes: Uint8Array, host: Pick<Host, 'exists' | 'readFile'>): Promise<boolean> {
  if (!(await host.exists(path))) return false;
  if (present.get(bytes)?.has(path)) return true;
  const isSame = await host.readFile(path).then(
    (old) => equalBytes(old, bytes),
    // What cannot be read is replaced, or the attempt fails with the reason.
    () => false,
  );
  if (isSame) rememberPresent(path, bytes);
  return isSame;
}

function rememberPresent(path: string, bytes: Uint8Array): void {
  const paths = present.get(bytes) ?? new Set();
  present.set(bytes, paths.add(path));
}
