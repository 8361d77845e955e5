import { group } from '../../api/registryreplication.ts';
import { readHappened } from '../../view/happened.ts';
import { type Story, storyOf } from '../../view/story.ts';
import type { Call } from '../command.ts';
import { documentOf } from '../output/data.ts';
import { storyText } from '../story/story-text.ts';

/** Characters in a line where nobody says how many there is room for. */
const usualWidth = 100;

export async function run(call: Call): Promise<number> {
  const { args, cluster, signal, now, terminal, text } = call;
  const opened = cluster();
  const object = await opened.object(args[0] ?? '', signal);
  const isJson = text('output') === 'json';
  if (call.flag('watch')) {
    const { liveStatus } = await import('../live/status.ts');
    return await liveStatus(call, { object, isJson, textOf: (story) => shown(story, call), dataOf });
  }
  const story = storyOf(object, await readHappened(opened, object, signal), now());
  terminal.out(isJson ? documentOf('json', dataOf(story)) : shown(story, call));
  return 0;
}

function dataOf(story: Story): object {
  return { apiVersion: `cli.${group}/v1`, kind: 'ReplicationStory', ...story };
}

function shown(story: Story, { terminal, now }: Call): string {
  const { paint, isUnicode, columns } = terminal;
  return storyText(story, { paint, isUnicode, width: columns() ?? usualWidth, now: now() });
}
