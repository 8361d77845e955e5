/** How long nothing is told, in milliseconds. */
const silenceMs = 2_000;

export interface Progress extends Disposable {
  /** Names what is looked at from now on. */
  readonly at: (what: string) => void;
}

/** Tells what is looked at whenever another two seconds have passed, and nothing of what is quick. */
export function progressTo(err: (text: string) => void): Progress {
  let looked = '';
  const timer = setInterval(() => err(`still looking at ${looked}\n`), silenceMs);
  return {
    at: (what) => {
      looked = what;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
