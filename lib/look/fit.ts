/** How large an image is shown. */
import { parseAttribute } from '../format/attribute-types.js';
import { boxHeight, boxWidth } from '../format/geometry.js';
import type { Part } from '../model/header.js';
import type { Frame } from './band.js';

/** Pixels that the result may have at most, each way. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * The frame for a part's display window, or its data window: at its own size, or made smaller until it fits, never larger. Pixels that
 * are not square are stretched, so that the image has its right shape.
 */
export function frameOf(part: Part, window: 'display' | 'data', size: Size | undefined): Frame {
  const box = window === 'display' ? part.displayWindow : part.dataWindow;
  const [width, height] = [boxWidth(box), boxHeight(box)];
  const aspect = pixelAspect(part);
  const [wide, high] = aspect >= 1 ? [width * aspect, height] : [width, height / aspect];
  const scale = size ? Math.min(1, size.width / wide, size.height / high) : 1;
  const columns = Math.max(1, Math.round(wide * scale));
  const rows = Math.max(1, Math.round(high * scale));
  return { x: box.xMin, y: box.yMin, width, height, columns, rows };
}

/** The size of each of some views that stand side by side in one. */
export function sizePerView({ width, height }: Size, views: number): Size {
  return { width: Math.max(1, Math.floor(width / views)), height };
}

/** Width of a pixel by its height; 1 where the file has no sensible value. */
export function pixelAspect({ attributes }: Pick<Part, 'attributes'>): number {
  const attribute = attributes.get('pixelAspectRatio');
  if (attribute?.type !== 'float' || attribute.value.length !== 4) return 1;
  const value = Number(parseAttribute('float', attribute.value));
  return value >= 0.01 && value <= 100 ? value : 1;
}
