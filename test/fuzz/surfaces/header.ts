/** Headers: read, described, judged, repaired, and written again. */
import { carrySets } from '../../../lib/cryptomatte/carry.js';
import { describeHeader } from '../../../lib/cryptomatte/describe.js';
import { repairHeader } from '../../../lib/cryptomatte/repair.js';
import { validateHeader } from '../../../lib/cryptomatte/validate.js';
import { parseHeader } from '../../../lib/format/header-parser.js';
import { writeHeader } from '../../../lib/format/header-writer.js';
import { isExrError } from '../../../lib/index.js';
import { type Program, programs } from '../../../lib/layers/seen-by/program.js';
import { fixturePath } from '../../support.js';
import { bordersOf, exrSeeds, filesIn } from '../files.js';
import { Finding, type Surface, texts } from '../surface.js';

const silent = { warn: () => {}, note: () => {} };

const words = texts(
  'channels\0chlist\0',
  'compression\0compression\0',
  'dataWindow\0box2i\0',
  'tiles\0tiledesc\0',
  'type\0string\0',
  'deeptile',
  'deepscanline',
  'tiledimage',
  'chunkCount\0int\0',
  'name\0string\0',
  'view\0string\0',
  'multiView\0stringvector\0',
  'chromaticities\0chromaticities\0',
  'preview\0preview\0',
  'cryptomatte/1234567/manifest\0string\0',
  '__proto__',
  'R\0',
  '\0',
);

export function headerSurface(): Surface {
  const files = exrSeeds().flatMap(({ name, bytes }) => {
    const end = bordersOf(bytes)?.header;
    return end === undefined ? [] : [{ name, bytes: bytes.subarray(0, end) }];
  });
  return {
    name: 'header',
    seeds: [...files, ...filesIn(fixturePath(''), '.header')],
    words,
    run(bytes) {
      const { header } = parseHeader(bytes);
      describeHeader(header);
      // One program each time: their rules share most of the work.
      validateHeader(header, { targets: [programs[bytes.length % programs.length] as Program] });
      carrySets(header, header, silent);
      attempt(() => repairHeader(header, silent));
      const written = attempt(() => writeHeader(header));
      if (!written) return;
      const again = attempt(() => parseHeader(written));
      if (!again) throw new Finding('a header that was written is not read');
      if (again.header.parts.length !== header.parts.length) throw new Finding('parts are lost in a header');
    },
  };
}

/** What may be refused, with an error of ours, without ending the rest. */
function attempt<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (isExrError(error)) return undefined;
    throw error;
  }
}
