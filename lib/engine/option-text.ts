/** Options as people write them, on a command line and in a pipeline file. */
import type { OptionSpec } from './options.js';

/** `stripPrefix` as users write it: `strip-prefix`. */
export function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Text as the type that its option expects. What does not fit stays text, which checkOptions then refuses with a clear message. */
export function typedValue(text: string, spec: OptionSpec): unknown {
  if (spec.type === 'number') return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
  if (spec.type === 'flag') return text === 'true' ? true : text === 'false' ? false : text;
  return text;
}
