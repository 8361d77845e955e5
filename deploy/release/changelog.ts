/** CHANGELOG.md in the form of https://keepachangelog.com: sections under "## Unreleased" and "## 1.2.0 - 2026-11-22". */

/** What is written for the next release; empty when nothing is, or there is no such section. */
export const unreleased = (text: string): string => sectionOf(text, /^## Unreleased$/m);

/** What was written for this release; empty when there is no such section. */
export const notesOf = (text: string, version: string): string =>
  sectionOf(text, new RegExp(`^## ${version.replaceAll('.', '\\.')} - .*$`, 'm'));

/** With what was unreleased under the version's name and day, and an empty section above it. */
export function withRelease(text: string, version: string, day: string): string {
  return text.replace(/^## Unreleased$/m, `## Unreleased\n\n## ${version} - ${day}`);
}

function sectionOf(text: string, heading: RegExp): string {
  const [, after] = text.split(heading, 2);
  return after?.split(/^## /m, 1)[0]?.trim() ?? '';
}
