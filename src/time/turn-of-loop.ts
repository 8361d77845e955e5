/** Lets the event loop turn once, so that everything else that is due is done. */
export function turnOfLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
