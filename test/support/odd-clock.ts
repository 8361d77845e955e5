/**
 * Preloaded into a process by `--import`. ODD_CLOCK_FILE holds milliseconds by which its wall clock is wrong, and may be
 * rewritten meanwhile; ODD_CLOCK_SPEED is how many times too fast its monotonic clock runs. Timers are as they are.
 */
import { readFileSync } from 'node:fs';

const { ODD_CLOCK_FILE: file, ODD_CLOCK_SPEED: speed } = process.env;
const monotonic = performance.now.bind(performance);

if (file !== undefined) {
  let shiftMs = 0;
  let readAtMs = Number.NEGATIVE_INFINITY;
  const shift = (): number => {
    if (monotonic() - readAtMs > 20) {
      shiftMs = Number(readFileSync(file, 'utf8'));
      readAtMs = monotonic();
    }
    return shiftMs;
  };
  const now = (): number => trueDate.now() + shift();
  const trueDate = Date;
  globalThis.Date = new Proxy(trueDate, {
    construct: (target, args: readonly unknown[], asked: typeof Date) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, asked) as object,
    apply: () => new trueDate(now()).toString(),
    get: (target, name): unknown => (name === 'now' ? now : Reflect.get(target, name)),
  });
}

if (speed !== undefined) Object.defineProperty(performance, 'now', { value: () => monotonic() * Number(speed) });
