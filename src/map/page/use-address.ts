import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type Address, addressOf, hashOf } from './address.ts';

/** The address of the page, in both directions. */
export function useAddress() {
  const [address, setAddress] = useState(() => addressOf(location.hash));
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  // At once: an effect that waits for the page to be painted misses an address that is entered before.
  useLayoutEffect(() => {
    const read = (): void => {
      clearTimeout(timer.current);
      setAddress(addressOf(location.hash));
    };
    addEventListener('popstate', read);
    return () => removeEventListener('popstate', read);
  }, []);
  /** `visit`: a step that the browser's back button undoes. */
  const go = useCallback((next: Loose<Address>, visit = false) => {
    const given = Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined)) as Address;
    setAddress(given);
    clearTimeout(timer.current);
    const write = (): void => {
      const target = `${location.pathname}${location.search}${hashOf(given)}`;
      if (visit) history.pushState(null, '', target);
      else history.replaceState(null, '', target);
    };
    // Browsers allow a hundred writes in half a minute, and a pan makes sixty a second.
    if (visit) write();
    else timer.current = setTimeout(write, 250);
  }, []);
  return { address, go };
}

type Loose<T> = { readonly [K in keyof T]?: T[K] | undefined };
