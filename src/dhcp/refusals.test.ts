import { describe, expect, it } from 'vitest';
import { FORMS, Refusals } from './refusals.ts';

const MAC = '52:54:00:77:00:10';
const MINUTE = 60_000;

function forms(refusals: Refusals, kind: keyof typeof FORMS, xids: readonly number[], from = 0): string[] {
  const role = kind === 'server' ? 'server' : 'proxy';
  return xids.map((xid, i) => refusals.next(MAC, FORMS[kind], role, xid, from + i * 1000).form);
}

describe('offers that a machine lets go by', () => {
  it('are broadcast from the fifth on, repeated or not', () => {
    const refusals = new Refusals();
    expect(forms(refusals, 'server', [1, 1, 1, 1, 1, 1])).toEqual([
      ...['unicast', 'unicast', 'unicast', 'unicast', 'broadcast', 'broadcast'],
    ]);
  });

  it('of a proxy change with every third attempt, and in the end begin anew', () => {
    const kinds = forms(new Refusals(), 'biosProxy', [1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(kinds).toEqual([
      ...['direct', 'direct', 'direct', 'direct', 'direct'],
      ...['boot-server', 'boot-server', 'boot-server', 'plain', 'plain', 'plain', 'direct'],
    ]);
  });

  it('are forgotten once one is taken; what was taken stays', () => {
    const refusals = new Refusals();
    forms(refusals, 'server', [1, 1, 1, 1, 1]);
    refusals.taken(MAC);
    expect(forms(refusals, 'server', [2, 2, 2])).toEqual(['broadcast', 'broadcast', 'broadcast']);
    expect(refusals.next(MAC, FORMS.server, 'server', 3, 30 * MINUTE).form).toBe('unicast');
  });

  it('say how many there were', () => {
    const refusals = new Refusals();
    forms(refusals, 'server', [1, 1, 1, 1]);
    expect(refusals.next(MAC, FORMS.server, 'server', 1, 5000)).toEqual({ form: 'broadcast', refused: 4 });
  });
});
