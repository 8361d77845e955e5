import { expect, test } from 'vitest';
import { news, toldBy } from '../../../../src/cli/story/told.ts';
import { storyOf } from '../../../../src/view/story.ts';
import { minutesAfter, resource } from '../../../support/builders.ts';

const told = (provisioningState: string, minutes: number, ...messages: readonly string[]) => {
  const replicas = [{ location: 'japaneast', provisioningState, since: minutesAfter(-5).toISOString() }];
  const object = resource(['japaneast'], { status: { observedGeneration: 1, phase: 'Syncing', replicas } });
  const events = messages.map((message) => ({ time: message, type: 'Normal', reason: 'R', message }));
  return toldBy(storyOf(object, events, minutesAfter(minutes)));
};

test('time alone is no news', () => {
  expect(news(told('Creating', 0), told('Creating', 60))).toEqual([]);
});

test('a region that changes is, and so is an Event', () => {
  expect(news(told('Creating', 0, 'a'), told('Updating', 0, 'a', 'b'))).toEqual(['japaneast: Updating', 'R: b']);
});
