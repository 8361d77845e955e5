import type { MapObject } from '../wire.ts';
import { type Changes, isFixed, isWanted } from './draft-set.ts';
import { drainLine } from './drain.ts';
import { elapsed } from './elapsed.ts';
import { continents } from './geography.ts';
import { type Mark, tableOrder } from './marks.ts';
import { Icon } from './sign.tsx';
import { passing, stateWords, text } from './text.ts';

interface Common {
  readonly marks: readonly Mark[];
  readonly selected: string | undefined;
  readonly onSelect: (region: string) => void;
}

/** The regions of all registries: how many replicas are there, and in which states. */
export function FleetRegions({ marks, selected, onSelect }: Common) {
  return (
    <table class="regions">
      <caption class="unseen">{text.regionsOfFleet}</caption>
      <thead>
        <tr>
          <th scope="col">{text.columns.region}</th>
          <th scope="col">{text.columns.state}</th>
          <th scope="col" class="number">
            {text.columns.replicas}
          </th>
        </tr>
      </thead>
      <tbody>
        {tableOrder(marks).map((mark) => (
          <tr key={mark.region.name} data-row={mark.region.name} class={selected === mark.region.name ? 'chosen' : ''}>
            <th scope="row">
              <RegionButton mark={mark} selected={selected} onSelect={onSelect} />
            </th>
            <td>
              {[...mark.counts].map(([state, count]) => (
                <span key={state} class="state">
                  <Icon state={state} />
                  {text.counts(count, stateWords[state].word)}
                </span>
              ))}
            </td>
            <td class="number">{mark.count}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface OfObject extends Common {
  readonly object: MapObject;
  readonly changes: Changes;
  readonly steering: boolean;
  readonly now: Date;
  readonly onToggle: (region: string) => void;
}

/** The regions of one registry. Where it can be steered, each with a box that puts it into the set. */
export function ObjectRegions({ object, marks, changes, steering, selected, now, onSelect, onToggle }: OfObject) {
  return (
    <table class="regions">
      <caption class="unseen">{text.regionsOfObject(object.key)}</caption>
      <thead>
        <tr>
          <th scope="col">{text.columns.region}</th>
          <th scope="col">{text.columns.state}</th>
          {steering && (
            <th scope="col" class="box">
              {text.columns.inSet}
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {tableOrder(marks).map((mark) => (
          <tr
            key={mark.region.name}
            data-row={mark.region.name}
            class={[selected === mark.region.name ? 'chosen' : '', mark.draft ?? ''].join(' ').trim()}
          >
            <th scope="row">
              <RegionButton mark={mark} selected={selected} onSelect={onSelect} />
            </th>
            <td>
              <StateCell mark={mark} now={now} />
            </td>
            {steering && (
              <td class="box">
                <SetBox object={object} mark={mark} changes={changes} onToggle={onToggle} />
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function StateCell({ mark: { state, replica, draft }, now }: { readonly mark: Mark; readonly now: Date }) {
  const { since, drain } = replica ?? {};
  const drained = drainLine(replica, now);
  return (
    <>
      {state !== undefined && (
        <span class="state">
          <Icon state={state} />
          {stateWords[state].word}
        </span>
      )}
      {drained !== undefined && drain !== undefined && (
        <span class="under" title={[new Date(drain.until).toLocaleString('en'), drain.reason ?? ''].join(' ').trim()}>
          {drained}
        </span>
      )}
      {draft === undefined ? (
        since !== undefined &&
        state !== undefined &&
        state !== 'drained' && (
          <span class="under">
            <time dateTime={since} title={new Date(since).toLocaleString('en')}>
              {passing.has(state) ? elapsed(since, now) : elapsed(since, now).replace(/ \d+ s$/, '')}
            </time>
          </span>
        )
      ) : (
        <span class="draft-word">{draft === 'add' ? text.draftedAdd : text.draftedRemove}</span>
      )}
    </>
  );
}

interface BoxProps {
  readonly object: MapObject;
  readonly mark: Mark;
  readonly changes: Changes;
  readonly onToggle: (region: string) => void;
}

function SetBox({ object, mark: { region }, changes, onToggle }: BoxProps) {
  const fixed = isFixed(object, region.name);
  return (
    <label class="set-box">
      <input
        type="checkbox"
        aria-label={text.inSet(region.label)}
        checked={fixed || isWanted(object, changes, region.name)}
        disabled={fixed}
        title={fixed ? text.homeFixed : undefined}
        onChange={() => onToggle(region.name)}
      />
    </label>
  );
}

function RegionButton({ mark, selected, onSelect }: Omit<Common, 'marks'> & { readonly mark: Mark }) {
  const { region, home, nodes } = mark;
  const facts = [
    ...(home ? [text.home] : []),
    ...(nodes > 0 ? [text.nodesHere(nodes)] : []),
    ...(region.at === undefined ? [text.noPlace] : []),
  ];
  return (
    <>
      <button type="button" class="link" aria-pressed={selected === region.name} onClick={() => onSelect(region.name)}>
        {region.label}
      </button>
      {facts.length > 0 && <span class="under">{facts.join(' · ')}</span>}
    </>
  );
}

type FreeProps = Pick<OfObject, 'object' | 'marks' | 'changes' | 'steering' | 'onToggle' | 'onSelect'>;

/** Every region where a replica could be had, by continent. */
export function FreeRegions({ object, marks, changes, steering, onToggle, onSelect }: FreeProps) {
  const free = marks.filter(({ kind, region }) => kind === 'free' && region.at !== undefined);
  return (
    <details class="free-regions">
      <summary>{steering ? text.couldBeHadWith(free.length) : text.couldBeHad(free.length)}</summary>
      {continents.map((continent) => {
        const here = free.filter(({ region }) => region.continent === continent);
        if (here.length === 0) return null;
        return (
          <section key={continent}>
            <h4>{continent}</h4>
            <ul>
              {here.map((mark) => (
                <li key={mark.region.name} data-free={mark.region.name}>
                  {steering ? (
                    <label>
                      <input
                        type="checkbox"
                        checked={isWanted(object, changes, mark.region.name)}
                        onChange={() => onToggle(mark.region.name)}
                      />
                      <span>{mark.region.label}</span>
                    </label>
                  ) : (
                    <button type="button" class="link" onClick={() => onSelect(mark.region.name)}>
                      {mark.region.label}
                    </button>
                  )}
                  <span class="under">
                    {[text.zones(mark.region.zones), ...(mark.nodes > 0 ? [text.nodesHere(mark.nodes)] : [])].join(
                      ' · ',
                    )}
                  </span>
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </details>
  );
}
