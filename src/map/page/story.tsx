import { useEffect, useState } from 'preact/hooks';
import type { Drain } from '../../view/drains.ts';
import type { RegionStory, Story } from '../../view/story.ts';
import type { MapObject, Refusal } from '../wire.ts';
import { CopyButton } from './copy-button.tsx';
import { standOf } from './drain.ts';
import { elapsed } from './elapsed.ts';
import type { Mark } from './marks.ts';
import { ask, refusalOf } from './requests.ts';
import { Icon } from './sign.tsx';
import { stateWords, text } from './text.ts';

const storyAfterMs = 150;

interface Told {
  readonly key: string;
  readonly story?: Story;
  readonly refusal?: Refusal;
}

/** The story of the chosen object, read anew whenever the object changes; the old one is shown until then. */
export function useStory(object: MapObject | undefined): Told | undefined {
  const [told, setTold] = useState<Told>();
  const { key, namespace, name, version } = object ?? {};
  useEffect(() => {
    if (key === undefined || namespace === undefined || name === undefined) return;
    const gone = new AbortController();
    const read = async (): Promise<void> => {
      const query = `namespace=${encodeURIComponent(namespace)}&name=${encodeURIComponent(name)}`;
      try {
        const story = await ask<Story>(`/api/story?${query}`, gone.signal);
        if (!gone.signal.aborted) setTold({ key, story });
      } catch (error) {
        if (!gone.signal.aborted) setTold({ key, refusal: refusalOf(error) });
      }
    };
    const timer = setTimeout(() => void read(), storyAfterMs);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [key, version]);
  return told?.key === key ? told : undefined;
}

/** What the object's conditions say. */
export function Sentences({ told, now }: { readonly told: Told | undefined; readonly now: Date }) {
  if (told === undefined) return <p class="under">{text.story.reading}…</p>;
  if (told.story === undefined) return <p class="under">{text.story.failed(told.refusal?.error ?? '')}</p>;
  return (
    <div class="sentences">
      {told.story.sentences.map(({ says, message, since, standing }) => (
        <div key={says} class={`sentence ${standing}`}>
          <p>
            <strong>{says}</strong>
            {since !== undefined && (
              <time class="under" dateTime={since} title={new Date(since).toLocaleString('en')}>
                {elapsed(since, now).replace(/ \d+ s$/, '')}
              </time>
            )}
          </p>
          {message !== '' && <p>{message}</p>}
        </div>
      ))}
    </div>
  );
}

interface EventsProps {
  readonly told: Told | undefined;
  readonly region?: string;
  readonly now: Date;
}

/** The last Events, the newest first; with a region only those that name it, if there are any. */
export function Events({ told, region, now }: EventsProps) {
  const events = told?.story?.events;
  if (events === undefined) return null;
  if (typeof events === 'string') return <p class="under">{text.story.failed(events)}</p>;
  const about = region === undefined ? [...events] : events.filter(({ message }) => names(message, region));
  const last = about.slice(-6).reverse();
  if (last.length === 0) return <p class="under">{text.story.noEvents}</p>;
  return (
    <ol class="events">
      {last.map(({ time, type, reason, message }, i) => (
        <li key={`${time}${reason}${i}`} class={type === 'Warning' ? 'warning' : ''}>
          <p>
            <strong>{reason}</strong>
            <time class="under" dateTime={time} title={time}>
              {clockOf(time, now)}
            </time>
          </p>
          <p>{message}</p>
        </li>
      ))}
    </ol>
  );
}

function names(message: string, region: string): boolean {
  return new RegExp(`\\b${region}\\b`).test(message);
}

/** The reader's local time; of another day with its date. */
function clockOf(time: string, now: Date): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return '';
  const isToday = date.toDateString() === now.toDateString();
  return date.toLocaleString('en-GB', { ...(isToday ? {} : { dateStyle: 'medium' }), timeStyle: 'short' });
}

/** Where Azure has no replica to say something of, these stand in the place of its words: src/view/replicas.ts. */
const ourWords: ReadonlySet<string> = new Set(['missing', 'unknown', 'home']);

interface FactsProps {
  readonly mark: Mark;
  readonly told: Told | undefined;
  readonly now: Date;
}

/** What is known of one region of the chosen object. */
export function RegionFacts({ mark, told, now }: FactsProps) {
  const { state, replica, region, nodes } = mark;
  const story = told?.story?.regions.find(({ location }) => location === region.name);
  const short = replica?.message;
  const message = short === undefined || (story?.message ?? '') === '' ? short : story?.message;
  const azure = [replica?.provisioningState ?? '', replica?.status ?? ''].filter(
    (one) => one !== '' && !ourWords.has(one),
  );
  return (
    <>
      <p class="headline">
        <Icon state={state} home={mark.home} />
        <span>
          <strong>{state === undefined ? text.free : stateWords[state].word}</strong>
          <span class="under">{state === undefined ? text.freeSays : stateWords[state].says}.</span>
        </span>
      </p>
      {message !== undefined && message !== '' && <p class="message">{message}</p>}
      <dl>
        {replica?.drain !== undefined && <DrainFacts drain={replica.drain} now={now} />}
        {replica?.since !== undefined && (
          <Fact name={text.story.since}>
            <time dateTime={replica.since}>{clockOf(replica.since, now)}</time>, {elapsed(replica.since, now)}
          </Fact>
        )}
        {azure.length > 0 && <Fact name={text.story.azure}>{azure.join(', ')}</Fact>}
        {story !== undefined && <Awaits story={story} drain={replica?.drain} now={now} />}
        {replica?.routingOff === true && <Fact name={text.story.routing}>{text.story.routingOff}</Fact>}
        {replica !== undefined && text.managed[replica.managed] !== undefined && (
          <Fact name={text.story.managed}>{text.managed[replica.managed]}</Fact>
        )}
        {replica?.endpoint !== undefined && (
          <Fact name={text.story.endpoint}>
            <code>{replica.endpoint}</code>
            <span class="copy">
              <CopyButton value={replica.endpoint} word={text.copy} label={text.copyHost} failed={text.copyFailed} />
            </span>
          </Fact>
        )}
        {nodes > 0 && <Fact name={text.story.nodes}>{nodes}</Fact>}
        {replica === undefined && region.pair !== '' && <Fact name={text.story.pair}>{region.pair}</Fact>}
        {replica === undefined && (
          <Fact name={text.columns.region}>{`${region.name}, ${text.zones(region.zones)}`}</Fact>
        )}
      </dl>
      {replica !== undefined && told?.story !== undefined && (
        <>
          <h4>{text.story.events}</h4>
          <Events told={told} region={region.name} now={now} />
        </>
      )}
    </>
  );
}

/** Until when, why, what routing was and will be; of a drain that has not begun, what it waits for. */
function DrainFacts({ drain, now }: { readonly drain: Drain; readonly now: Date }) {
  const { until, reason, before, after, waits } = drain;
  const stand = standOf(drain, now);
  if (stand === undefined) return null;
  const isPast = Date.parse(until) <= now.getTime();
  const left = text.drain.left(elapsed(now.toISOString(), new Date(until)));
  return (
    <>
      <Fact name={stand === 'waiting' ? text.drain.waitsUntil : text.drain.until}>
        <time dateTime={until}>{clockOf(until, now)}</time>
        {`, ${isPast ? text.drain.over : reason === undefined ? text.drain.lifted : left}`}
      </Fact>
      {reason !== undefined && <Fact name={text.drain.reason}>{reason}</Fact>}
      {stand === 'waiting' && <Fact name={text.drain.waits}>{waits ?? text.drain.waitsForNothing}</Fact>}
      {before !== undefined && <Fact name={text.drain.before}>{text.drain.routing[before]}</Fact>}
      {after !== undefined && stand !== 'waiting' && (
        <Fact name={text.drain.after}>{text.drain.afterwards[after]}</Fact>
      )}
    </>
  );
}

interface AwaitsProps {
  readonly story: RegionStory;
  readonly drain: Drain | undefined;
  readonly now: Date;
}

function Awaits({ story: { awaits }, drain, now }: AwaitsProps) {
  const { what, notBefore, withinMs } = awaits;
  const stand = drain && standOf(drain, now);
  const until = notBefore === undefined ? undefined : new Date(notBefore);
  return (
    <>
      <Fact name={text.story.awaits}>
        {what ?? (stand === undefined ? text.story.nothing : text.drain.awaits[stand])}
      </Fact>
      {until !== undefined && until > now && (
        <Fact name={text.story.notBefore}>
          {until.toLocaleTimeString('en')}, in {elapsed(now.toISOString(), until)}
        </Fact>
      )}
      {withinMs !== undefined && (
        <Fact name={text.story.next}>
          {text.story.nextWithin(elapsed(now.toISOString(), new Date(now.getTime() + withinMs)).replace(/ 00 s$/, ''))}
        </Fact>
      )}
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
