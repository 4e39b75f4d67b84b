import { posix } from 'node:path';
import {
  isCallExpression,
  isExportDeclaration,
  isExternalModuleReference,
  isImportDeclaration,
  isImportEqualsDeclaration,
  isLiteralTypeNode,
  isNewExpression,
  isStringLiteral,
  type Node,
  type SourceFile,
  SyntaxKind,
} from 'typescript/unstable/ast';
import { createVirtualFileSystem } from 'typescript/unstable/fs';
import { API } from 'typescript/unstable/sync';

/**
 * How a file imports: as it loads (`run`), while it runs (`dynamic`), for its types alone (`types`), or as a file that
 * something else will load, often a thread (`address`: `new URL('./worker.js', import.meta.url)`).
 */
export type How = 'run' | 'dynamic' | 'types' | 'address';

export interface Import {
  /** The file that imports, from the repository's root: `lib/io/open.ts`. */
  readonly file: string;
  readonly line: number;
  /** The imported file, from the root as well; otherwise a package as the source names it: `openexr-wasm/core`. */
  readonly target: string;
  readonly kind: 'file' | 'package';
  readonly how: How;
}

/** Source text by path from the repository's root. */
export type Sources = Readonly<Record<string, string>>;

/** Where the compiler sees the sources, and nothing else: what it finds depends on them alone. */
const root = '/repository';

/**
 * Everything that sources import. TypeScript's own parser reads them, so that comments, strings and templates that merely
 * look like imports are none. Its JavaScript API is called "unstable", so only this file uses it.
 * With `verbatimModuleSyntax`, `import { type A }` still loads the module, so it counts as `run`; `import type` does not.
 */
export function readImports(sources: Sources): Import[] {
  const names = Object.keys(sources);
  // Neither the libraries nor imported files are needed to parse.
  const config = { compilerOptions: { noLib: true, noResolve: true, types: [] }, files: names };
  const files = Object.fromEntries(names.map((name) => [`${root}/${name}`, sources[name] ?? '']));
  const fs = createVirtualFileSystem({ ...files, [`${root}/tsconfig.json`]: JSON.stringify(config) });
  const api = new API({ cwd: root, fs });
  try {
    const program = api.updateSnapshot({ openProjects: [`${root}/tsconfig.json`] }).getProjects()[0]?.program;
    // A file that does not parse could hide imports.
    for (const { fileName, text } of program?.getSyntacticDiagnostics() ?? [])
      throw new Error(`${fileName?.slice(root.length + 1)} does not parse: ${text}`);
    return names.flatMap((name) => {
      const source = program?.getSourceFile(`${root}/${name}`);
      if (!source) throw new Error(`TypeScript does not read ${name}`);
      // Addresses also lead to what is built, which is no source.
      return importsOf(name, source).filter(({ how, target }) => how !== 'address' || target in sources);
    });
  } finally {
    api.close();
  }
}

function importsOf(file: string, source: SourceFile): Import[] {
  return [
    ...source.imports.map((specifier) => ({ specifier, how: howOf(specifier) })),
    ...addresses(source).map((specifier) => ({ specifier, how: 'address' as const })),
  ]
    .map((found) => ({ ...found, at: found.specifier.getStart(source) }))
    .sort((one, other) => one.at - other.at)
    .map(({ specifier, how, at }) => ({
      file,
      line: source.text.slice(0, at).split('\n').length,
      ...targetOf(file, textOf(specifier)),
      how,
    }));
}

/** A relative specifier names the compiled file; its source has the same name. */
function targetOf(file: string, specifier: string): Pick<Import, 'target' | 'kind'> {
  if (!specifier.startsWith('.')) return { target: specifier, kind: 'package' };
  return { target: posix.join(posix.dirname(file), specifier).replace(/\.js$/, '.ts'), kind: 'file' };
}

function textOf(specifier: Node): string {
  return 'text' in specifier && typeof specifier.text === 'string' ? specifier.text : '';
}

function howOf({ parent }: Node): How {
  if (isCallExpression(parent)) return 'dynamic';
  if (isLiteralTypeNode(parent)) return 'types';
  if (isImportDeclaration(parent))
    return parent.importClause?.phaseModifier === SyntaxKind.TypeKeyword ? 'types' : 'run';
  if (isExportDeclaration(parent)) return parent.isTypeOnly ? 'types' : 'run';
  if (isExternalModuleReference(parent) && isImportEqualsDeclaration(parent.parent))
    return parent.parent.isTypeOnly ? 'types' : 'run';
  return 'run';
}

/** The first arguments of `new URL('….js', import.meta.url)`. */
function addresses(source: SourceFile): Node[] {
  // Few files have one; the others need not be searched node by node.
  if (!source.text.includes('import.meta.url')) return [];
  const found: Node[] = [];
  const visit = (node: Node): void => {
    if (isNewExpression(node) && node.expression.getText(source) === 'URL') {
      const [path, base] = node.arguments ?? [];
      if (
        path &&
        base &&
        isStringLiteral(path) &&
        /^\..*\.js$/.test(path.text) &&
        base.getText(source) === 'import.meta.url'
      )
        found.push(path);
    }
    node.forEachChild(visit);
  };
  visit(source);
  return found;
}
