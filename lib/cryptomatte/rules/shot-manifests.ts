/** Whether the frames of a shot have the same manifests: programs take the names of one frame for those of all. */
import { equalBytes } from '../../format/bytes.js';
import { type CryptomatteSet, headerSets } from '../../layers/sets.js';
import type { Header } from '../../model/header.js';
import { type Manifest, possibleNames, storedManifest } from '../manifest.js';
import { sidecarPath } from '../sidecar.js';
import type { Breach, RuleInfo } from './rule.js';

export const sameManifests: RuleInfo = {
  id: 'CM-B17',
  meaning: 'The manifest of a Cryptomatte is the same in every frame of a sequence.',
  severity: 'warning',
  // Legal, but lists of names change while one scrubs. Blender picks by the pixels.
  targets: {
    nuke: 'warning',
    fusion: 'warning',
    'after-effects': 'warning',
    arnold: 'info',
    blender: 'info',
    blender3: 'info',
  },
  fixedBy: 'header',
  command: 'manifest --shot',
};

/** Where a manifest is; read when another one has to be compared with it. */
interface Place {
  readonly label: string;
  readonly inside: Uint8Array | undefined;
  /** The path of a sidecar. */
  readonly path: string | undefined;
  readonly read: () => Promise<Uint8Array>;
}

interface Difference {
  readonly what: string;
  readonly label: string;
  readonly isOrder: boolean;
  frames: number;
}

/** Compares the manifests of frames with those of the first frame that has them. Memory does not grow with the number of frames. */
export class ManifestCheck {
  readonly #first = new Map<string, Place>();
  readonly #differences = new Map<string, Difference>();

  /**
   * Takes a frame in; `label` is its path, as messages call it. `readSidecar` reads what lies beside it; sidecars are not looked into
   * without it.
   */
  async add(
    label: string,
    header: Pick<Header, 'parts'>,
    readSidecar?: (image: string, name: string) => Promise<Uint8Array>,
  ): Promise<void> {
    for (const set of headerSets(header)) {
      const { name, layers } = set;
      const here = placeOf(set, label, readSidecar);
      if (name === undefined || layers.length === 0 || !here) continue;
      const first = this.#first.get(name);
      if (!first) this.#first.set(name, here);
      else if (!isSame(first, here)) await this.#compare(name, first, here);
    }
  }

  /** What differs, each with the first frame that differs. */
  *breaches(): Generator<Breach> {
    for (const [set, { what, label, isOrder, frames }] of this.#differences) {
      const more = frames > 1 ? ` and ${frames - 1} more frames` : '';
      yield {
        message: `compared with ${this.#first.get(set)?.label}, ${what} in ${label}${more}`,
        set,
        ...(isOrder && { severity: 'info', targets: quiet }),
      };
    }
  }

  async #compare(name: string, first: Place, here: Place): Promise<void> {
    const known = this.#differences.get(name);
    // How the first one differs is enough; sidecars of other names may still hold the same.
    if (known && first.inside && here.inside) {
      known.frames += 1;
      return;
    }
    try {
      const [before, now] = [await first.read(), await here.read()];
      if (equalBytes(before, now)) return;
      if (known) known.frames += 1;
      else this.#differences.set(name, { ...difference(name, before, now), label: here.label, frames: 1 });
    } catch {
      // A sidecar that cannot be read has a rule of its own.
    }
  }
}

const quiet: RuleInfo['targets'] = Object.fromEntries(Object.keys(sameManifests.targets).map((one) => [one, 'info']));

function placeOf(
  { manifest, manifestFile }: CryptomatteSet,
  label: string,
  readSidecar: ((image: string, name: string) => Promise<Uint8Array>) | undefined,
): Place | undefined {
  if (manifestFile === undefined)
    return manifest && { label, inside: manifest, path: undefined, read: async () => manifest };
  if (!readSidecar) return undefined;
  const read = (): Promise<Uint8Array> => readSidecar(label, manifestFile);
  return { label, inside: undefined, path: pathOf(label, manifestFile), read };
}

function pathOf(image: string, name: string): string | undefined {
  try {
    return sidecarPath(image, name);
  } catch {
    return undefined; // Not to be followed, which has a rule of its own.
  }
}

function isSame(one: Place, other: Place): boolean {
  if (one.inside && other.inside) return equalBytes(one.inside, other.inside);
  return one.path !== undefined && one.path === other.path;
}

function difference(name: string, before: Uint8Array, now: Uint8Array): { what: string; isOrder: boolean } {
  const [old, fresh] = [before, now].map((bytes): Manifest => possibleNames(storedManifest(bytes)).names) as [
    Manifest,
    Manifest,
  ];
  const missing = [...old].filter(([text, bits]) => fresh.get(text) !== bits).length;
  const added = [...fresh].filter(([text, bits]) => old.get(text) !== bits).length;
  if (missing + added === 0) return { what: `the names of "${name}" are written in another way`, isOrder: true };
  const counts = [missing > 0 ? `lack ${missing}` : '', added > 0 ? `have ${added} more` : ''].filter((one) => one);
  return { what: `the names of "${name}" ${counts.join(' and ')}`, isOrder: false };
}
