/** Pixels of the stored world: degrees are as long in both directions (equirectangular). */
export const width = 312;
export const height = 128;

/** The latitude of the upper edge: north of it nobody lives. The lower edge is at 64 degrees south. */
const north = 84;
const pixelsPerDegree = width / 360;

/** The place in pixels from the upper left, in fractions. */
export function pixelOf([longitude, latitude]: readonly [number, number]): readonly [x: number, y: number] {
  return [(longitude + 180) * pixelsPerDegree, (north - latitude) * pixelsPerDegree];
}
