import type { NoticeReporter } from '../cryptomatte/carry.js';
import { reportScattered, settle } from '../cryptomatte/settle.js';
import { reportUnseen } from '../cryptomatte/still-seen.js';
import type { ExrDocument } from '../engine/document.js';
import { partView } from '../format/attribute-types.js';
import { colourAttribute } from '../layers/colour.js';
import { isProgram, type Program } from '../layers/seen-by/program.js';
import { isSetAttribute } from '../layers/set-attributes.js';
import { viewLayersAttribute } from '../layers/view-layers.js';
import { ExrError } from '../model/error.js';
import type { Header, Part } from '../model/header.js';
import { portablePath, safeName } from '../model/path.js';
import { isTokenWord, listTokens, replaceTokens, type TokenWord, tokenWords } from '../model/tokens.js';
import { formatOf, openExrFormat } from './formats.js';
import { foreignFrameIn, formatFrame, parseFramePath, spellingHint } from './frame-path.js';
import type { OutputFormat } from './sink.js';

/** One output file: its header and which of the document's wanted parts it takes. */
export interface Route {
  /** Undefined for the single stream that everything goes to. */
  readonly path: string | undefined;
  readonly header: Header;
  readonly parts: readonly number[];
  readonly format: OutputFormat;
}

/** Tokens with one value per part: they spread a document over several files. */
const partWords: readonly TokenWord[] = ['layer', 'part', 'name', 'view'];

/** True for a pattern by which one document can go to several files. */
export function hasPartTokens(pattern: string): boolean {
  return partWords.some((word) => pattern.includes(`{${word}}`)) || pattern.includes('%V');
}

/**
 * Where a document's parts go. A pattern with `{layer}` (what a split was by), `{name}` (the part's name, and `{layer}` too where
 * nothing was split into several parts), `{part}` (its number) or `{view}` (also `%V`: the part's view, else that of the input's name) makes a file for each; parts whose paths are the
 * same share one. `{stem}` and `{frame}` (also `####`, `%04d`) come from the input. The pattern's ending decides what format the
 * files have; throws `usage` for one that stands for none of `formats`.
 */
export function routeParts(
  document: ExrDocument,
  pattern: string | undefined,
  formats?: readonly OutputFormat[],
): Route[] {
  const { header, inputs } = document;
  const format = pattern === undefined ? openExrFormat : formatOf(pattern, formats);
  const all = header.parts.map((_, part) => part);
  if (pattern === undefined || !hasPartTokens(pattern)) {
    const path = pattern === undefined ? undefined : renderPath(pattern, { ...inputTokens(document) });
    return [{ path, header, parts: all, format }];
  }
  const routes = new Map<string, number[]>();
  for (const part of all) {
    const { name = `part${part}`, output = name } = header.parts[part] ?? {};
    const view = partView(header.parts[part]) ?? inputs[0]?.view;
    const path = renderPath(pattern, {
      ...inputTokens(document),
      layer: output,
      name,
      part: String(part),
      ...(view !== undefined && { view }),
    });
    routes.set(path, [...(routes.get(path) ?? []), part]);
  }
  return [...routes].map(([path, parts]) => ({ path, parts, header: subset(header, parts), format }));
}

/**
 * The routes with headers completed for their files, whose contents are known only now. Reports what programs will no longer
 * find; `programs` are those that matter, all if it is empty.
 */
export function settleRoutes(
  routes: readonly Route[],
  { header, arrived, inputs }: Pick<ExrDocument, 'header' | 'arrived' | 'inputs'>,
  report: NoticeReporter,
  programs: readonly Program[] = [],
): Route[] {
  if (routes.length === 1 && isSameToPrograms(header, arrived)) return [...routes];
  const settled = routes.map((route) => ({
    ...route,
    header: settle(singled(route.header, arrived), header, report),
  }));
  reportScattered(
    header,
    routes.map(({ parts }) => parts),
    report,
  );
  reportUnseen(
    inputs.map(({ parts }) => ({ parts: parts.flatMap((part) => arrived.parts[part] ?? []) })),
    settled.map((route) => route.header),
    report,
    [...programs, ...(header.madeFor ?? []).filter(isProgram)],
  );
  return settled;
}

/** Attributes that decide how programs read names and IDs, besides those of Cryptomattes. */
const readingAttributes = [
  'view',
  'multiView',
  'chromaticities',
  'acesImageContainerFlag',
  colourAttribute,
  viewLayersAttribute,
];

/** Whether nothing has changed that settling checks: unchanged input passes as it is, and most frames need no more than this. */
function isSameToPrograms({ parts }: Header, arrived: Header): boolean {
  return (
    parts.length === arrived.parts.length &&
    parts.every((part, number) => {
      const old = arrived.parts[number] as Part;
      if (part === old) return true;
      if (part.channels !== old.channels || part.name !== old.name || part.dataWindow !== old.dataWindow) return false;
      const decides = (name: string): boolean => isSetAttribute(name) || readingAttributes.includes(name);
      const [now, then] = [part, old].map(({ attributes }) => [...attributes].filter(([name]) => decides(name)));
      return (
        now?.length === then?.length &&
        now?.every(([name, attribute], at) => name === then?.[at]?.[0] && attribute === then[at][1])
      );
    })
  );
}

/** A file of a single part that was one of several when it arrived. */
function singled(file: Header, arrived: Header): Header {
  return file.multiPart || file.parts.length > 1 || !arrived.multiPart
    ? file
    : { ...file, parts: file.parts.map(alone) };
}

function subset(header: Header, parts: readonly number[]): Header {
  const chosen = parts.map((part) => header.parts[part]).filter((part) => part !== undefined);
  const whole = header.parts.length === parts.length;
  return {
    ...header,
    multiPart: parts.length > 1 || (header.multiPart && whole),
    parts: whole || parts.length > 1 ? chosen : chosen.map(alone),
  };
}

/**
 * A part that leaves a multi-part file for one of its own, without what only multi-part files need; the writer adds that where
 * required.
 */
function alone(part: Part): Part {
  return { ...part, attributes: part.attributes.without('chunkCount').without('type') };
}

function inputTokens({ inputs }: ExrDocument): Partial<Record<TokenWord, string>> {
  const [first] = inputs;
  return { stem: first?.stem ?? 'stdin', ...(first?.frame !== undefined && { frame: first.frame }) };
}

/** Fills in a pattern. Values come from files, so they cannot leave the folder that the pattern names. */
export function renderPath(pattern: string, values: Partial<Record<TokenWord, string>>): string {
  const foreign = foreignFrameIn(pattern);
  if (foreign !== undefined)
    throw new ExrError('usage', 'UNKNOWN_TOKEN', `the output pattern has the unknown token ${foreign}`, {
      hint: spellingHint(pattern) ?? '',
    });
  const path = parseFramePath(pattern)
    .map((piece) => {
      if (typeof piece === 'string') return renderTokens(piece, values);
      const value = tokenValue(piece.token, values);
      return safeName(piece.token === 'frame' ? formatFrame(value, piece) : value);
    })
    .join('');
  return portablePath(path, pattern);
}

function renderTokens(text: string, values: Partial<Record<TokenWord, string>>): string {
  return replaceTokens(text, (word, whole) => {
    if (!isTokenWord(word))
      throw new ExrError('usage', 'UNKNOWN_TOKEN', `the output pattern has the unknown token ${whole}`, {
        hint: `Known: ${listTokens(tokenWords)}.`,
      });
    return safeName(tokenValue(word, values));
  });
}

function tokenValue(token: TokenWord, values: Partial<Record<TokenWord, string>>): string {
  const value = values[token];
  if (value !== undefined) return value;
  throw new ExrError('usage', 'NO_TOKEN_VALUE', `there is no value for {${token}} in the output pattern`, {
    hint: token === 'frame' ? 'The input has no frame number in its name.' : 'Remove the token.',
  });
}
