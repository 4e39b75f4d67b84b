/** What `validate` finds in one file. */
import { validateChunks, validateHeader, validatePixels, validateSidecars } from '../../lib/cryptomatte/index.js';
import { fileState } from '../../lib/format/index.js';
import {
  type ExrDocument,
  type FileState,
  type Header,
  type Limits,
  openExr,
  openExrStream,
  readSidecar,
} from '../../lib/index.js';
import { headerSets, orphanGroups, type Program } from '../../lib/layers/index.js';
import { filterContext, findPackedAsSamples, withPlace } from '../../lib/program.js';
import type { InputFile } from './input-files.js';
import type { FileReport } from './validate-text.js';

interface FileSettings {
  readonly pixels: boolean;
  readonly target: readonly Program[];
  readonly limits: Partial<Limits> | undefined;
}

/** Its header, chunks, sidecars and, where they are asked for, its pixels. Errors name the file. */
export async function inspect(
  { path, stem }: InputFile,
  settings: FileSettings,
  signal: AbortSignal,
): Promise<FileReport & { header: Header }> {
  const options = { targets: settings.target };
  const { limits } = settings;
  const document = await open(path, limits);
  try {
    const { header, source } = document;
    const sidecars = await validateSidecars(header, { image: path, readSidecar }, options);
    // What a stream lacks shows only when it is read.
    const chunks = source.random ? validateChunks(header, await stateOf(document), options) : [];
    const findings = [...chunks, ...validateHeader(header, { ...options, stem }), ...sidecars.findings];
    if (settings.pixels) {
      const { samples } = filterContext(document, { signal, limits });
      const found = await validatePixels(header, samples, { ...options, sidecars: sidecars.names });
      // Which names an unfinished frame covers, nobody knows yet.
      findings.push(...found.filter(({ rule }) => rule !== 'CM-B15' || source.missing.length === 0));
    }
    const names = [
      ...headerSets(header).flatMap(({ name }) => name ?? []),
      ...orphanGroups(header).map(({ name }) => name),
    ];
    return { file: path, cryptomattes: [...new Set(names)], findings, header };
  } catch (error) {
    throw withPlace(error, { file: path });
  } finally {
    await document.source.close();
  }
}

async function stateOf({ header, source }: ExrDocument): Promise<FileState> {
  return { ...fileState(header, source), packedAsSamples: await findPackedAsSamples(header, source) };
}

function open(path: string, limits: Partial<Limits> | undefined): Promise<ExrDocument> {
  const options = { limits, holes: true, leaders: true };
  return path === '-' ? openExrStream(process.stdin, options) : openExr(path, options);
}
