import { carrySets } from '../../lib/cryptomatte/index.js';
import type { FilterContext, Header } from '../../lib/index.js';
import { type Respelling, respell } from '../../lib/layers/index.js';

/** Renames channels and parts; Cryptomatte metadata follows. Throws one `usage` error that lists everything wrong with the new names. */
export function applyRenaming(
  header: Header,
  respelling: Respelling,
  context: FilterContext,
  { rekey = false }: { readonly rekey?: boolean } = {},
): Header {
  return carrySets(header, respell(header, respelling), context, { rekey });
}
