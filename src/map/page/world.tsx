import { land } from './world.generated.ts';

/** Nobody lives south of this on the plane, and no region is there: Antarctica would only take room. */
const southernmost = 425;

const inhabited = land
  .split('M')
  .filter((ring) => ring !== '' && [...ring.matchAll(/,([\d.]+)/g)].some(([, y]) => Number(y) < southernmost))
  .map((ring) => `M${ring}`)
  .join('');

/** The land. One value, so that it is drawn once, and moved and enlarged as a whole. */
export const world = <path class="land" d={inhabited} />;
