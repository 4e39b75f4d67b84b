/**
 * Scene files: the names of a scene as the program that renders it knows them, for `inject-manifest --scene` (docs/scene.md). One
 * JSON document serves every Cryptomatte of a frame. It holds names and no IDs; those are computed here.
 */
import { type CryptomatteKind, cryptomatteKinds } from '../layers/kinds.js';
import { ExrError } from '../model/error.js';
import { decodeText } from '../model/text.js';
import { nameBits } from './hash.js';
import type { NameSource } from './inject.js';
import type { Manifest } from './manifest.js';

/** A view layer, and what its Cryptomattes may show. */
export interface SceneViewLayer {
  readonly scene: string;
  readonly name: string;
  readonly names: Readonly<Record<CryptomatteKind, readonly string[]>>;
}

/** A Cryptomatte of the frame: what its IDs stand for, and the view layers that it was rendered from. */
export interface SceneSet {
  readonly name: string;
  readonly kind: CryptomatteKind;
  readonly viewLayers: readonly SceneViewLayer[];
}

/** The names of a scene that a program has written while it rendered (docs/scene.md). */
export interface SceneFile {
  readonly viewLayers: readonly SceneViewLayer[];
  readonly sets: readonly SceneSet[];
  /** String attributes for part 0, where Blender has its own. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** The version of the schema that is read. */
const knownVersion = 1;

/** Where the file lists the names of a kind. */
const listOf = { object: 'objects', material: 'materials', asset: 'assets' } as const satisfies Record<
  CryptomatteKind,
  string
>;

/**
 * Reads a scene file.
 *
 * @throws ExrError of kind `invalid` BAD_SCENE_FILE that names the wrong value, `unsupported` for another version.
 */
export function readSceneFile(bytes: Uint8Array): SceneFile {
  const root = fieldsOf(parse(decodeText(bytes)), 'the file');
  const version = root.get('version');
  if (version !== knownVersion)
    throw version === undefined || typeof version !== 'number'
      ? wrong('"version" must be the number 1')
      : new ExrError('unsupported', 'SCENE_VERSION', `version ${version} of scene files is not known`, {
          hint: `This exrpipe reads version ${knownVersion}: bring it and the program that wrote the file to the same release.`,
        });
  refuseOthers(root, ['version', 'viewLayers', 'sets', 'attributes'], 'the file');
  const viewLayers = listAt(root, 'viewLayers', 'the file').map(readViewLayer);
  const known = new Map(viewLayers.map((one) => [identity(one), one]));
  if (known.size < viewLayers.length) throw wrong('"viewLayers" lists a view layer of one scene twice');
  const sets = root.has('sets') ? listAt(root, 'sets', 'the file').map((value, at) => readSet(value, at, known)) : [];
  if (new Set(sets.map(({ name }) => name)).size < sets.length) throw wrong('"sets" lists a Cryptomatte twice');
  return { viewLayers, sets, attributes: readAttributes(root.get('attributes')) };
}

/**
 * What a scene file holds for each Cryptomatte: those that it lists, and `LAYER.CryptoObject`, … of each view layer, as Blender
 * names them, for files that are not listed.
 */
export function sceneSources({ viewLayers, sets }: SceneFile, path: string): NameSource[] {
  const manifests = new Map<string, Manifest>();
  const manifestOf = (layers: readonly SceneViewLayer[], kind: CryptomatteKind): Manifest => {
    // Views and passes of one view layer come in many sets, and a hash for each of ten thousand names is made once.
    const key = JSON.stringify([kind, layers.map(identity)]);
    const known = manifests.get(key) ?? hashed(layers, kind);
    manifests.set(key, known);
    return known;
  };
  const source = (name: string, kind: CryptomatteKind, layers: readonly SceneViewLayer[]): NameSource => ({
    label: `${path}: ${layers.map((layer) => layer.name).join(' + ')}, ${listOf[kind]}`,
    name,
    group: JSON.stringify([path, layers.map(identity)]),
    names: manifestOf(layers, kind),
    text: undefined,
  });
  const listed = new Set(sets.map(({ name }) => name));
  const usual = viewLayers.flatMap((layer) =>
    cryptomatteKinds.map((kind) =>
      source(`${layer.name}.Crypto${kind[0]?.toUpperCase()}${kind.slice(1)}`, kind, [layer]),
    ),
  );
  return [
    ...sets.map((set) => source(set.name, set.kind, set.viewLayers)),
    ...usual.filter(({ name }) => !listed.has(name)),
  ];
}

function hashed(layers: readonly SceneViewLayer[], kind: CryptomatteKind): Manifest {
  return new Map(layers.flatMap(({ names }) => names[kind].map((name): [string, number] => [name, nameBits(name)])));
}

const identity = ({ scene, name }: Pick<SceneViewLayer, 'scene' | 'name'>): string => JSON.stringify([scene, name]);

type Fields = ReadonlyMap<string, unknown>;

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (cause) {
    throw wrong(`it is not JSON: ${cause instanceof Error ? cause.message : cause}`);
  }
}

function readViewLayer(value: unknown, at: number): SceneViewLayer {
  const where = `"viewLayers", entry ${at}`;
  const fields = fieldsOf(value, where);
  refuseOthers(fields, ['scene', 'name', ...Object.values(listOf)], where);
  const names = (kind: CryptomatteKind): string[] => {
    const list = fields.has(listOf[kind]) ? listAt(fields, listOf[kind], where) : [];
    return list.map((name) => {
      if (typeof name !== 'string' || name === '') throw wrong(`"${listOf[kind]}" must be a list of names`, where);
      return name;
    });
  };
  return {
    scene: textAt(fields, 'scene', where),
    name: textAt(fields, 'name', where),
    names: { object: names('object'), material: names('material'), asset: names('asset') },
  };
}

function readSet(value: unknown, at: number, known: ReadonlyMap<string, SceneViewLayer>): SceneSet {
  const where = `"sets", entry ${at}`;
  const fields = fieldsOf(value, where);
  refuseOthers(fields, ['name', 'kind', 'viewLayers'], where);
  const kind = cryptomatteKinds.find((one) => one === fields.get('kind'));
  if (!kind) throw wrong(`"kind" must be one of ${cryptomatteKinds.join(', ')}`, where);
  const viewLayers = listAt(fields, 'viewLayers', where).map((one) => {
    const place = `${where}, "viewLayers"`;
    const names = fieldsOf(one, place);
    refuseOthers(names, ['scene', 'name'], place);
    const wanted = { scene: textAt(names, 'scene', place), name: textAt(names, 'name', place) };
    const found = known.get(identity(wanted));
    if (!found)
      throw wrong(`the view layer "${wanted.name}" of the scene "${wanted.scene}" is not among "viewLayers"`, where);
    return found;
  });
  return { name: textAt(fields, 'name', where), kind, viewLayers };
}

function readAttributes(value: unknown): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  if (value === undefined) return texts;
  for (const [name, text] of fieldsOf(value, '"attributes"')) {
    if (typeof text !== 'string') throw wrong(`"${name}" must be a text`, '"attributes"');
    texts.set(name, text);
  }
  return texts;
}

function fieldsOf(value: unknown, where: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(`${where} must be an object`);
  return new Map(Object.entries(value));
}

function refuseOthers(fields: Fields, allowed: readonly string[], where: string): void {
  for (const name of fields.keys()) if (!allowed.includes(name)) throw wrong(`"${name}" has no meaning here`, where);
}

function listAt(fields: Fields, name: string, where: string): readonly unknown[] {
  const value = fields.get(name);
  if (!Array.isArray(value)) throw wrong(`"${name}" must be a list`, where);
  return value;
}

function textAt(fields: Fields, name: string, where: string): string {
  const value = fields.get(name);
  if (typeof value !== 'string' || value === '') throw wrong(`"${name}" must be a text that is not empty`, where);
  return value;
}

function wrong(what: string, where?: string): ExrError {
  return new ExrError('invalid', 'BAD_SCENE_FILE', where === undefined ? what : `${where}: ${what}`, {
    hint: 'docs/scene.md describes scene files.',
  });
}
