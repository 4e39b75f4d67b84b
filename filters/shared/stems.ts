import { type FilterContext, type Part, sourcePlanes } from '../../lib/index.js';

/** The name of the file that a part came in, without folder, frame and ending; undefined for a part of nothing that arrived. */
export function stemsOf({ inputs }: Pick<FilterContext, 'inputs'>): (part: Part) => string | undefined {
  return (part) => {
    const plane = part.channels.flatMap(sourcePlanes)[0]?.part;
    return inputs.find(({ parts }) => plane !== undefined && parts.includes(plane))?.stem;
  };
}
