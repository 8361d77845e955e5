/** Where a command writes, and what can be written there. */
export interface Terminal {
  /** Results: a text with its own line ends. */
  readonly out: (text: string) => void;
  /** Progress, warnings and errors. */
  readonly err: (text: string) => void;
  /** Asks a question on the terminal; undefined when there is nobody to ask. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  /** Whether results are read by a person at a terminal. */
  readonly isTerminal: boolean;
  /** Width of the terminal; undefined: results go to a file or a pipe. */
  readonly columns: () => number | undefined;
  /** Height of the terminal; undefined: as of `columns`. */
  readonly rows?: () => number | undefined;
  readonly paint: Paint;
  /** Whether characters beyond ASCII can be shown. */
  readonly isUnicode: boolean;
}

export type Colour = 'good' | 'busy' | 'bad' | 'faint' | 'strong';
/** A text in a quiet colour; the text alone where colours are not wanted. */
export type Paint = (colour: Colour, text: string) => string;

const codes: Readonly<Record<Colour, readonly [number, number]>> = {
  good: [32, 39],
  busy: [33, 39],
  bad: [31, 39],
  faint: [2, 22],
  strong: [1, 22],
};

export function painter(isColoured: boolean): Paint {
  if (!isColoured) return (_, text) => text;
  return (colour, text) => {
    const [on, off] = codes[colour];
    return text === '' ? text : `\u001b[${on}m${text}\u001b[${off}m`;
  };
}

/** Whether texts beyond ASCII can be shown, by the locale as the C library chooses it. Windows' terminals can. */
export function isUnicodeLocale(env: Readonly<Record<string, string | undefined>>, platform: string): boolean {
  if (platform === 'win32') return true;
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return /utf-?8/i.test(locale);
}
