const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Calls `clean` (synchronously) when this process ends without having called the returned function: at exit, after an
 * uncaught error, or at a signal. A signal that the program handles itself is left to the program; otherwise it ends
 * the process as it would have done without us.
 */
export function cleanAtProcessEnd(clean: () => void): () => void {
  const forget = (): void => {
    process.off('exit', clean);
    for (const signal of signals) process.off(signal, removeLeftovers);
  };
  function removeLeftovers(signal: NodeJS.Signals): void {
    if (process.listeners(signal).some((listener) => listener.name !== removeLeftovers.name)) return;
    forget();
    clean();
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  }
  process.setMaxListeners(0); // one for each thing to clean up
  process.on('exit', clean);
  for (const signal of signals) process.on(signal, removeLeftovers);
  return forget;
}
