import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventReader } from '../../../../src/map/page/event-stream.ts';

const stream =
  'retry: 1000\nevent: hello\ndata: {"a":1}\n\n: \n\nevent: objects\r\ndata:[1]\r\n\r\ndata: x\ndata: y\n\nevent: cut\ndata: z';
const events = [
  { name: 'hello', data: '{"a":1}' },
  { name: 'objects', data: '[1]' },
  { name: 'message', data: 'x\ny' },
];

describe('a stream of events', () => {
  test('gives names and data, passes comments over, and waits for the end of an event', () => {
    expect(eventReader()(stream)).toEqual(events);
  });

  test('gives the same however it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 20 }), (cuts) => {
        const read = eventReader();
        const ends = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
        const pieces = ends.slice(1).map((end, i) => stream.slice(ends[i], end));
        expect(pieces.flatMap((piece) => read(piece))).toEqual(events);
      }),
    );
  });

  test('gives an event whose data came later', () => {
    const read = eventReader();
    expect(read('event: gone\ndata: ["a')).toEqual([]);
    expect(read('"]\n\n')).toEqual([{ name: 'gone', data: '["a"]' }]);
  });
});
