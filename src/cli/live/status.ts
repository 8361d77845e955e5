import type { RegistryReplication } from '../../api/registryreplication.ts';
import type { Key } from '../../domain/key.ts';
import { collectionPath } from '../../kube/store.ts';
import type { KubeObject } from '../../kube/watch/object.ts';
import { type CoreEvent, eventsAbout, happenedIn, refusalText } from '../../view/happened.ts';
import { type Story, storyOf } from '../../view/story.ts';
import type { Call } from '../command.ts';
import { follow } from '../follow.ts';
import { openScreen } from '../output/screen.ts';
import { news, toldBy } from '../story/told.ts';

export interface LiveStatus {
  /** The object as it was found. */
  readonly object: RegistryReplication;
  readonly isJson: boolean;
  readonly textOf: (story: Story) => string;
  readonly dataOf: (story: Story) => object;
}

/** Shows the story as it goes on, until Ctrl-C, or until the object is gone. */
export async function liveStatus(call: Call, { object: found, isJson, textOf, dataOf }: LiveStatus): Promise<number> {
  const { terminal, signal, now, cluster } = call;
  const { name, namespace } = found.metadata;
  const end = new AbortController();
  const until = AbortSignal.any([signal, end.signal]);
  const events = new Map<Key, CoreEvent & KubeObject>();
  let object = found;
  let isGone = false;
  let refusal: string | undefined;
  let trouble: string | undefined;
  const story = (): Story => storyOf(object, refusal ?? happenedIn([...events.values()]), now());

  /** Calls `changed` for the first time when all is known. */
  async function followAll(changed: () => void): Promise<void> {
    const awaited = new Set(['object', 'events']);
    const heard = (): void => {
      if (awaited.size === 0) changed();
    };
    const toldOf = (what: string) => ({
      onSynced() {
        awaited.delete(what);
        heard();
      },
      onTrouble(why: string | undefined) {
        trouble = why;
        heard();
      },
    });
    const onEvent = (key: Key, event: (CoreEvent & KubeObject) | undefined): void => {
      if (event === undefined) events.delete(key);
      else events.set(key, event);
      heard();
    };
    const onObject = (_: Key, current: RegistryReplication | undefined): void => {
      object = current ?? object;
      isGone = current === undefined;
      if (isGone) end.abort();
      else heard();
    };
    const itself = { path: collectionPath(namespace), fieldSelector: `metadata.name=${name}` };
    const ofEvents = follow(cluster(), { ...eventsAbout(found), ...toldOf('events'), onChange: onEvent }, until).catch(
      (error: unknown) => {
        if (until.aborted) return;
        refusal = refusalText(error);
        toldOf('events').onSynced();
      },
    );
    try {
      await follow(cluster(), { ...itself, ...toldOf('object'), onChange: onObject }, until);
    } catch (error) {
      if (!isGone) throw error;
    } finally {
      end.abort();
      await ofEvents;
    }
  }

  if (terminal.isTerminal && !isJson) {
    using screen = openScreen(terminal, () => {
      return `${trouble === undefined ? '' : `${terminal.paint('bad', trouble)}\n`}${textOf(story())}`;
    });
    await followAll(screen.changed);
  } else {
    let told: ReadonlyMap<string, string> | undefined;
    await followAll(() => {
      const current = story();
      const lines = toldBy(current);
      const fresh = told === undefined ? [] : news(told, lines);
      if (isJson && (told === undefined || fresh.length > 0)) terminal.out(`${JSON.stringify(dataOf(current))}\n`);
      else if (told === undefined) terminal.out(textOf(current));
      else terminal.out(fresh.map((line) => `${now().toISOString().slice(11, 19)}  ${line}\n`).join(''));
      told = lines;
    });
  }
  if (isGone) terminal.err(`${namespace}/${name} is gone.\n`);
  return 0;
}
