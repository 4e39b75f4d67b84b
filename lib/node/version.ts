import { readFileSync } from 'node:fs';

interface Manifest {
  readonly version: string;
}

/** The version of this package, whose manifest is three folders above the compiled module. */
export const version = (JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as Manifest)
  .version;
