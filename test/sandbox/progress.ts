/** Something to write to, a terminal or not: process.stderr fits. */
export interface ProgressOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface Progress {
  /** Tells what is going on at this moment. */
  now(activity: string): void;
  /** Writes a line that stays. */
  say(line: string): void;
  stop(): void;
}

const quietMs = 15_000;

/** Shows progress: on a terminal in one line that is rewritten each second, elsewhere in a line every 15 seconds. */
export function startProgress(output: ProgressOutput): Progress {
  const started = Date.now();
  const tty = output.isTTY === true;
  const width = output.columns !== undefined && output.columns > 0 ? output.columns : 80;
  let activity = '';
  const line = (): string => {
    const seconds = Math.floor((Date.now() - started) / 1000);
    return `  ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}  ${activity}`;
  };
  const draw = (): void => {
    if (activity === '') return;
    if (tty) output.write(`\r\x1b[2K${line().slice(0, width - 1)}`);
    else output.write(`${line()}\n`);
  };
  const clear = (): void => {
    if (tty) output.write('\r\x1b[2K');
  };
  const timer = setInterval(draw, tty ? 1000 : quietMs);
  return {
    now(text) {
      activity = text;
    },
    say(text) {
      clear();
      output.write(`${text}\n`);
    },
    stop() {
      clearInterval(timer);
      clear();
    },
  };
}
