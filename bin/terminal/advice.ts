import { type Advice, type AdvisedOption, type AdvisedStep, kebabCase, shellWord } from '../../lib/program.js';

/** Words advice. */
export type AdviceWording = (advice: Advice) => string;

/**
 * Advice in the words of the command line, to be typed as they stand there. `whole` gives the whole command with one more step,
 * where that is known.
 */
export function commandText(advice: Advice, whole?: (step: AdvisedStep) => string | undefined): string {
  return advice
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      if ('chain' in piece) return `"${piece.chain.map((step) => stepWords(step).join(' ')).join(' then ')}"`;
      if ('option' in piece) return optionWords(piece).join(' ');
      return `"${(piece.after && whole?.(piece)) ?? stepWords(piece).join(' ')}"`;
    })
    .join('');
}

function stepWords({ filter, options, after }: AdvisedStep): string[] {
  const words = Object.entries(options).flatMap(([option, value]) =>
    optionWords(value === true ? { option } : { option, value }),
  );
  return [...(after ? ['then'] : []), filter, ...words];
}

/** `allowLossy`: `--allow-lossy`; with values once for each. */
function optionWords({ option, value }: AdvisedOption): string[] {
  const word = `--${kebabCase(option)}`;
  return value === undefined ? [word] : [value].flat().flatMap((one) => [word, shellWord(one)]);
}
