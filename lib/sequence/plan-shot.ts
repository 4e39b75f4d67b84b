import { Claims } from './claims.js';
import type { ItemPlan } from './items.js';
import type { SequenceOptions } from './options.js';
import { makeSettings, openSource } from './setup.js';
import type { ItemSource } from './source.js';
import { checkSurveys } from './survey.js';

/** The frames of a shot that somebody else is to process. */
export interface ShotSource {
  /** Hands out the frames; while watching, as they come. */
  readonly source: ItemSource;
  /** Undefined while watching. */
  readonly plan: ItemPlan | undefined;
}

/**
 * Finds the frames that `runSequence` would process, with everything checked that it checks before the first frame. Nothing is
 * written. Throws `usage` and `io` as it does.
 */
export async function planShot(options: SequenceOptions): Promise<ShotSource> {
  checkSurveys(options);
  return openSource(options, await makeSettings(options), new Claims());
}
