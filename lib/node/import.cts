/**
 * `import` for code that is run with what V8 had compiled before (bin/terminal/compiled-code.ts), which has none of its own. Node itself
 * loads this file; it is CommonJS like the bundle, beside which it lies too.
 */
module.exports = (address: string): Promise<unknown> => import(address);
