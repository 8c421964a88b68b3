/** Whenever and however the demo is ended, nothing of it stays. */

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, type TestContext } from 'vitest';
import type { LabEvent } from '../../src/lab/events.ts';
import { sweepNamespaces } from '../../src/lab/netns.ts';
import { makeWorkDirectory } from '../../src/lab/workdir.ts';
import { type DemoRun, leftovers, startDemo, whyNot } from './demo-run.ts';

const LIMIT = { timeout: 120_000 };

function machine(ctx: TestContext): DemoRun {
  const reason = whyNot('machine');
  if (reason !== undefined) ctx.skip(reason);
  return startDemo('machine');
}

function isMilestone(name: string) {
  return (event: LabEvent) => event.kind === 'milestone' && event.milestone === name;
}

function processes(run: DemoRun): readonly string[] {
  return leftovers(run.pid).filter((name) => /^\d+$/.test(name));
}

function qemuOf(run: DemoRun): number {
  const isQemu = (pid: string) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('qemu-system');
  return Number(processes(run).find(isQemu));
}

describe('an interrupted demo', () => {
  it.for([
    ['SIGINT', 130, 'rom'],
    ['SIGTERM', 143, 'script'],
  ] as const)('%s: status %d and nothing left, after "%s"', LIMIT, async ([signal, status, after], ctx) => {
    const run = machine(ctx);
    await run.until(isMilestone(after));
    run.child.kill(signal);
    expect(await run.ended, run.text()).toBe(status);
    expect(run.events.at(-1)).toMatchObject({ kind: 'result', ok: false });
    expect(leftovers(run.pid)).toEqual([]);
  });

  it('leaves nothing behind when it is interrupted before anything runs', LIMIT, async (ctx) => {
    const run = machine(ctx);
    await run.until((event) => event.kind === 'note');
    run.child.kill('SIGINT');
    expect(await run.ended, run.text()).toBe(130);
    expect(leftovers(run.pid)).toEqual([]);
  });

  it('says what ended when the machine dies, and leaves nothing behind', LIMIT, async (ctx) => {
    const run = machine(ctx);
    await run.until(isMilestone('rom'));
    process.kill(qemuOf(run), 'SIGKILL');
    expect(await run.ended, run.text()).toBe(1);
    expect(run.events.at(-1)).toMatchObject({
      kind: 'result',
      ok: false,
      text: expect.stringMatching(/^LAB_ENDED: the machine /),
    });
    expect(leftovers(run.pid)).toEqual([]);
  });

  it('takes machine and server along when it is killed; the next lab sweeps the rest', LIMIT, async (ctx) => {
    const run = machine(ctx);
    await run.until(isMilestone('rom'));
    run.child.kill('SIGKILL');
    expect(await run.ended).toBe('SIGKILL');
    for (let tries = 0; tries < 400 && processes(run).length > 0; tries += 1) await sleep(100);
    expect(processes(run)).toEqual([]);
    sweepNamespaces();
    makeWorkDirectory().remove();
    expect(leftovers(run.pid)).toEqual([]);
  });
});
