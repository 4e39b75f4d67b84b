/** Every surface. A new one is a function here. */
import type { Surface } from '../surface.js';
import { codecSurfaces, deepSurface, spliceSurface } from './chunks.js';
import { blendSurface, manifestSurface, sidecarSurface, zstdSurface } from './cryptomatte.js';
import { dwaSurface } from './dwa.js';
import { fileSurface, leaderSurface, tableSurface } from './files.js';
import { headerSurface } from './header.js';
import { htj2kSurface } from './htj2k.js';
import { grammarSurface, pathSurface, patternSurface, pipelineSurface } from './words.js';
import { zstdRowSurface, zstdStreamSurface } from './zstd.js';

export async function loadSurfaces(): Promise<Surface[]> {
  return [
    headerSurface(),
    leaderSurface(),
    tableSurface(),
    fileSurface(),
    ...(await codecSurfaces()),
    await dwaSurface(),
    await htj2kSurface('htj2k32'),
    await htj2kSurface('lj2k'),
    await zstdStreamSurface(),
    await zstdRowSurface(),
    await spliceSurface(),
    await deepSurface(),
    manifestSurface(),
    sidecarSurface(),
    blendSurface(),
    zstdSurface(),
    await pipelineSurface(),
    await grammarSurface(),
    patternSurface(),
    pathSurface(),
  ];
}
