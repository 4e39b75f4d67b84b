import { ExrError } from '../model/error.js';

const placeholder = /#+|@+|%0?(\d*)d/;

/** True for a path that stands for many: `shot.####.exr`, `shot.@@@@.exr`, `shot.%04d.exr`. */
export function isFramePattern(path: string): boolean {
  return placeholder.test(path);
}

/** The path for one frame. The number gets at least as many digits as the pattern asks for; a path without a pattern stays. */
export function framePath(pattern: string, frame: string | number | undefined): string {
  return pattern.replace(new RegExp(placeholder, 'g'), (marks, width: string | undefined) => {
    if (frame === undefined)
      throw new ExrError(
        'usage',
        'NO_FRAME',
        `"${pattern}" follows the frame, but the input has no frame number in its name`,
      );
    const number = Number(frame);
    const digits = marks.startsWith('%') ? Number(width || 1) : marks.length;
    return (number < 0 ? '-' : '') + String(Math.abs(number)).padStart(digits, '0');
  });
}
