import { useMemo, useState } from 'preact/hooks';
import type { MapObject, State } from '../wire.ts';
import { byNeed, found } from './choice.ts';
import { Icon } from './sign.tsx';
import { objectFlags, stateWords, text } from './text.ts';

interface Props {
  readonly objects: readonly MapObject[];
  readonly onChoose: (key: string) => void;
  readonly caption: string;
  /** The state that is told; by default the object's worst. */
  readonly stateOf?: (object: MapObject) => State;
}

const atOnce = 50;

/** A table of registries, the worst first, fifty at a time. */
export function RegistryTable({ objects, onChoose, caption, stateOf = ({ worst }) => worst }: Props) {
  const [most, setMost] = useState(atOnce);
  const left = objects.length - most;
  return (
    <>
      <table class="registries">
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{text.columns.registry}</th>
            <th scope="col">{text.columns.state}</th>
            <th scope="col" class="number">
              {text.columns.ready}
            </th>
          </tr>
        </thead>
        <tbody>
          {objects.slice(0, most).map((object) => (
            <tr key={object.key} data-object={object.key}>
              <th scope="row">
                <button type="button" class="link" onClick={() => onChoose(object.key)}>
                  {object.name}
                </button>
                <span class="under">{object.namespace}</span>
              </th>
              <td>
                <span class="state">
                  <Icon state={stateOf(object)} />
                  {stateWords[stateOf(object)].word}
                </span>
                {objectFlags(object).map((flag) => (
                  <span key={flag} class="under">
                    {flag}
                  </span>
                ))}
              </td>
              <td class="number">{object.summary}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {left > 0 && (
        <button type="button" class="wide" onClick={() => setMost(most + atOnce)}>
          {text.showMore(Math.min(left, atOnce))}
        </button>
      )}
    </>
  );
}

interface ChooserProps {
  readonly objects: ReadonlyMap<string, MapObject>;
  readonly onChoose: (key: string) => void;
}

/** All registries, with a search. */
export function Chooser({ objects, onChoose }: ChooserProps) {
  const [search, setSearch] = useState('');
  const all = useMemo(() => byNeed(objects.values()), [objects]);
  const fitting = found(all, search);
  return (
    <>
      <div class="search">
        <input
          type="search"
          aria-label={text.search}
          placeholder={text.search}
          value={search}
          onInput={({ currentTarget }) => setSearch(currentTarget.value)}
          onKeyDown={(event) => {
            const [only] = fitting;
            if (event.key === 'Enter' && only !== undefined && search !== '') onChoose(only.key);
            if (event.key === 'Escape' && search !== '') {
              setSearch('');
              event.stopPropagation();
            }
          }}
        />
        <p class="under" role="status">
          {text.registriesCount(fitting.length, all.length)}
        </p>
      </div>
      {fitting.length === 0 ? (
        <p class="empty">{text.searchNone(search)}</p>
      ) : (
        <RegistryTable key={search} objects={fitting} onChoose={onChoose} caption={text.registries} />
      )}
    </>
  );
}
