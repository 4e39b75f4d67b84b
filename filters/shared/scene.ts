import { readSceneFile, type SceneFile } from '../../lib/cryptomatte/index.js';
import { longestName, makeStringAttribute, textLength } from '../../lib/format/index.js';
import { ExrError, type FilterContext, type Header, isExrError } from '../../lib/index.js';
import { describesPixels } from './attributes.js';
import { standardType } from './standard-attributes.js';

/** Reads a scene file, and checks that its attributes may be written. Throws `invalid` with the file's path. */
export async function openSceneFile(path: string, context: FilterContext): Promise<SceneFile> {
  try {
    const scene = readSceneFile(await context.readFile(path));
    for (const name of scene.attributes.keys()) checkAttribute(name);
    return scene;
  } catch (error) {
    throw isExrError(error) ? error.at({ file: path }) : error;
  }
}

/** The header with a scene file's attributes in part 0, where Blender keeps what it knows of a frame, and readers look for it. */
export function withSceneAttributes(header: Header, { attributes }: SceneFile): Header {
  if (attributes.size === 0) return header;
  const texts = [...attributes].map(([name, text]) => [name, makeStringAttribute(text)] as const);
  const parts = header.parts.map((part, number) =>
    number === 0 ? { ...part, attributes: part.attributes.merge(texts) } : part,
  );
  return { ...header, parts };
}

/** What describes the pixels, or is no string to readers, is not accepted from a file of names. */
function checkAttribute(name: string): void {
  const type = standardType(name);
  const problem =
    name === '' || name.includes('\0') || textLength(name) > longestName
      ? `an attribute name has 1 to ${longestName} bytes, none of them zero`
      : describesPixels(name)
        ? 'it describes the pixels or how they are stored'
        : type !== undefined && type !== 'string'
          ? `readers expect the type ${type}`
          : undefined;
  if (problem !== undefined)
    throw new ExrError('invalid', 'BAD_SCENE_FILE', `"attributes": "${name}" cannot be set: ${problem}`, {
      where: { attribute: name },
      hint: 'Remove it; "set-attribute" writes attributes of every type.',
    });
}
