/** A real machine, from its PXE ROM to a running installer to its own disk, exactly as `npm start` shows it. */

import { expect, it } from 'vitest';
import type { LabEvent } from '../../src/lab/events.ts';
import { type DemoRun, leftovers, milestones, startDemo, whyNot } from './demo-run.ts';

const MINUTES = 60_000;

function steps(run: DemoRun) {
  return run.events.flatMap((event: LabEvent) => (event.kind === 'step' ? [event.step] : []));
}

it(
  'installs a QEMU machine over the network and then leaves it to its disk',
  async (ctx) => {
    const reason = whyNot('machine');
    if (reason !== undefined) ctx.skip(reason);
    const run = startDemo('machine');
    expect(await run.ended, run.text()).toBe(0);
    expect(milestones(run)).toEqual([
      ...['rom', 'address', 'script', 'kernel', 'initrd', 'kernel-runs', 'answers', 'built', 'power-off'],
      ...['local-script', 'local-disk'],
    ]);

    const installer = steps(run).filter((step) => step.kind === 'http.file');
    expect(installer.map((step) => step.bytes)).toEqual([8_222_656, 40_810_276]);
    const commandLine = run.events.find(
      (event) => event.kind === 'machine' && /Command line:/.test(event.text),
    );
    expect(commandLine).toMatchObject({
      text: expect.stringMatching(/url=http:\/\/10\.77\.0\.1\/unattended\/provision/),
    });
    expect(
      steps(run)
        .filter((step) => step.kind === 'http.script')
        .map((step) => step.because.code),
    ).toEqual(['script-build', 'script-local']);
    expect(steps(run).every((step) => step.mac === '52:54:00:77:00:10')).toBe(true);
    expect(run.events.at(-1)).toMatchObject({ kind: 'result', ok: true });
    expect(leftovers(run.pid)).toEqual([]);
  },
  8 * MINUTES,
);
