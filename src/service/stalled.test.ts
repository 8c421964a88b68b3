import { expect, it } from 'vitest';
import { because } from '../boot/reason.ts';
import type { Step } from '../boot/step.ts';
import { StalledBoots } from './stalled.ts';

const step = (kind: Step['kind'], at = 0): Step => ({ at, kind, via: 'http', because: because('boot-file') });

it('diagnoses each boot once that has stalled, and none that ended well or goes on', async () => {
  const told: string[] = [];
  const stalled = new StalledBoots(async (boot) => void told.push(boot));
  stalled.observe({ boot: 'stalled', seq: 0, step: step('dhcp.ack') });
  stalled.observe({ boot: 'built', seq: 0, step: step('dhcp.ack') });
  stalled.observe({ boot: 'built', seq: 1, step: step('http.built') });
  stalled.observe({ boot: 'installing', seq: 0, step: step('http.answers') });
  stalled.observe({ boot: 'played', seq: 0, step: { ...step('dhcp.ack'), rehearsal: 'r1' } });
  await stalled.sweep(60_000);
  expect(told).toEqual([]);
  await stalled.sweep(700_000);
  await stalled.sweep(800_000);
  expect(told).toEqual(['stalled']);
  await stalled.sweep(4_300_000);
  expect(told).toEqual(['stalled', 'installing']);
});
