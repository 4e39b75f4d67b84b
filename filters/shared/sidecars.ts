import {
  fillSidecarName,
  formatManifest,
  isStrictManifest,
  possibleNames,
  sidecarPath,
  storedManifest,
} from '../../lib/cryptomatte/index.js';
import { ExrError, type FilterContext, type Header, type SideFile } from '../../lib/index.js';
import { type CryptomatteSet, headerSets, type SetDefinition, withoutSets, withSet } from '../../lib/layers/index.js';

/** The names of sidecar files put into the header. Throws what keeps a sidecar from being read. */
export async function embedSidecars(header: Header, context: FilterContext): Promise<Header> {
  let current = header;
  for (const set of headerSets(header)) {
    if (set.manifestFile === undefined || set.name === undefined) continue;
    const image = imageOf(set, context);
    const path = sidecarPath(image, set.manifestFile);
    const reading = storedManifest(await context.readSidecar(image, set.manifestFile));
    const { names } = possibleNames(reading);
    // A Cryptomatte of which nothing is in view has a manifest without names, `{}`.
    if (names.size === 0 && !isStrictManifest(reading))
      throw new ExrError('invalid', 'BAD_MANIFEST', 'there are no names in this sidecar', { where: { file: path } });
    const manifest = formatManifest(names);
    const { key, name } = set;
    current = replaceSet(current, set, { key, name, manifest });
    context.note('EMBEDDED', `embedded the ${names.size} names of ${path}, for "${name}"`);
  }
  return current;
}

/** The path of the image a set came from: sidecars are named relative to it. */
function imageOf(set: CryptomatteSet, { inputs }: FilterContext): string {
  const [only, ...others] = inputs;
  if (only?.path === undefined || others.length > 0)
    throw new ExrError(
      'usage',
      'NO_PATH',
      `the sidecar "${set.manifestFile}" of "${set.name}" cannot be found from here`,
      {
        hint: 'Sidecars are beside their image, so give it as a file, before it is merged with others.',
      },
    );
  return only.path;
}

/** The names that are in the header put into files beside the image, which are called by a pattern. */
export function moveToSidecars(header: Header, pattern: string, context: FilterContext): Header {
  const [input] = context.inputs;
  const sideFiles: SideFile[] = [];
  let current = header;
  for (const set of headerSets(header)) {
    const { key, name, manifest } = set;
    if (name === undefined || manifest === undefined || set.manifestFile !== undefined) continue;
    const { names } = possibleNames(storedManifest(manifest));
    const manifestFile = fillSidecarName(pattern, { stem: input?.stem ?? 'stdin', layer: name, frame: input?.frame });
    if (sideFiles.some((other) => other.name === manifestFile))
      throw new ExrError('usage', 'SIDECAR_TWICE', `two Cryptomattes would have the sidecar "${manifestFile}"`, {
        hint: 'Add {layer} to the pattern.',
      });
    sideFiles.push({ name: manifestFile, bytes: formatManifest(names) });
    current = replaceSet(current, set, { key, name, manifestFile });
    context.note('SIDECAR', `moved the ${names.size} names of "${name}" to ${manifestFile}`);
  }
  if (sideFiles.length === 0) {
    context.warn('NO_NAMES', 'no Cryptomatte has names to move to a sidecar');
    return header;
  }
  return { ...current, sideFiles: [...(header.sideFiles ?? []), ...sideFiles] };
}

function replaceSet(header: Header, set: CryptomatteSet, definition: SetDefinition): Header {
  const parts = header.parts.map((part, number) =>
    set.parts.includes(number)
      ? { ...part, attributes: withSet(withoutSets(part.attributes, [set]), definition) }
      : part,
  );
  return { ...header, parts };
}
