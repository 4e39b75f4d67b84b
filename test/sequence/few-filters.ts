/** The filters that killed runs use: loading all would take most of their time. */
export { rename } from '../../filters/rename.js';
export { split } from '../../filters/split.js';
