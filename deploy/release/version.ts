/** Major, minor, patch, and what a pre-release is called and its number: 1.2.0-rc.1. */
const form = /^(\d+)\.(\d+)\.(\d+)(?:-([a-z]+)\.(\d+))?$/;

export const isVersion = (text: string): boolean => form.test(text);

/** Order of semantic versioning (https://semver.org, 11), for versions of this form. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (const [index, part] of left.entries()) {
    const other = right[index] ?? 0;
    if (part !== other) return part < other ? -1 : 1;
  }
  return 0;
}

/** The greatest, if there is one; what is no version is passed over. */
export function latest(versions: readonly string[]): string | undefined {
  return versions.filter(isVersion).toSorted(compareVersions).at(-1);
}

function partsOf(version: string): readonly (number | string)[] {
  const [, major, minor, patch, name, number] = form.exec(version) ?? [];
  // A version comes after all its pre-releases: ~ comes after every letter.
  return [Number(major), Number(minor), Number(patch), name ?? '~', Number(number ?? 0)];
}
