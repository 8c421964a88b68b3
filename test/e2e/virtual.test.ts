/** The demo where there is no root or no QEMU: the virtual client against the same real servers. */

import { expect, it } from 'vitest';
import { leftovers, milestones, startDemo, whyNot } from './demo-run.ts';

it('installs a virtual machine on loopback and then leaves it to its disk', async (ctx) => {
  const reason = whyNot('virtual');
  if (reason !== undefined) ctx.skip(reason);
  const run = startDemo('virtual');
  expect(await run.ended, run.text()).toBe(0);
  const reached = milestones(run);
  expect(reached.slice(0, 6)).toEqual(['address', 'script', 'kernel', 'initrd', 'kernel-runs', 'answers']);
  // The virtual machine may be off before the server has counted its last answer as sent.
  expect(reached.slice(6, 8).sort()).toEqual(['built', 'power-off']);
  expect(reached.slice(8).sort()).toEqual(['local-script', 'power-off']);
  expect(run.events[0]).toMatchObject({ kind: 'note', text: expect.stringContaining('virtual PXE client') });
  expect(run.events.at(-1)).toMatchObject({ kind: 'result', ok: true });
  expect(leftovers(run.pid)).toEqual([]);
}, 120_000);
