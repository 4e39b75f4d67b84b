/** Modules of a user, loaded by name. */
import { access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { ExrError } from '../model/error.js';
import { join, pathToFileURL, resolve } from './paths.js';
import { importModule } from './program-files.js';

/** A path rather than the name of a package: it leads somewhere from the folder, is absolute, or ends as a module's file does. */
const path = /^\.{0,2}[\\/]|^[a-z]:[\\/]|\.[cm]?[jt]s$/i;

/**
 * The address (a URL) of a module that is named by a path, a URL, or the name of a package. A path is relative to
 * `folder`, and a package is looked for from there, then where exrpipe itself is installed.
 * @throws ExrError `usage` where there is no such module.
 */
export async function moduleAddress(name: string | URL, folder: string): Promise<string> {
  if (name instanceof URL || /^[a-z]{2,}:/i.test(name)) {
    const { href, protocol } = new URL(name);
    return protocol === 'file:' ? fileAddress(fileURLToPath(href), href) : href;
  }
  if (path.test(name)) return fileAddress(resolve(folder, name), name);
  return packageAddress(name, folder);
}

async function fileAddress(file: string, name: string): Promise<string> {
  try {
    await access(file);
  } catch (cause) {
    throw notThere(name, 'there is no such file', 'Check the path.', cause);
  }
  return pathToFileURL(file).href;
}

function packageAddress(name: string, folder: string): string {
  let error: unknown;
  for (const place of [join(resolve(folder), 'package.json'), fileURLToPath(import.meta.url)])
    try {
      return pathToFileURL(createRequire(place).resolve(name)).href;
    } catch (cause) {
      error ??= cause;
      if (codeOf(cause) !== 'MODULE_NOT_FOUND') break;
    }
  if (codeOf(error) === 'MODULE_NOT_FOUND')
    throw notThere(
      name,
      'there is no such package',
      `Install it (npm install ${name}), or write ./${name} for a file.`,
      error,
    );
  throw notThere(
    name,
    'its package.json exports nothing under the condition "default"',
    'Name the file inside the package instead, such as ./node_modules/…/index.js.',
    error,
  );
}

/** The file of a module for people; its address where it is none. */
export function modulePath(address: string): string {
  return address.startsWith('file:') ? fileURLToPath(address) : address;
}

function notThere(file: string, message: string, hint: string, cause: unknown): ExrError {
  return new ExrError('usage', 'NO_MODULE', message, { where: { file }, hint, cause });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** What a module exports, by its address. @throws ExrError `invalid` where it, or what it imports, cannot be loaded. */
export async function loadModule(address: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await importModule(address);
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    const [, line] = (cause instanceof Error && cause.stack?.split(address)[1]?.match(/^:(\d+)/)) || [];
    const [, missing] = /^Cannot find package '([^']+)'/.exec(text) ?? [];
    throw new ExrError('invalid', 'BAD_MODULE', `this module cannot be loaded: ${text}`, {
      where: { file: `${modulePath(address)}${line === undefined ? '' : `:${line}`}` },
      cause,
      ...(missing !== undefined && { hint: `Run "npm install ${missing}" in the folder of the module.` }),
    });
  }
}
