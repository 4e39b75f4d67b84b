import {
  type CryptomatteSet,
  defineFilter,
  ExrError,
  type FilterContext,
  formatManifest,
  type Header,
  headerSets,
  type IdStatistics,
  judgeIds,
  pxr24Bits,
  readIds,
  readManifest,
  refuseDestroyed,
  repairHeader,
  restoreIds,
  sidecarPath,
  withoutSets,
  withSet,
} from '../lib/index.js';

export const repair = defineFilter({
  name: 'repair',
  summary: 'Mend Cryptomatte metadata',
  description: [
    'Mends everything about Cryptomattes that can be mended without a new render, and says what it did: manifests that are not escaped (Cycles) or cut off (Arnold), IDs written as plain hashes, missing or misspelt attributes, keys that some readers overlook, names that Nuke has put a prefix before, metadata whose channels are gone or called otherwise, channels without metadata, metadata in another part than its channels.',
    'IDs that PXR24 has rounded to 24 bits are restored where the manifest determines them, and the part is compressed with ZIP from then on. By itself this happens in files that are compressed with PXR24; with --pixels the pixels of all files are looked at, also those that were stored anew since.',
    'IDs that were stored as half or with a lossy codec cannot be brought back; that is an error.',
    'Names that are in no manifest cannot be made up either: use "inject-manifest".',
  ].join('\n\n'),
  examples: [
    { command: 'repair shot.0001.exr -o mended.0001.exr', what: 'whatever is wrong' },
    { command: 'repair --embed arnold.0001.exr -o whole.0001.exr', what: 'the names into the file' },
    {
      command: 'inject-manifest --from donor.exr then repair lost.exr -o shot.exr',
      what: 'names first, then the rest',
    },
  ],
  options: {
    embed: { type: 'flag', summary: 'put the names of sidecar files into the file' },
    rekey: { type: 'flag', summary: "make all keys anew from the Cryptomattes' names" },
    pixels: { type: 'flag', summary: 'look at the pixels for IDs that were rounded or destroyed earlier' },
  },
  async header(header, { embed, rekey, pixels }, context) {
    refuseDestroyed(header);
    const mended = repairHeader(header, context, { rekey });
    const embedded = embed ? await embedSidecars(mended, context) : mended;
    const restored = await restoreRounded(embedded, pixels, context);
    if (restored === header) context.note('NOTHING_TO_DO', 'nothing needed to be mended');
    return restored;
  },
});

async function embedSidecars(header: Header, context: FilterContext): Promise<Header> {
  let current = header;
  for (const set of headerSets(header)) {
    if (set.manifestFile === undefined || set.name === undefined) continue;
    const path = sidecarPath(pictureOf(set, context), set.manifestFile);
    const { names } = readManifest(await context.readFile(path));
    if (names.size === 0)
      throw new ExrError('invalid', 'BAD_MANIFEST', 'there are no names in this sidecar', { where: { file: path } });
    const manifest = formatManifest(names);
    const { key, name } = set;
    const parts = current.parts.map((part, number) =>
      set.parts.includes(number)
        ? { ...part, attributes: withSet(withoutSets(part.attributes, [set]), { key, name, manifest }) }
        : part,
    );
    current = { ...current, parts };
    context.note('EMBEDDED', `put the ${names.size} names of ${path} into the file, for "${name}"`);
  }
  return current;
}

/** The path of the picture a set came from: sidecars are named relative to it. */
function pictureOf(set: CryptomatteSet, { inputs }: FilterContext): string {
  const [only, ...others] = inputs;
  if (only?.path === undefined || others.length > 0)
    throw new ExrError(
      'usage',
      'NO_PATH',
      `the sidecar "${set.manifestFile}" of "${set.name}" cannot be found from here`,
      {
        hint: 'Sidecars lie beside their picture, so give it as a file, before it is joined with others.',
      },
    );
  return only.path;
}

/** Restores IDs that lost their lower 8 bits, where pixels and names agree that this is what happened. */
async function restoreRounded(header: Header, everywhere: boolean, context: FilterContext): Promise<Header> {
  const sets = headerSets(header).filter(
    ({ layers }) =>
      layers.length > 0 && (everywhere || layers.some(({ part }) => header.parts[part]?.compression === 'pxr24')),
  );
  if (sets.length === 0) return header;
  const statistics = await readIds(header, new Map(sets.map((set) => [set, set.layers])), context.samples);
  const rounded = sets.filter((set) => isRounded(set, statistics.get(set), context));
  if (rounded.length === 0) return header;
  const { header: restored, restorations } = restoreIds(header, rounded);
  for (const { set, ambiguous } of restorations)
    if (ambiguous > 0)
      context.warn('AMBIGUOUS_IDS', `${ambiguous} rounded IDs of "${set.name}" fit two names each; they stay rounded`);
  return restored;
}

function isRounded(
  { name, manifest }: CryptomatteSet,
  statistics: IdStatistics | undefined,
  context: FilterContext,
): boolean {
  const names = manifest ? readManifest(manifest).names : new Map<string, number>();
  const known = new Set(names.values());
  const state = statistics && judgeIds(statistics, (bits) => known.has(bits));
  if (!statistics || state === 'sound' || state === 'unnamed') return false;
  if (state !== 'rounded')
    throw new ExrError('invalid', 'IDS_DESTROYED', `the IDs of "${name}" are destroyed: ${reasons[state ?? 'mixed']}`, {
      hint: 'Nothing can bring them back but a new render, or a copy of the file from before.',
    });
  const restorable = new Set([...known].map(pxr24Bits));
  const share = statistics.share((bits) => restorable.has(bits));
  if (share === 0) {
    context.warn(
      'IDS_ROUNDED',
      `the IDs of "${name}" are rounded, and no name tells what they were; "inject-manifest" comes first`,
    );
    return false;
  }
  const lost = share < 0.9999 ? '; the others have no name' : '';
  context.note('RESTORED_IDS', `restored the IDs of ${(share * 100).toFixed(2)} % of the coverage of "${name}"${lost}`);
  return true;
}

const reasons = {
  half: 'they were stored as half or with a lossy codec once',
  mixed: 'they were filtered, resized, premultiplied or colour-managed',
} as const;
