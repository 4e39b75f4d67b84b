import { type Advice, type AdvisedStep, kebabCase, shellWord } from '../../lib/program.js';

/** Advice in the words of the command line, to be typed as they stand there. */
export function commandText(advice: Advice): string {
  return advice
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      return 'option' in piece ? `--${kebabCase(piece.option)}` : `"${stepWords(piece).join(' ')}"`;
    })
    .join('');
}

function stepWords({ filter, options, after }: AdvisedStep): string[] {
  const words = Object.entries(options).flatMap(([name, value]) =>
    value === true
      ? [`--${kebabCase(name)}`]
      : [value].flat().flatMap((one) => [`--${kebabCase(name)}`, shellWord(one)]),
  );
  return [...(after ? ['then'] : []), filter, ...words];
}
