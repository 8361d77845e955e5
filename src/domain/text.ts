/** The first `maxLength` characters, without half a character at the end, which Kubernetes would replace. */
export function truncated(text: string, maxLength: number): string {
  return text.slice(0, maxLength).replace(/[\ud800-\udbff]$/, '');
}

/** At most `maxLength` characters of the text, the last of them an ellipsis if something was left out. */
export function shortened(text: string, maxLength: number): string {
  return text.length > maxLength ? `${truncated(text, maxLength - 1)}…` : text;
}

/** Control characters (line breaks, terminal escapes) and the separators that some programs take for line breaks. */
const controls = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
/** Marks that turn the direction of the text around them, or of all that follows, as a regular expression's class has them. */
export const directionMarks = String.raw`\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069`;
const directions = new RegExp(`[${directionMarks}]`, 'g');

/**
 * Somebody else's text as it may be shown in status, Events, logs and terminals: one line without controls, no longer
 * than `maxLength` characters. Lone surrogates are replaced here, because Kubernetes would replace them and the stored
 * text would differ from ours.
 */
export function plainText(text: string, maxLength: number): string {
  // A long text costs no time: only four times as much as may stay is looked at, for some of it is taken out.
  const shown = text
    .slice(0, 4 * maxLength)
    .toWellFormed()
    .replace(directions, '')
    .replace(controls, ' ')
    .trim();
  return truncated(shown, maxLength);
}
