import { styleText } from 'node:util';

/** Something to write to: process.stdout fits. */
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

type Style = Parameters<typeof styleText>[0];
export interface Line {
  readonly text: string;
  readonly style?: Style;
}

export interface Screen {
  /** Whether lines can be drawn over: true on a terminal. */
  readonly interactive: boolean;
  /** Writes a line that stays, above what is live. */
  say(text?: string, style?: Style): void;
  /** Shows live lines in place of the last ones; does nothing where lines cannot be drawn over. */
  live(lines: readonly Line[]): void;
  /** Shows work that takes a moment as one line with the time it took; while it lasts, only on a terminal. */
  step<T>(doing: string, work: () => Promise<T>, done: (result: T) => string): Promise<T>;
  /** Writes the line that ends a step: what is true now, and after how long. */
  done(text: string, startedMs: number): void;
}

/** The column at which times end: any terminal is as wide. */
const width = 79;
const tickMs = 200;

export function openScreen(output: Output, clock: () => number = Date.now): Screen {
  const interactive = output.isTTY === true;
  let shown: readonly Line[] = [];

  const paint = ({ text, style }: Line): string =>
    style === undefined ? text : styleText(style, text, { stream: output });
  const erase = (): string => (shown.length === 0 ? '' : `\x1b[${shown.length}A\r\x1b[J`);
  const block = (): string => shown.map((line) => `${paint(line)}\n`).join('');
  /**
   * A live line cut to the screen's width: one that wrapped would be two, and drawing over it would leave the first.
   */
  const cut = (line: Line): Line => ({ ...line, text: line.text.slice(0, Math.max((output.columns ?? 80) - 1, 20)) });

  const screen: Screen = {
    interactive,
    say(text = '', style) {
      const line = paint(style === undefined ? { text } : { text, style });
      output.write(`${erase()}${line}\n${block()}`);
    },
    live(lines) {
      if (!interactive) return;
      const clear = erase();
      shown = lines.map(cut);
      output.write(`${clear}${block()}`);
    },
    async step(doing, work, done) {
      const startedMs = clock();
      const draw = (): void => screen.live([{ text: `  … ${timed(doing, clock() - startedMs)}`, style: 'dim' }]);
      draw();
      const timer = setInterval(draw, tickMs);
      try {
        const result = await work();
        screen.live([]);
        screen.done(done(result), startedMs);
        return result;
      } finally {
        clearInterval(timer);
        screen.live([]);
      }
    },
    done(text, startedMs) {
      const mark = paint({ text: '✓', style: 'green' });
      screen.say(`  ${mark} ${timed(text, clock() - startedMs)}`);
    },
  };
  return screen;
}

function timed(text: string, ms: number): string {
  const time = elapsed(ms);
  return `${text.padEnd(width - 4 - time.length - 2)}  ${time}`;
}

/** A time for people: `3.2 s`, `4 min 05 s`. */
export function elapsed(ms: number): string {
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}
