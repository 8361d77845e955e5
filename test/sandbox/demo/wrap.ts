/**
 * A line in lines that a terminal of that width holds, broken between words; a word alone that is longer stays whole. What
 * follows an indented line is indented two more; a command, after `$ `, goes on after a backslash, as one types it.
 */
export function wrapped(line: string, width: number): string[] {
  if (line.length <= width) return [line];
  const [indent = ''] = /^ */.exec(line) ?? [];
  const isCommand = line.startsWith('$ ');
  const room = isCommand ? width - 2 : width;
  const lines: string[] = [];
  let current = '';
  for (const [piece] of line.slice(indent.length).matchAll(/\S+\s*/g)) {
    const word = piece.trimEnd();
    if (current !== '' && `${current}${word}`.length > room) {
      lines.push(current.trimEnd());
      current = indent === '' && !isCommand ? '' : `${indent}  `;
    } else if (current === '' && lines.length === 0) current = indent;
    current += piece;
  }
  lines.push(current.trimEnd());
  return isCommand ? lines.map((text, index) => (index < lines.length - 1 ? `${text} \\` : text)) : lines;
}

/** A line cut between words, with … where something is left out. */
export function shortened(line: string, width: number): string {
  if (line.length <= width) return line;
  const start = line.slice(0, width - 1);
  const end = start.lastIndexOf(' ');
  return `${(end > width / 2 ? start.slice(0, end) : start).trimEnd()}…`;
}
