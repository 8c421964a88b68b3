/**
 * A real iPXE (Debian package ipxe, in QEMU with user networking) against the boot plane: it shows an error,
 * asks again when a key is pressed, and goes on with what it then gets.
 */

import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { ChainbootError } from '../../src/errors.ts';
import type { Outcome, Route } from '../../src/http/answer.ts';
import { FileCache } from '../../src/http/file-cache.ts';
import { BootHttpServer } from '../../src/http/server.ts';

const QEMU = 'qemu-system-x86_64';
const IPXE = '/usr/lib/ipxe/ipxe.lkrn';
/** Where a machine behind QEMU's user networking finds the loopback of its host. */
const HOST = '10.0.2.2';
const SIZE = 5_000_000;

function hasQemu(): boolean {
  try {
    execFileSync(QEMU, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

it('shows an error on a real iPXE, which asks again and goes on', { timeout: 90_000 }, async (ctx) => {
  if (!hasQemu()) return ctx.skip(`${QEMU} (Debian package qemu-system-x86)`);
  if (!existsSync(IPXE)) return ctx.skip(`${IPXE} (Debian package ipxe)`);
  const directory = await mkdtemp(join(tmpdir(), 'chainboot-ipxe-'));
  const outcomes: Outcome[] = [];
  let asked = 0;
  const routes: readonly Route[] = [
    {
      methods: ['GET'],
      pattern: '/unattended/iPXE',
      isScript: () => true,
      handle: async ({ url }) => {
        const tricky = `my \${net0/mac} && reboot || poweroff # yes`;
        if (++asked === 1) throw new ChainbootError('TEMPLATE_FAILED', { template: tricky, host: 'db01' });
        const file = new URL('/file', url).href;
        const text = [
          '#!ipxe',
          `imgfetch --name got ${file} || echo FETCH-FAILED`,
          'imgstat',
          `imgfetch ${file}/missing || echo MISSING-IS-FAILURE`,
          'echo ASKED-AGAIN',
          'poweroff',
        ].join('\n');
        return { kind: 'text', status: 200, text };
      },
    },
    {
      methods: ['GET'],
      pattern: '/file',
      handle: async () => ({
        kind: 'file',
        path: join(directory, 'file'),
        name: 'file',
        onFinished: (outcome) => outcomes.push(outcome),
      }),
    },
  ];
  const server = new BootHttpServer({ routes, cache: new FileCache(), log: () => {}, now: Date.now });
  let machine: ReturnType<typeof spawn> | undefined;
  try {
    await writeFile(join(directory, 'file'), Buffer.alloc(SIZE));
    await server.start([{ address: '127.0.0.1', port: 0 }]);
    const url = `http://${HOST}:${server.addresses[0]!.port}/unattended/iPXE?mac=\${net0/mac}`;
    const script = [
      '#!ipxe',
      // A static address: DHCP with its two seconds for proxies is not what is tested.
      'ifopen net0',
      'set net0/ip 10.0.2.15',
      'set net0/netmask 255.255.255.0',
      `chain ${url}`,
    ].join('\n');
    await writeFile(join(directory, 'script'), script);
    machine = spawn(QEMU, [
      ...[
        '-machine',
        'pc,graphics=off',
        '-accel',
        'tcg',
        '-m',
        '128',
        '-display',
        'none',
        '-monitor',
        'none',
      ],
      ...[
        '-serial',
        'stdio',
        '-no-reboot',
        '-netdev',
        'user,id=n0',
        '-device',
        'virtio-net-pci,netdev=n0,romfile=',
      ],
      ...['-kernel', IPXE, '-initrd', join(directory, 'script')],
    ]);
    let shown = '';
    machine.stdout!.on('data', (piece) => (shown += piece.toString('latin1')));
    const seen = async (text: string) => {
      for (let tries = 0; !shown.includes(text); tries++) {
        if (tries > 800) throw new Error(`iPXE does not show "${text}":\n${shown}`);
        await sleep(100);
      }
    };
    await seen('any other key to try again');
    machine.stdin!.write('x');
    await seen('ASKED-AGAIN');
    expect(shown).toContain('Chainboot: TEMPLATE_FAILED');
    expect(shown).toContain('What is wrong: the template my $ {net0/mac} & & reboot | | poweroff');
    expect(shown).toContain('MISSING-IS-FAILURE');
    expect(shown).not.toContain('FETCH-FAILED');
    expect(shown).toContain(`got : ${SIZE} bytes`);
    expect(outcomes).toMatchObject([{ status: 200, bytes: SIZE, aborted: false }]);
    expect(asked).toBe(2);
  } finally {
    machine?.kill('SIGKILL');
    await server.close(0);
    await rm(directory, { recursive: true });
  }
});
