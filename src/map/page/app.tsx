import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Clock } from '../../time/clock.ts';
import type { MapObject, State } from '../wire.ts';
import { Alerts, Bar } from './bar.tsx';
import { type Changes, isEmpty, noChanges, pruned, toggled, without } from './draft-set.ts';
import { DrainControls } from './draining.tsx';
import type { Fleet } from './fleet.ts';
import { FleetSide } from './fleet-side.tsx';
import { regionsOf } from './geography.ts';
import { Legend } from './legend.tsx';
import { WorldMap } from './map.tsx';
import { marksOfFleet, marksOfObject, rankOf, usedRegions } from './marks.ts';
import { Missing, ObjectHead } from './object-head.tsx';
import { Panel, SetButton } from './panel.tsx';
import { FreeRegions, ObjectRegions } from './regions.tsx';
import { Icon } from './sign.tsx';
import { DraftPanel, Review } from './steering.tsx';
import { Events, RegionFacts, Sentences, useStory } from './story.tsx';
import { spoken, stateWords, text } from './text.ts';
import { useAddress } from './use-address.ts';
import { useDraining } from './use-draining.ts';
import { useFleet, useNow } from './use-fleet.ts';
import { useSteering } from './use-steering.ts';

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
  /** What was drafted since the apply was asked for, of this object or another, stays. */
  const onApplied = (key: string, made: Changes): void =>
    setKept((now) => (now?.key === key ? { key, changes: without(now.changes, made) } : now));
  const steering = useSteering(object, changes, onApplied);
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
  const draining = useDraining(object, selected?.region.name, steering.renew);

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
                  {steerable && draining !== undefined && (
                    <DrainControls key={`${object.key} ${selected.region.name}`} mark={selected} draining={draining} />
                  )}
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
