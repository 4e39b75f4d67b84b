import { carrySets, type FilterContext, type Header, type Respelling, respell } from '../../lib/index.js';

/** Renames channels and parts; Cryptomatte metadata follows. Throws one `usage` error that lists everything wrong with the new names. */
export function applyRenaming(
  header: Header,
  respelling: Respelling,
  context: FilterContext,
  { rekey = false }: { readonly rekey?: boolean } = {},
): Header {
  return carrySets(header, respell(header, respelling), context, { rekey });
}
