/** `Symbol.asyncDispose`, which Safari does not have yet; `await using` that was compiled for it looks for the same symbol. */
export const asyncDispose: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');
