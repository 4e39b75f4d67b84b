import {
  completeSets,
  fillSidecarName,
  type IdStatistics,
  judgeIds,
  noteOddNumbers,
  possibleNames,
  pxr24Bits,
  readIds,
  refuseDestroyed,
  renumberRanks,
  repairSets,
  restoreIds,
  reuniteSets,
  storedManifest,
} from '../lib/cryptomatte/index.js';
import { defineFilter, ExrError, type FilterContext, type Header } from '../lib/index.js';
import { type CryptomatteSet, headerSets } from '../lib/layers/index.js';
import { embedSidecars, moveToSidecars } from './shared/sidecars.js';
import { stemsOf } from './shared/stems.js';

/**
 * Repairs the metadata of Cryptomattes, and IDs as far as the manifest determines them. See docs/reference.md#repair for its
 * options.
 */
export const repair = defineFilter({
  name: 'repair',
  summary: 'Repair Cryptomatte metadata',
  description: [
    'Fixes whatever can be fixed in Cryptomatte metadata without re-rendering, and reports what it did: manifests that are not escaped (Cycles) or cut off (Arnold), IDs written as plain hashes, missing or misspelt attributes, keys that some readers overlook, names with a prefix added by Nuke, metadata whose channels have other names, channels without metadata, metadata in another part than its channels.',
    'Metadata that leads to no channels is matched with layers by the IDs in their pixels, whatever their names: ranks in separate files, items of a File Output node with names like ids_A and ids_B, names that were cut off. Where nothing matches, it is kept with a warning, unless --drop-dangling is given. Pixels are read only where there is such metadata.',
    '--renumber changes other numbers of ranks, such as 1, 2, 3, or numbers with a gap, to 00, 01, 02. Blender and Nuke read either; Fusion, After Effects and scripts do not.',
    'IDs that PXR24 has rounded to 24 bits are restored where the manifest determines them, and the part is then compressed with ZIP. This is automatic for files that are compressed with PXR24; --pixels checks the pixels of all files, including those that were recompressed later.',
    'IDs that were stored as half or with a lossy codec cannot be restored; that is an error. With --pixels, so are IDs that were resized, filtered or multiplied by alpha.',
    '--embed moves the names from sidecar files into the image; --sidecar-out does the opposite: the names go to a JSON file beside the output, one for each Cryptomatte, and the image refers to it. Both together write new sidecars from old ones. Blender reads no sidecars.',
    'Names that are in no manifest cannot be repaired: use "inject-manifest".',
  ].join('\n\n'),
  examples: [
    { command: 'repair shot.0001.exr -o repaired.0001.exr', what: 'whatever is wrong' },
    { command: 'repair --embed arnold.0001.exr -o whole.0001.exr', what: 'move the names into the file' },
    {
      command: "repair --sidecar-out '{stem}.{layer}.{frame}.json' shot.0001.exr -o out/shot.0001.exr",
      what: 'move the names into files beside the image',
    },
    {
      command: "merge --name '{stem}' then repair b6_*.exr -o b6.exr",
      what: 'one Cryptomatte of a file for each rank, as Blender\'s media "image" writes them',
    },
    {
      command: 'inject-manifest --from donor.exr then repair lost.exr -o shot.exr',
      what: 'names first, then the rest',
    },
  ],
  options: {
    embed: { type: 'flag', summary: 'move the names from sidecar files into the image' },
    // A pattern for names beside the output, not a path: no file of this name is read, and none need be there.
    sidecarOut: {
      type: 'text',
      placeholder: 'PATTERN',
      summary: 'move the names into JSON files beside the output, named with {stem}, {layer} and {frame}',
    },
    rekey: { type: 'flag', summary: 'recompute all keys from the names of the Cryptomattes' },
    renumber: {
      type: 'flag',
      summary: 'number all ranks 00, 01, 02 without gaps, as Fusion and After Effects require',
    },
    dropDangling: { type: 'flag', summary: 'remove metadata for which no channels are found' },
    pixels: { type: 'flag', summary: 'check the pixels for IDs that were rounded or destroyed earlier' },
  },
  check: ({ sidecarOut }) => {
    if (sidecarOut !== undefined) fillSidecarName(sidecarOut, { stem: 's', layer: 'l', frame: '1' });
  },
  async header(header, { embed, sidecarOut, rekey, pixels, dropDangling, renumber }, context) {
    refuseDestroyed(header);
    const repaired = repairSets(header, context);
    const reunited = await reuniteSets(repaired, context, { samples: context.samples, stemOf: stemsOf(context) });
    const numbered = renumber ? renumberRanks(reunited, context) : reunited;
    const complete = completeSets(numbered, context, { rekey, dropDangling });
    if (!renumber) noteOddNumbers(complete, context);
    const embedded = embed ? await embedSidecars(complete, context) : complete;
    const restored = await restoreRounded(embedded, pixels, context);
    const result = sidecarOut === undefined ? restored : moveToSidecars(restored, sidecarOut, context);
    const isDangling = headerSets(result).some(({ layers }) => layers.length === 0);
    if (result === header && !isDangling) context.note('NOTHING_TO_DO', 'nothing needed repair');
    return result;
  },
});

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
      context.warn('AMBIGUOUS_IDS', `${ambiguous} rounded IDs of "${set.name}" match two names each and stay rounded`);
  return restored;
}

function isRounded(
  { name, manifest }: CryptomatteSet,
  statistics: IdStatistics | undefined,
  context: FilterContext,
): boolean {
  const known = new Set(manifest && possibleNames(storedManifest(manifest)).names.values());
  const state = statistics && judgeIds(statistics, (bits) => known.has(bits));
  if (!statistics || state === 'sound' || state === 'unnamed') return false;
  if (state !== 'rounded')
    throw new ExrError('invalid', 'IDS_DESTROYED', `the IDs of "${name}" are destroyed: ${reasons[state ?? 'mixed']}`, {
      hint: 'Render again, or use an earlier copy of the file.',
    });
  const restorable = new Set([...known].map(pxr24Bits));
  const share = statistics.share((bits) => restorable.has(bits));
  if (share === 0) {
    context.warn(
      'IDS_ROUNDED',
      `the IDs of "${name}" are rounded, and no name determines them; run "inject-manifest" first`,
    );
    return false;
  }
  const lost = share < 0.9999 ? '; the others have no name' : '';
  context.note('RESTORED_IDS', `restored the IDs of ${(share * 100).toFixed(2)} % of the coverage of "${name}"${lost}`);
  return true;
}

const reasons = {
  half: 'they were once stored as half or with a lossy codec',
  mixed: 'they were filtered, resized, premultiplied or colour-managed',
} as const;
