import fc from 'fast-check';
import type { Test } from 'tap';

/** Asserts that a property holds, as one assertion of the test. */
export function holds<Values>(t: Test, property: fc.IProperty<Values>, parameters?: fc.Parameters<Values>): void {
  t.doesNotThrow(() => fc.assert(property, parameters));
}
