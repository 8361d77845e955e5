/** A moment as metav1.Time writes it: RFC 3339 in whole seconds. */
export function stamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
