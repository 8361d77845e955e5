import type { Terminal } from './terminal.ts';

/** A picture that is drawn over and over on a screen of its own, so that the terminal is as before when it is closed. */
export interface Screen extends Disposable {
  /** Something has changed: the picture is drawn anew within a moment. */
  readonly changed: () => void;
}

/** Other screen, no cursor, lines are cut rather than wrapped; and back. xterm's private modes, which all terminals know. */
const enter = '\u001b[?1049h\u001b[?25l\u001b[?7l';
const leave = '\u001b[?7h\u001b[?25h\u001b[?1049l';

const soonMs = 100;
/** Ages grow, and the terminal may have another size. */
const anywayMs = 1_000;

/** `picture` gives the text for so many lines. Close it, or the terminal stays without a cursor. */
export function openScreen({ out, rows }: Terminal, picture: (lines: number) => string): Screen {
  let soon: NodeJS.Timeout | undefined;
  const draw = (): void => {
    soon = undefined;
    const lines = rows?.() ?? 24;
    out(frame(picture(lines), lines));
  };
  out(enter);
  const anyway = setInterval(draw, anywayMs);
  return {
    changed() {
      soon ??= setTimeout(draw, soonMs);
    },
    [Symbol.dispose]() {
      clearInterval(anyway);
      clearTimeout(soon);
      out(leave);
    },
  };
}

/** What draws the text over the last one, in no more than so many lines; the last line says how many are left out. */
export function frame(text: string, lines: number): string {
  const all = text.trimEnd().split('\n');
  const room = Math.max(lines, 2);
  const shown = all.length <= room ? all : [...all.slice(0, room - 1), `... ${all.length - room + 1} more lines`];
  return `\u001b[H${shown.map((line) => `${line}\u001b[K`).join('\r\n')}\u001b[J`;
}
