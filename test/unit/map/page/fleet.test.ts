import { describe, expect, test } from 'vitest';
import { after, type Fleet, type FleetEvent, nothingYet } from '../../../../src/map/page/fleet.ts';
import type { Hello } from '../../../../src/map/wire.ts';
import { mapObject, replica } from './objects.ts';

const hello: Hello = { version: '1', host: 'plugin', cloud: 'AzurePublic', cluster: 'c' };
const [a, b, c] = ['ns/a', 'ns/b', 'ns/c'].map((key) => mapObject(key, [replica('westeurope')]));
if (a === undefined || b === undefined || c === undefined) throw new Error('three objects');

const told = (events: readonly FleetEvent[], from: Fleet = nothingYet): Fleet => events.reduce(after, from);
const synced = told([{ kind: 'hello', hello }, { kind: 'objects', objects: [a, b] }, { kind: 'synced' }]);
const keys = ({ objects }: Fleet): readonly string[] => [...objects.keys()].sort();

describe('what the page knows of the fleet', () => {
  test('is nothing before it is connected', () => {
    expect(nothingYet).toMatchObject({ link: 'connecting', synced: false, trouble: null });
  });

  test('grows while the first objects arrive, and is complete when the server says so', () => {
    const half = told([
      { kind: 'hello', hello },
      { kind: 'objects', objects: [a] },
    ]);
    expect([keys(half), half.synced, half.link]).toEqual([['ns/a'], false, 'open']);
    expect([keys(synced), synced.synced, synced.arriving]).toEqual([['ns/a', 'ns/b'], true, undefined]);
  });

  test('follows changes and what goes', () => {
    const failed = mapObject('ns/a', [replica('westeurope', 'failed')], { version: '2' });
    const next = told(
      [
        { kind: 'objects', objects: [failed] },
        { kind: 'gone', keys: ['ns/b', 'ns/never'] },
      ],
      synced,
    );
    expect(next.objects).toEqual(new Map([['ns/a', failed]]));
  });

  test('stays while the connection is lost, and tells since when', () => {
    const at = new Date('2026-01-01T00:00:00Z');
    const lost = told(
      [
        { kind: 'lost', at },
        { kind: 'lost', at: new Date('2026-01-01T00:00:09Z') },
      ],
      synced,
    );
    expect([lost.link, lost.lostAt, keys(lost)]).toEqual(['lost', at, ['ns/a', 'ns/b']]);
  });

  test('tells why the server lets it not in, until it does', () => {
    const refusal = { error: 'This browser was not let in.', cure: 'Open the link.' };
    const lost = told([{ kind: 'lost', at: new Date(0), refusal }], synced);
    expect(lost.refusal).toEqual(refusal);
    expect(told([{ kind: 'hello', hello }], lost)).not.toHaveProperty('refusal');
  });

  test('keeps the old after a new hello until the new is complete; what is in it no longer is gone then', () => {
    const again = told(
      [
        { kind: 'lost', at: new Date(0) },
        { kind: 'hello', hello },
        { kind: 'objects', objects: [b, c] },
      ],
      synced,
    );
    expect([again.link, keys(again)]).toEqual(['open', ['ns/a', 'ns/b']]);
    expect(again).not.toHaveProperty('lostAt');
    expect(keys(told([{ kind: 'synced' }], again))).toEqual(['ns/b', 'ns/c']);
  });

  test('forgets what goes while the new arrives', () => {
    const next = told(
      [
        { kind: 'hello', hello },
        { kind: 'objects', objects: [a, b] },
        { kind: 'gone', keys: ['ns/a'] },
        { kind: 'synced' },
      ],
      synced,
    );
    expect(keys(next)).toEqual(['ns/b']);
  });

  test('holds the trouble of the server until it is over, or another connection begins', () => {
    const troubled = told([{ kind: 'trouble', trouble: { why: 'refused' } }], synced);
    expect(troubled.trouble).toBe('refused');
    expect(told([{ kind: 'trouble', trouble: { why: null } }], troubled).trouble).toBeNull();
    expect(told([{ kind: 'hello', hello }], troubled).trouble).toBeNull();
  });
});
