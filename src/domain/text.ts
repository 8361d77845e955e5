/** The first `maxLength` characters, without half a character at the end: Kubernetes would store another text than was meant. */
export function truncated(text: string, maxLength: number): string {
  return text.slice(0, maxLength).replace(/[\ud800-\udbff]$/, '');
}

/** The same, with an ellipsis in place of what was left out. */
export function shortened(text: string, maxLength: number): string {
  return text.length > maxLength ? `${truncated(text, maxLength - 1)}…` : text;
}

/** C0 and C1 controls (line breaks, terminal escapes) and the separators that some programs take for line breaks. */
const controls = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
/** Marks that turn the direction of the text around them, or of all that follows, as a regular expression's class has them. */
export const directionMarks = String.raw`\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069`;
const directions = new RegExp(`[${directionMarks}]`, 'g');

/**
 * Somebody else's text as it may be shown in status, Events, logs and terminals: one line without controls, no longer
 * than `maxLength` characters. Kubernetes replaces lone surrogates, so they are replaced here: what is stored is what was
 * meant.
 */
export function plainText(text: string, maxLength: number): string {
  // Four times as much is looked at as may stay: what is taken out counts for nothing, and a long text costs no time.
  const shown = text
    .slice(0, 4 * maxLength)
    .toWellFormed()
    .replace(directions, '')
    .replace(controls, ' ')
    .trim();
  return truncated(shown, maxLength);
}
