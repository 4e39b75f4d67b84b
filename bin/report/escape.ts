import { printable } from '../../lib/format/index.js';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML, between tags or in a quoted attribute. What would turn text around or not be seen is spelt out. */
export function escaped(text: string): string {
  return printable(text).replace(/[&<>"']/g, (letter) => entities[letter] as string);
}
