/** What `info` reports about a shot: manifests that differ from frame to frame. */

import { ManifestCheck } from '../../lib/cryptomatte/index.js';
import { type Header, type Notice, readSidecar } from '../../lib/index.js';
import type { InputFile } from './input-files.js';

/** Gathers the frames of sequences as they are shown. */
export class ShotManifests {
  readonly #shots = new Map<string, ManifestCheck>();

  /** Sidecars are looked into where their names are shown, and only there. */
  async add({ path, stem, frame }: InputFile, header: Header, sidecars: boolean): Promise<void> {
    if (frame === undefined) return;
    const shot = `${path.slice(0, path.lastIndexOf('/') + 1)}${stem}`;
    const check = this.#shots.get(shot) ?? new ManifestCheck();
    this.#shots.set(shot, check);
    await check.add(path, header, sidecars ? readSidecar : undefined);
  }

  notices(): Notice[] {
    return [...this.#shots.values()].flatMap((check) =>
      Array.from(
        check.breaches(),
        ({ message }): Notice => ({
          level: 'note',
          code: 'MANIFESTS_DIFFER',
          message: `${message}; "manifest --shot" unifies them`,
        }),
      ),
    );
  }
}
