import { expect, test } from 'vitest';
import { drafted, free, house, signs } from '../../../../src/map/page/signs.ts';
import { stateWords } from '../../../../src/map/page/text.ts';
import { states } from '../../../../src/map/wire.ts';

test('each state, home and a free region have a shape of their own', () => {
  const shapes = [...states.map((state) => signs[state]), house, free, drafted.add, drafted.remove];
  expect(new Set(shapes.map((shape) => JSON.stringify(shape))).size).toBe(states.length + 4);
});

test('each state has a word of its own', () => {
  const words = states.map((state) => stateWords[state].word);
  expect(new Set(words).size).toBe(states.length);
  for (const word of words) expect(word).toMatch(/^[A-Z][a-z ]+$/);
});

test('no sign leaves its circle', () => {
  for (const state of states) {
    const { fill = '', line = '', cut = '' } = signs[state];
    for (const [number] of `${fill} ${line} ${cut}`.matchAll(/-?\d+(?:\.\d+)?/g))
      expect(Math.abs(Number(number)), `${state} ${number}`).toBeLessThanOrEqual(360);
    expect(`${fill}${line}`, state).toMatch(/^M/);
  }
});
