const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** How long it lasts: `42 s`, `12 min 05 s`, `3 h 20 min`, `2 d 4 h`. Clocks that differ make it 0. */
export function elapsed(since: string, now: Date): string {
  const seconds = secondsSince(since, now);
  const largest = units.findIndex(([, size]) => seconds >= size);
  const [unit, size] = units[largest] ?? (['s', 1] as const);
  const first = `${Math.floor(seconds / size)} ${unit}`;
  const [smaller, smallerSize] = units[largest + 1] ?? [];
  if (smaller === undefined || smallerSize === undefined || largest === -1) return first;
  const rest = Math.floor((seconds % size) / smallerSize);
  if (smaller === 's') return `${first} ${String(rest).padStart(2, '0')} s`;
  return rest === 0 ? first : `${first} ${rest} ${smaller}`;
}

/** The same in its largest unit only, in words for who listens: `12 minutes`. */
export function roughly(since: string, now: Date): string {
  const seconds = secondsSince(since, now);
  const words = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ] as const;
  const [word, size] = words.find(([, size]) => seconds >= size) ?? [];
  if (word === undefined || size === undefined) return 'less than a minute';
  const many = Math.floor(seconds / size);
  return `${many} ${word}${many === 1 ? '' : 's'}`;
}

function secondsSince(since: string, now: Date): number {
  const seconds = Math.floor((now.getTime() - Date.parse(since)) / 1_000);
  return Number.isFinite(seconds) ? Math.max(seconds, 0) : 0;
}
