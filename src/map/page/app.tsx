import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Clock } from '../../time/clock.ts';
import type { MapObject, State } from '../wire.ts';
import { type Address, addressOf, hashOf } from './address.ts';
import { type Changes, isEmpty, isFixed, noChanges, pruned, toggled } from './draft-set.ts';
import { elapsed } from './elapsed.ts';
import { after, type Fleet, nothingYet } from './fleet.ts';
import { regionsOf } from './geography.ts';
import { Legend } from './legend.tsx';
import { WorldMap } from './map.tsx';
import { type Mark, marksOfFleet, marksOfObject, rankOf, usedRegions } from './marks.ts';
import { newsOf } from './news.ts';
import { FleetRegions, FreeRegions, ObjectRegions } from './regions.tsx';
import { Chooser, RegistryTable } from './registries.tsx';
import { Icon } from './sign.tsx';
import { DraftPanel, useSteering } from './steering.tsx';
import { Events, RegionFacts, Sentences, useStory } from './story.tsx';
import { followStream } from './stream.ts';
import { objectFlags, spoken, stateWords, text } from './text.ts';

export function App({ clock }: { readonly clock: Clock }) {
  const { address, go } = useAddress();
  const { fleet, news, say } = useFleet(clock, address.object);
  const now = useNow(clock);
  const object = address.object === undefined ? undefined : fleet.objects.get(address.object);
  const steerable = fleet.hello?.host === 'plugin' && object !== undefined && !object.deleting;
  const [kept, setKept] = useState<{ readonly key: string; readonly changes: Changes }>();
  const changes = useMemo(
    () => (object === undefined || kept?.key !== object.key ? noChanges : pruned(object, kept.changes)),
    [object, kept],
  );
  const discard = (): void => setKept(undefined);
  const steering = useSteering(object, changes, discard);
  const told = useStory(object);

  const nodes = fleet.hello?.nodes ?? {};
  const cloud = fleet.hello?.cloud ?? '';
  const regions = useMemo(
    () => regionsOf(cloud, usedRegions(fleet.objects.values(), nodes)),
    [cloud, fleet.objects, nodes],
  );
  const marks = useMemo(
    () =>
      object === undefined
        ? marksOfFleet(fleet.objects.values(), { regions, nodes })
        : marksOfObject(object, changes, { regions, nodes }),
    [object, fleet.objects, changes, regions, nodes],
  );
  const selected = marks.find(({ region }) => region.name === address.region);

  const title = useRef<HTMLHeadingElement>(null);
  const opener = useRef<Element | null>(null);
  const choose = (key: string | undefined): void => {
    go({ ...address, object: key, region: undefined }, true);
    title.current?.focus({ preventScroll: key === undefined });
  };
  const select = (region: string): void => {
    const closes = region === address.region;
    if (!closes) opener.current = document.activeElement;
    go({ ...address, region: closes ? undefined : region });
  };
  const close = (): void => {
    go({ ...address, region: undefined });
    if (opener.current?.isConnected === true) (opener.current as HTMLElement).focus({ preventScroll: true });
  };
  const toggle = (region: string): void => {
    if (!steerable) return;
    const next = toggled(object, changes, region);
    if (next === changes) return;
    setKept({ key: object.key, changes: next });
    const label = regions.get(region)?.label ?? region;
    if (next.add.has(region)) say(`${label}: ${spoken.add}`);
    else if (next.remove.has(region)) say(`${label}: ${spoken.remove}`);
    else say(`${label}: ${text.takeBack}`);
  };
  /** On the map a region that could be had goes into the draft at once; of another its story is told first. */
  const chooseOnMap = (region: string): void => {
    const mark = marks.find((one) => one.region.name === region);
    if (steerable && mark?.kind === 'free') toggle(region);
    else select(region);
  };

  useEffect(() => {
    document.title = address.object === undefined ? text.title : `${address.object} · ${text.title}`;
  }, [address.object]);
  const escape = useRef((): void => {});
  escape.current = () => {
    if (address.region !== undefined) close();
    else if (address.object !== undefined && isEmpty(changes)) choose(undefined);
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.defaultPrevented) escape.current();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);

  const counts = useMemo(() => countsOf(object, fleet), [object, fleet.objects]);
  const hasNodes = Object.keys(nodes).length > 0;
  return (
    <>
      <a
        class="skip"
        href="#side"
        onClick={(event) => {
          event.preventDefault(); // the hash is the page's address
          document.getElementById('side')?.focus();
        }}
      >
        {text.skip}
      </a>
      <Bar fleet={fleet} />
      <Alerts fleet={fleet} now={now} />
      <p class="unseen" aria-live="polite">
        {news}
      </p>
      <main>
        <section class="stage" aria-label={text.map}>
          <div class="summary">
            <h2 ref={title} tabIndex={-1}>
              {object?.name ?? address.object ?? text.all}
            </h2>
            <p class="under">
              {object === undefined
                ? (fleet.hello?.cluster ?? '')
                : `${object.namespace} · ${object.loginServer ?? object.registry}`}
            </p>
            <Counts counts={counts} />
          </div>
          <WorldMap
            marks={marks}
            canAdd={steerable}
            selected={address.region}
            view={address.view}
            now={now}
            onView={(view) => go({ ...address, view })}
            onChoose={chooseOnMap}
            onToggle={(region) => (steerable ? toggle(region) : select(region))}
          />
          <Legend fleet={object === undefined} nodes={hasNodes} open={innerWidth >= 900} />
        </section>
        <section class="side" id="side" tabIndex={-1} aria-label={text.regions}>
          {address.object === undefined ? (
            <FleetSide
              fleet={fleet}
              marks={marks}
              selected={selected}
              onChoose={choose}
              onSelect={select}
              onClose={close}
            />
          ) : object === undefined ? (
            <Missing name={address.object} synced={fleet.synced} onAll={() => choose(undefined)} />
          ) : (
            <>
              <ObjectHead object={object} onAll={() => choose(undefined)} />
              <DraftPanel
                object={object}
                changes={changes}
                steering={steering}
                labelOf={(region) => regions.get(region)?.label ?? region}
                onDiscard={discard}
              />
              {selected !== undefined && (
                <Panel mark={selected} onClose={close}>
                  <RegionFacts mark={selected} told={told} now={now} />
                  {steerable && <SetButton object={object} mark={selected} onToggle={toggle} />}
                </Panel>
              )}
              <Sentences told={told} now={now} />
              <h3>{text.regions}</h3>
              <ObjectRegions
                object={object}
                marks={marks}
                changes={changes}
                steering={steerable}
                selected={address.region}
                now={now}
                onSelect={select}
                onToggle={toggle}
              />
              <FreeRegions
                object={object}
                marks={marks}
                changes={changes}
                steering={steerable}
                onToggle={toggle}
                onSelect={select}
              />
              {fleet.hello?.host === 'operator' && (
                <p class="hint">
                  {text.readOnly} <code>{text.readOnlyCommand}</code>
                </p>
              )}
              <h3>{text.story.events}</h3>
              <Events told={told} now={now} />
              {!isEmpty(changes) && <Review changes={changes} />}
            </>
          )}
        </section>
      </main>
    </>
  );
}

function Bar({ fleet: { hello, link } }: { readonly fleet: Fleet }) {
  const word = { connecting: text.connecting, open: text.live, lost: text.lost }[link];
  return (
    <header class="bar">
      <img src="/icon.svg" alt="" width="28" height="28" />
      <h1>{text.title}</h1>
      {hello !== undefined && (
        <p class="cluster">
          <span class="unseen">{text.cluster}: </span>
          {hello.cluster}
        </p>
      )}
      <p class={`link-state ${link}`}>
        <svg viewBox="-6 -6 12 12" aria-hidden="true">
          {link === 'open' ? <circle r="4.5" /> : <path d="M-4,-4L4,4M-4,4L4,-4" />}
        </svg>
        {word}
      </p>
    </header>
  );
}

function Alerts({ fleet, now }: { readonly fleet: Fleet; readonly now: Date }) {
  const { link, lostAt, refusal, trouble, hello } = fleet;
  return (
    <div class="alerts">
      {link === 'lost' && (
        <div class="alert">
          <strong>{text.lost}.</strong>{' '}
          {lostAt !== undefined && hello !== undefined && text.lostFor(elapsed(lostAt.toISOString(), now))}{' '}
          {refusal === undefined
            ? hello !== undefined && text.lostHelp[hello.host]
            : `${refusal.error} ${refusal.cure ?? ''}`}
        </div>
      )}
      {link === 'open' && trouble !== null && <div class="alert">{text.trouble(trouble)}</div>}
    </div>
  );
}

function Counts({ counts }: { readonly counts: readonly (readonly [State, number])[] }) {
  return (
    <ul class="counts">
      {counts.map(([state, count]) => (
        <li key={state}>
          <Icon state={state} />
          <strong>{count.toLocaleString('en')}</strong> {stateWords[state].word.toLowerCase()}
        </li>
      ))}
    </ul>
  );
}

/** Of the chosen object its regions by state, else all objects by their worst. The worst first. */
function countsOf(object: MapObject | undefined, { objects }: Fleet): readonly (readonly [State, number])[] {
  const counts = new Map<State, number>();
  const all =
    object === undefined ? [...objects.values()].map(({ worst }) => worst) : object.replicas.map(({ state }) => state);
  for (const state of all) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => rankOf(a) - rankOf(b));
}

interface FleetSideProps {
  readonly fleet: Fleet;
  readonly marks: readonly Mark[];
  readonly selected: Mark | undefined;
  readonly onChoose: (key: string) => void;
  readonly onSelect: (region: string) => void;
  readonly onClose: () => void;
}

function FleetSide({ fleet, marks, selected, onChoose, onSelect, onClose }: FleetSideProps) {
  const [tab, setTab] = useState<'registries' | 'regions'>('registries');
  if (!fleet.synced && fleet.objects.size === 0) return <p class="empty">{text.loading}…</p>;
  if (fleet.objects.size === 0)
    return (
      <div class="empty">
        <p>{text.nothing}</p>
        <p class="under">{text.nothingHelp}</p>
      </div>
    );
  const here = selected === undefined ? [] : objectsIn(fleet, selected.region.name);
  return (
    <>
      {selected !== undefined && (
        <Panel mark={selected} onClose={onClose}>
          {here.length === 0 ? (
            <p>{text.freeSays}.</p>
          ) : (
            <RegistryTable
              objects={here}
              onChoose={onChoose}
              caption={text.registries}
              stateOf={({ replicas, worst }) =>
                replicas.find(({ region }) => region === selected.region.name)?.state ?? worst
              }
            />
          )}
          {selected.nodes > 0 && <p class="under">{spoken.nodes(selected.nodes)}</p>}
        </Panel>
      )}
      <fieldset class="tabs">
        <legend class="unseen">{text.all}</legend>
        {(['registries', 'regions'] as const).map((one) => (
          <button key={one} type="button" aria-pressed={tab === one} onClick={() => setTab(one)}>
            {text[one]}
          </button>
        ))}
      </fieldset>
      <div class={tab === 'registries' ? '' : 'other-tab'}>
        <Chooser objects={fleet.objects} onChoose={onChoose} />
      </div>
      <div class={tab === 'regions' ? '' : 'other-tab'}>
        <FleetRegions marks={marks} selected={selected?.region.name} onSelect={onSelect} />
      </div>
    </>
  );
}

/** The objects with a replica in the region, the worst there first. */
function objectsIn({ objects }: Fleet, name: string): readonly MapObject[] {
  return [...objects.values()]
    .flatMap((object) => {
      const replica = object.replicas.find(({ region }) => region === name);
      return replica === undefined ? [] : [{ object, state: replica.state }];
    })
    .sort((a, b) => rankOf(a.state) - rankOf(b.state) || (a.object.key < b.object.key ? -1 : 1))
    .map(({ object }) => object);
}

interface PanelProps {
  readonly mark: Mark;
  readonly onClose: () => void;
  readonly children: preact.ComponentChildren;
}

/** What is told of the selected region. It takes the focus when it opens. */
function Panel({ mark: { region }, onClose, children }: PanelProps) {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const { activeElement } = document;
    if (activeElement === null || activeElement === document.body) return; // the page was opened with it
    head.current?.focus();
    head.current?.scrollIntoView({ block: 'nearest' });
  }, [region.name]);
  return (
    <section class="card region" aria-labelledby="region-title">
      <header>
        <h3 id="region-title" ref={head} tabIndex={-1}>
          {region.label}
        </h3>
        <button type="button" class="close" aria-label={text.close} onClick={onClose}>
          <svg viewBox="-10 -10 20 20" aria-hidden="true">
            <path d="M-5,-5L5,5M-5,5L5,-5" />
          </svg>
        </button>
      </header>
      {children}
    </section>
  );
}

/** While a draft is not in sight: how much it changes, and the way to it. */
function Review({ changes }: { readonly changes: Changes }) {
  const [seen, setSeen] = useState(true);
  useEffect(() => {
    const card = document.getElementById('draft');
    if (card === null) return;
    const observer = new IntersectionObserver((entries) => setSeen(entries.at(-1)?.isIntersecting ?? false));
    observer.observe(card);
    return () => observer.disconnect();
  }, []);
  if (seen) return null;
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const show = (): void =>
    document.getElementById('draft')?.scrollIntoView({ block: 'start', behavior: calm ? 'auto' : 'smooth' });
  return (
    <button type="button" class="review" onClick={show}>
      {text.draft.counts(changes.add.size, changes.remove.size)} · {text.draft.review}
    </button>
  );
}

interface SetButtonProps {
  readonly object: MapObject;
  readonly mark: Mark;
  readonly onToggle: (region: string) => void;
}

function SetButton({ object, mark: { region, draft, replica }, onToggle }: SetButtonProps) {
  if (isFixed(object, region.name)) return <p class="under">{text.homeFixed}</p>;
  const word = draft !== undefined ? text.takeBack : replica?.wanted === true ? text.remove : text.add;
  return (
    <div class="buttons">
      <button type="button" onClick={() => onToggle(region.name)}>
        {word}
      </button>
    </div>
  );
}

function ObjectHead({ object, onAll }: { readonly object: MapObject; readonly onAll: () => void }) {
  const { phase, reason, summary } = object;
  return (
    <div class="object-head">
      <BackButton onAll={onAll} />
      <p>
        <strong class="number">{summary}</strong> {phase}
        {reason !== '' && reason !== phase && <span class="under"> {reason}</span>}
        {objectFlags(object).map((flag) => (
          <span key={flag} class="flag">
            {flag}
          </span>
        ))}
      </p>
    </div>
  );
}

function BackButton({ onAll }: { readonly onAll: () => void }) {
  return (
    <button type="button" class="back" onClick={onAll}>
      <svg viewBox="-10 -10 20 20" aria-hidden="true">
        <path d="M3,-6L-3,0L3,6" />
      </svg>
      {text.all}
    </button>
  );
}

function Missing({
  name,
  synced,
  onAll,
}: {
  readonly name: string;
  readonly synced: boolean;
  readonly onAll: () => void;
}) {
  return (
    <div class="object-head">
      <BackButton onAll={onAll} />
      <p class="empty">{synced ? text.notThere(name) : `${text.loading}…`}</p>
    </div>
  );
}

/** The address of the page, in both directions. */
function useAddress() {
  const [address, setAddress] = useState(() => addressOf(location.hash));
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
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

const newsEveryMs = 3_000;

/** All that the stream tells, and what of it is read aloud: at most one announcement in three seconds. */
function useFleet(clock: Clock, chosen: string | undefined) {
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
function useNow(clock: Clock): Date {
  const [now, setNow] = useState(clock.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(clock.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
