/** The beginning, without half a character at its end: Kubernetes would store another text than was meant. */
export function cut(text: string, maxLength: number): string {
  return text.slice(0, maxLength).replace(/[\ud800-\udbff]$/, '');
}

/** The same, and an ellipsis that says so. */
export function shortened(text: string, maxLength: number): string {
  return text.length > maxLength ? `${cut(text, maxLength - 1)}…` : text;
}
