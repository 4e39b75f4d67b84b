import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';

export interface BrowserBundle {
  readonly code: string;
  /** Files of ours that are in it, from the root of the project. */
  readonly files: readonly string[];
  readonly warnings: readonly string[];
}

/** The portable rooms of lib, as far as a page needs them, in one script for browsers. `entry` is in dist. */
export async function bundleForBrowser(entry: string): Promise<BrowserBundle> {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const { outputFiles, metafile, warnings } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
  });
  return {
    code: outputFiles[0]?.text ?? '',
    files: Object.keys((metafile as Metafile).inputs),
    warnings: warnings.map(({ text }) => text),
  };
}
