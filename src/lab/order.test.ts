import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { LabEvent } from './events.ts';
import { inOrder } from './order.ts';

const NOW = 1_000_000;
const said = (at: number): LabEvent => ({ kind: 'note', at: NOW + at, text: String(at) });

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

it('lets a late event overtake, tells each once, and holds none back for long', () => {
  const told: string[] = [];
  const { tell, end } = inOrder((event) => told.push(event.kind === 'note' ? event.text : ''));
  tell(said(20));
  vi.advanceTimersByTime(100);
  tell(said(10));
  expect(told).toEqual([]);
  vi.advanceTimersByTime(500);
  expect(told).toEqual(['10', '20']);
  tell(said(600));
  end();
  tell(said(5));
  expect(told).toEqual(['10', '20', '600', '5']);
});
