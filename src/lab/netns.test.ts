import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startChild } from './child.ts';
import { createLab, type Lab, namespacesOf, sweepNamespaces } from './netns.ts';
import { isAlive } from './rescue.ts';

/** The process id of something that ran and ended. */
function deadPid(): number {
  return spawnSync('true').pid;
}

let lab: Lab | undefined;

beforeEach((ctx) => {
  if (process.getuid?.() !== 0) ctx.skip('network namespaces need root');
  if (spawnSync('ip', ['-V']).status !== 0) ctx.skip('ip is missing (Debian package iproute2)');
});

afterEach(async () => {
  await lab?.close();
  lab = undefined;
});

describe('lab', () => {
  it('has an address on a bridge, and a tap on it for each machine', async () => {
    lab = await createLab({ address: '10.77.0.1/24' });
    expect(lab.exec(['ip', '-brief', 'address', 'show', 'br0'])).toContain('10.77.0.1/24');
    expect([lab.addTap(), lab.addTap()]).toEqual(['tap0', 'tap1']);
    expect(lab.exec(['ip', '-brief', 'link', 'show', 'master', 'br0'])).toMatch(/tap0[\s\S]*tap1/);
  });

  it('reports a command that fails with what it said', async () => {
    lab = await createLab({ address: '10.77.0.1/24' });
    expect(() => lab!.exec(['ip', 'link', 'show', 'nothing'])).toThrow(
      expect.objectContaining({ code: 'LAB_COMMAND', message: expect.stringContaining('does not exist') }),
    );
  });

  it('takes its processes along when it closes', async () => {
    const mine = await createLab({ address: '10.77.0.1/24' });
    const child = await startChild(mine.inside(['sleep', '60']));
    await mine.close();
    await child.exited;
    expect(isAlive(child.pid)).toBe(false);
    expect(namespacesOf(process.pid)).not.toContain(mine.namespace);
  });

  it('leaves no half-made namespace behind', async () => {
    const before = namespacesOf(process.pid);
    await expect(createLab({ address: 'nonsense' })).rejects.toEqual(
      expect.objectContaining({ code: 'LAB_COMMAND' }),
    );
    expect(namespacesOf(process.pid)).toEqual(before);
  });

  it('sweeps what a dead process left, and only that', async () => {
    lab = await createLab({ address: '10.77.0.1/24' });
    const dead = deadPid();
    const stale = `chainboot-${dead}-0`;
    spawnSync('ip', ['netns', 'add', stale]);
    const orphan = await startChild(['ip', 'netns', 'exec', stale, 'sleep', '60']);
    // The process enters the namespace when `ip` has become `sleep`.
    for (let i = 0; i < 50 && spawnSync('ip', ['netns', 'pids', stale]).stdout.length === 0; i += 1)
      await sleep(20);
    sweepNamespaces();
    await orphan.exited;
    expect(namespacesOf(dead)).toEqual([]);
    expect(namespacesOf(process.pid)).toContain(lab.namespace);
  });
});
