import { describe, expect, it } from 'vitest';
import { because } from './reason.ts';
import { isSaid, SaidCounter } from './said.ts';
import type { Step } from './step.ts';

function line(text: string, severity = 'info'): Step {
  return {
    at: 1,
    kind: 'syslog.line',
    via: 'syslog',
    address: '192.0.2.50',
    because: because('machine-said', { program: 'kernel', text }),
    detail: { text, severity },
  };
}

describe('SaidCounter', () => {
  it('keeps so many lines of a boot, says once that the rest is left out, and still keeps bad news', () => {
    const counter = new SaidCounter({ lines: 3, errors: 2 });
    const said = (step: Step) => counter.kept('boot', step)?.because;
    for (let i = 0; i < 3; i++) expect(said(line(`line ${i}`))).toMatchObject({ text: `line ${i}` });
    expect(said(line('more'))).toEqual({ code: 'machine-hushed', lines: 3 });
    expect(said(line('more'))).toBeUndefined();
    expect(said(line('Kernel panic - not syncing: VFS'))).toMatchObject({ code: 'machine-said' });
    expect(said(line('oops', 'crit'))).toMatchObject({ text: 'oops' });
    expect(said(line('Kernel panic - not syncing: again'))).toBeUndefined();
  });

  it('says nothing of the line that was left out but where it came from', () => {
    const counter = new SaidCounter({ lines: 0, errors: 0 });
    const { detail, ...rest } = line('secret');
    expect(counter.kept('boot', line('secret'))).toEqual({
      ...rest,
      because: because('machine-hushed', { lines: 0 }),
    });
    expect(detail).toBeDefined();
  });

  it('counts each boot by itself', () => {
    const counter = new SaidCounter({ lines: 1, errors: 0 });
    for (const boot of ['a', 'b', 'c']) expect(counter.kept(boot, line(boot))).toEqual(line(boot));
  });

  it('is asked about what machines say, not about beacons, whose number is up to our scripts', () => {
    expect(isSaid(line('x'))).toBe(true);
    expect(isSaid({ ...line('x'), kind: 'http.progress' })).toBe(true);
    expect(isSaid({ ...line('x'), kind: 'http.beacon' })).toBe(false);
  });
});
