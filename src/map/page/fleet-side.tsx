import { useState } from 'preact/hooks';
import type { MapObject } from '../wire.ts';
import type { Fleet } from './fleet.ts';
import { type Mark, rankOf } from './marks.ts';
import { Panel } from './panel.tsx';
import { FleetRegions } from './regions.tsx';
import { Chooser, RegistryTable } from './registries.tsx';
import { spoken, text } from './text.ts';

interface FleetSideProps {
  readonly fleet: Fleet;
  readonly marks: readonly Mark[];
  readonly selected: Mark | undefined;
  readonly onChoose: (key: string) => void;
  readonly onSelect: (region: string) => void;
  readonly onClose: () => void;
}

/** Beside the map when no registry is chosen: all of them, and all regions. */
export function FleetSide({ fleet, marks, selected, onChoose, onSelect, onClose }: FleetSideProps) {
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
