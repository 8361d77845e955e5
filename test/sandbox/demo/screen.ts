import { styleText } from 'node:util';
import { shortened, wrapped } from './wrap.ts';

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
  /** Writes a paragraph that stays, in lines of the terminal's width, or of 79 characters. */
  prose(text: string): void;
  /** Shows live lines in place of the last ones; does nothing where lines cannot be drawn over. */
  live(lines: readonly Line[]): void;
  /** Shows work that takes a moment as one line with the time it took; while it lasts, only on a terminal. */
  step<T>(doing: string, work: () => Promise<T>, done: (result: T) => string): Promise<T>;
  /** Writes the line that ends a step: what is true now, and after how long. */
  done(text: string, startedMs: number): void;
}

/** The column at which times end, where the terminal is not narrower. */
const widest = 79;
const narrowest = 20;
/** What a line of a step needs beside its text: the mark, and a time such as `12 min 05 s`. */
const longestTime = 4 + 2 + 11;
const tickMs = 200;

export function openScreen(output: Output, clock: () => number = Date.now): Screen {
  const interactive = output.isTTY === true;
  let shown: readonly Line[] = [];

  const paint = ({ text, style }: Line): string =>
    style === undefined ? text : styleText(style, text, { stream: output });
  const erase = (): string => (shown.length === 0 ? '' : `\x1b[${shown.length}A\r\x1b[J`);
  const block = (): string => shown.map((line) => `${paint(line)}\n`).join('');
  const columns = (): number => Math.max((output.columns ?? widest + 1) - 1, narrowest);
  /**
   * A live line cut to the screen's width: one that wrapped would be two, and drawing over it would leave the first.
   */
  const cut = (line: Line): Line => ({ ...line, text: shortened(line.text, columns()) });

  const width = (): number => (interactive ? Math.min(columns(), widest) : widest);

  /** Writes painted lines that stay. */
  const put = (lines: readonly string[]): void => void output.write(`${erase()}${lines.join('\n')}\n${block()}`);

  const screen: Screen = {
    interactive,
    say(text = '', style) {
      const lines = interactive ? wrapped(text, columns()) : [text];
      put(lines.map((line) => paint(style === undefined ? { text: line } : { text: line, style })));
    },
    prose(text) {
      put(wrapped(text, width()));
    },
    live(lines) {
      if (!interactive) return;
      const clear = erase();
      shown = lines.map(cut);
      output.write(`${clear}${block()}`);
    },
    async step(doing, work, done) {
      const startedMs = clock();
      const draw = (): void =>
        screen.live([{ text: `  … ${timed(doing, clock() - startedMs, width())}`, style: 'dim' }]);
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
      const lines = interactive ? wrapped(text, width() - longestTime) : [text];
      // A link may leave no room for the time, which then stands below it.
      if (interactive && (lines.at(-1) ?? '').length > width() - longestTime) lines.push('');
      const last = timed(lines.pop() ?? '', clock() - startedMs, width());
      put([...lines, last].map((line, index) => `  ${index === 0 ? mark : ' '} ${line}`));
    },
  };
  return screen;
}

function timed(text: string, ms: number, width: number): string {
  const time = elapsed(ms);
  return `${text.padEnd(width - 4 - time.length - 2)}  ${time}`;
}

/** A time for people: `3.2 s`, `4 min 05 s`. */
export function elapsed(ms: number): string {
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}
