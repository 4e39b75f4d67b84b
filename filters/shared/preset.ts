import {
  findPreset,
  isPresetFile,
  type NamingPreset,
  type PresetRenaming,
  parsePreset,
  presetRenaming,
} from '../../lib/cryptomatte/index.js';
import { listed } from '../../lib/format/index.js';
import type { FilterContext, Header, Part } from '../../lib/index.js';
import { rankChannels } from '../../lib/layers/index.js';
import { applyRenaming } from './renaming.js';

/** A preset that comes with exrpipe, or one from a file of the user's. Throws `usage` when there is none or it is wrong. */
export async function loadPreset(name: string, context: FilterContext): Promise<NamingPreset> {
  return isPresetFile(name) ? parsePreset(await context.readFile(name), name) : findPreset(name);
}

/** Brings the selected parts of a header to a convention; `from` is the one they follow, found out where it is not given. */
export function applyPreset(
  header: Header,
  selected: ReadonlySet<Part>,
  { to, from }: { readonly to: NamingPreset; readonly from: NamingPreset | undefined },
  context: FilterContext,
  { rekey }: { readonly rekey: boolean },
): Header {
  const preset = presetRenaming(header, to, from);
  const renamed = applyRenaming(
    header,
    {
      channel: (name, place) => (selected.has(header.parts[place.part] as Part) ? preset.channel(name, place) : name),
      part: (name, part) => (selected.has(part) ? preset.part(name, part) : name),
    },
    context,
    { rekey },
  );
  const first = header.parts.findIndex((part) => selected.has(part));
  const parts = renamed.parts.map((part, number) => {
    const isSelected = selected.has(header.parts[number] as Part);
    return isSelected ? { ...part, attributes: preset.attributes(part.attributes, number === first) } : part;
  });
  noteUnknown(header, selected, preset, to, context);
  // A convention with the name of a program is chosen for that program.
  return { ...renamed, parts, madeFor: [to.name] };
}

/** Passes that a note names one by one. */
const mostNamed = 5;

function noteUnknown(
  { parts }: Header,
  selected: ReadonlySet<Part>,
  { unknown }: PresetRenaming,
  { name }: NamingPreset,
  context: FilterContext,
): void {
  const ranks = rankChannels({ parts });
  const channels = parts.flatMap((part) => (selected.has(part) ? part.channels : []));
  const passes = new Set(
    channels.flatMap((channel) => {
      const pass = unknown.get(channel);
      // A Cryptomatte is one pass, however many ranks it has.
      return pass === undefined ? [] : ranks.has(channel) ? pass.replace(/\d+$/, '') || pass : pass;
    }),
  );
  if (passes.size === 0) return;
  const what = passes.size === 1 ? 'name of its own for the pass' : 'names of its own for the passes';
  context.note('PASSES_UNKNOWN', `${name} has no ${what} ${listed(passes, mostNamed)}`);
}
