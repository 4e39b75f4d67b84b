/**
 * V8 compiles a function when it is first called, each time the program starts: a third of the time of a short command. So what was
 * compiled by the end of a command is kept for the next of its name, in a folder of the user's own, since whoever can write there
 * decides what runs. (Node's own `module.enableCompileCache` keeps only what is compiled before the first function is called.)
 */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { crc32 } from 'node:zlib';

/**
 * Runs a CommonJS module as Node would, for a command of this name. It cannot `import` (lib/node/import.cts can). What is compiled is
 * kept when the process or the thread ends by itself, or after so many milliseconds: V8 flushes the code of functions that were not
 * called for long, and much later what starting takes would be missing.
 */
export function runModule(path: string, command: string | undefined, milliseconds: number): void {
  const bytes = readFileSync(path);
  const source = bytes.toString();
  const file = cacheFile(path, command);
  const kept = file === undefined ? undefined : readKept(file, bytes);
  // One line, so that lines of a stack are lines of the file.
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename: path,
    cachedData: kept,
  });
  if (file !== undefined && (!kept || script.cachedDataRejected)) keepSoon(file, bytes, script, milliseconds);
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(path), module, path, dirname(path));
}

/** Not of a command that fails: what others of its name call may be missing. */
function keepSoon(file: string, source: Buffer, script: Script, milliseconds: number): void {
  let done = false;
  const keep = () => {
    if (!done) writeKept(file, source, script.createCachedData());
    done = true;
  };
  setTimeout(keep, milliseconds).unref();
  process.once('exit', (code) => code === 0 && keep());
}

/** Two checksums stand before the code, of the module and of the code: V8 checks neither. */
const headLength = 8;

/** Only what this user has written is trusted: a command as root would run it. */
function readKept(file: string, source: Buffer): Buffer | undefined {
  try {
    if (process.getuid && statSync(file).uid !== process.getuid()) return undefined;
    const bytes = readFileSync(file);
    const code = bytes.subarray(headLength);
    return bytes.readUInt32LE(0) === crc32(source) && bytes.readUInt32LE(4) === crc32(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

/** A folder that cannot be made or written costs nothing but time. */
function writeKept(file: string, source: Buffer, code: Buffer): void {
  const head = Buffer.alloc(headLength);
  head.writeUInt32LE(crc32(source), 0);
  head.writeUInt32LE(crc32(code), 4);
  const temporary = `${file}.${Math.random()}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, Buffer.concat([head, code]), { mode: 0o600 });
    renameSync(temporary, file);
  } catch {
    discard(temporary);
  }
}

function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // There is not even a folder where it could be.
  }
}

/** A file for each command or kind of thread, of each installation and Node: what one compiles is of no use to the other. */
function cacheFile(path: string, command = ''): string | undefined {
  const { env, platform, version, arch } = process;
  const { NODE_COMPILE_CACHE: told, NODE_DISABLE_COMPILE_CACHE: disabled } = env;
  if (disabled || !/^[a-z-]{0,30}$/.test(command)) return undefined;
  const folder = told || cacheFolder(platform, env, homeFolder());
  return folder && join(folder, `${version}-${arch}-${crc32(dirname(path)).toString(16)}`, command || 'none');
}

/** Where a system keeps what programs can make again; undefined if there is no home. */
export function cacheFolder(
  system: NodeJS.Platform,
  { LOCALAPPDATA, XDG_CACHE_HOME }: Readonly<NodeJS.ProcessEnv>,
  home: string | undefined,
): string | undefined {
  const at = (...path: string[]): string | undefined => (home ? join(home, ...path) : undefined);
  const base =
    system === 'win32'
      ? LOCALAPPDATA || at('AppData', 'Local')
      : XDG_CACHE_HOME || (system === 'darwin' ? at('Library', 'Caches') : at('.cache'));
  return base ? join(base, 'exrpipe') : undefined;
}

/** A process without a user has none. */
function homeFolder(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}
