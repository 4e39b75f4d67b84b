import {
  type FilterContext,
  findPreset,
  type Header,
  isPresetFile,
  type NamingPreset,
  type Part,
  parsePreset,
  presetRenaming,
} from '../../lib/index.js';
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
      part: (name, part) => (selected.has(part) ? preset.part(name) : name),
    },
    context,
    { rekey },
  );
  const parts = renamed.parts.map((part, number) => {
    const before = header.parts[number];
    return before && selected.has(before) ? { ...part, attributes: preset.attributes(part.attributes) } : part;
  });
  // A convention that bears a program's name is chosen for that program.
  return { ...renamed, parts, madeFor: [to.name] };
}
