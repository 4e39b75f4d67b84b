import { programText } from './program-files.js';

interface Manifest {
  readonly version: string;
}

/** The version of this package, whose manifest lies three folders above the compiled module. */
export const version = (
  JSON.parse(programText('package.json', new URL('../../../package.json', import.meta.url))) as Manifest
).version;
