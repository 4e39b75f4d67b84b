/**
 * A value as a line of JSON. JSON leaves some letters as they are that a terminal obeys or does not show (C1 controls, the signs
 * that turn the direction of text around); written as escapes they are the same letters to whoever parses it.
 */
export function jsonLine(value: unknown): string {
  const text = JSON.stringify(value).replace(/[\x7f-\x9f\u2028\u2029\p{Default_Ignorable_Code_Point}]/gu, (letter) =>
    Array.from({ length: letter.length }, (_, at) => escaped(letter.charCodeAt(at))).join(''),
  );
  return `${text}\n`;
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}
