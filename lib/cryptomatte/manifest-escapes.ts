/** Names in a manifest's text: how they are escaped, and what escapes mean. */

/** The text of a name between quotes: only what JSON requires is escaped, since Blender's reader does not decode `\u`. */
export function escapeName(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be escaped
  return name.replace(/["\\\u0000-\u001f]/g, (character) =>
    character === '"' || character === '\\' ? `\\${character}` : escapeControl(character),
  );
}

function escapeControl(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Unescapes a name; undefined if the escapes are not JSON's. */
export function unescapeName(raw: string): string | undefined {
  if (!raw.includes('\\')) return raw.includes('"') ? undefined : raw;
  try {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be escaped
    const parsed: unknown = JSON.parse(`"${raw.replace(/[\u0000-\u001f]/g, escapeControl)}"`);
    return typeof parsed === 'string' ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Whether text between quotes holds a `\u` that JSON does not require. An escaped backslash begins none. */
export function hasNeedlessEscape(raw: string): boolean {
  for (const [, code] of raw.matchAll(/\\(?:u([0-9a-fA-F]{4})|.)/gs))
    if (code && Number.parseInt(code, 16) > 0x1f) return true;
  return false;
}
