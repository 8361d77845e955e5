import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Clock } from '../../time/clock.ts';
import { after, type Fleet, nothingYet } from './fleet.ts';
import { regionsOf } from './geography.ts';
import { newsOf } from './news.ts';
import { followStream } from './stream.ts';

const newsEveryMs = 3_000;

/** All that the stream tells, and what of it is read aloud: at most one announcement in three seconds. */
export function useFleet(clock: Clock, chosen: string | undefined) {
  const [fleet, setFleet] = useState<Fleet>(nothingYet);
  const [news, setNews] = useState('');
  const known = useRef(fleet);
  const watched = useRef(chosen);
  watched.current = chosen;
  const pending = useRef<string[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const say = useCallback((sentence: string) => {
    pending.current = [...pending.current, sentence].slice(-6);
    const tell = (): void => {
      timer.current = undefined;
      if (pending.current.length === 0) return;
      setNews(pending.current.join(' '));
      pending.current = [];
      timer.current = setTimeout(tell, newsEveryMs);
    };
    timer.current ??= setTimeout(tell, 100);
  }, []);
  useEffect(
    () =>
      followStream((events) => {
        const before = known.current;
        known.current = events.reduce(after, before);
        const labels = regionsOf(known.current.hello?.cloud ?? '', new Set());
        for (const sentence of newsOf(
          before,
          known.current,
          watched.current,
          (name) => labels.get(name)?.label ?? name,
        ))
          say(sentence);
        setFleet(known.current);
      }, clock),
    [],
  );
  return { fleet, news, say };
}

/** The time, each second. */
export function useNow(clock: Clock): Date {
  const [now, setNow] = useState(clock.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(clock.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
