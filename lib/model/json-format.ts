/**
 * The version of everything that is written as JSON: lines of `info` and `validate`, events and reports of sequences
 * (docs/json.md). Fields may be added under the same number; one that goes, or means something else, makes it 2.
 */
export const jsonFormat = 1;
