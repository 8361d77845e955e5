import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { progressTo } from '../../../../src/cli/doctor/progress.ts';

describe('progress', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('is told of what takes longer than two seconds, again and again, and ends with the look', () => {
    const lines: string[] = [];
    {
      using progress = progressTo((text) => void lines.push(text));
      progress.at('Kubernetes');
      vi.advanceTimersByTime(1_900);
      progress.at('platform/contoso');
      vi.advanceTimersByTime(2_200);
    }
    vi.advanceTimersByTime(10_000);
    expect(lines).toEqual(['still looking at platform/contoso\n', 'still looking at platform/contoso\n']);
  });
});
