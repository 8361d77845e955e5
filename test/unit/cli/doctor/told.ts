import type { Check } from '../../../../src/cli/doctor/finding.ts';

/** `failing: it does not run …` for each check. */
export const told = (checks: readonly Check[]) => checks.map(({ verdict, says }) => `${verdict}: ${says}`);
