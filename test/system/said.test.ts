/** What machines say themselves, with the built program: beacons of scripts, reports of installers, lines of syslog. */

import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bootVirtually } from '../../src/client/boot.ts';
import { personaOf } from '../../src/client/personas.ts';
import { ask } from './ask.ts';
import { Daemon, freePorts, installing } from './daemon.ts';

const MAC = '52:54:00:77:00:10';
const ADDRESS = '127.0.0.50';
const SUBNET = { name: 'lo', network: '127.0.0.0/24', from: '127.0.0.100', to: '127.0.0.200' };
const PATIENCE = { timeout: 60_000, interval: 200 };

type StepJson = {
  readonly kind: string;
  readonly what?: string;
  readonly mac?: string;
  readonly host?: string;
  readonly sentence: string;
  readonly because: { readonly code: string };
  readonly detail?: Readonly<Record<string, unknown>>;
};

let daemon: Daemon;
let syslogPort: number;

beforeAll(async () => {
  syslogPort = (await freePorts()).tftp;
  daemon = new Daemon({
    link: { interface: 'lo', address: '127.0.0.1' },
    ports: await freePorts(),
    site: {
      subnets: [SUBNET],
      hosts: [
        installing('vm1.lab', MAC, ADDRESS),
        installing('quiet.lab', '52:54:00:77:00:11', '127.0.0.51', {
          parameters: { chainboot_beacons: false, chainboot_report: 'early' },
        }),
      ],
    },
    config: { syslog: { port: syslogPort } },
  });
  await daemon.start();
}, 90_000);

afterAll(async () => {
  await daemon?.close();
});

function powerOn(mac: string) {
  return bootVirtually({
    persona: personaOf('ipxe-rom')!,
    mac,
    dhcp: { via: 'server', address: '127.0.0.1', port: daemon.ports.dhcp },
    tftpPort: daemon.ports.tftp,
    timeoutMs: 60_000,
    installer: true,
  });
}

/** Of the newest boot. */
const steps = () => daemon.json<StepJson[]>('boot', 'show', 'last');

/** From the address of a machine. */
async function say(from: string, lines: readonly string[]): Promise<void> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, from, resolve));
  for (const line of lines)
    await new Promise<void>((resolve, reject) =>
      socket.send(line, syslogPort, '127.0.0.1', (error) => (error ? reject(error) : resolve())),
    );
  await new Promise<void>((resolve) => socket.close(() => resolve()));
}

describe('what a machine says itself', () => {
  it('is in its boot: beacons, an event of its installer, and its log', async () => {
    expect((await powerOn('52:54:00:77:00:11')).reached).toBe('installed');
    await expect.poll(() => steps().at(-1)?.because.code, PATIENCE).toBe('build-done');
    expect(steps().filter(({ kind }) => kind === 'http.beacon')).toEqual([]);

    const outcome = await powerOn(MAC);
    expect(outcome, outcome.why).toMatchObject({ reached: 'installed' });
    await expect.poll(() => steps().map(({ because }) => because.code), PATIENCE).toContain('build-done');
    const told = steps();
    expect(told.filter(({ kind }) => kind === 'http.beacon')).toMatchObject([
      { what: 'kernel', mac: MAC, host: 'vm1.lab', sentence: 'its script has come to: kernel' },
      { what: 'boot', mac: MAC, host: 'vm1.lab' },
    ]);
    const order = told.map(({ kind, what }) => (kind === 'http.beacon' ? what : kind));
    expect(order.indexOf('kernel')).toBeGreaterThan(order.indexOf('http.script'));
    expect(order.indexOf('boot')).toBeGreaterThan(order.indexOf('http.file'));

    const event = { origin: 'curtin', event_type: 'finish', name: 'cmd-install', result: 'FAIL' };
    const answer = await ask({
      url: `${daemon.url}/unattended/progress?mac=${MAC}`,
      method: 'POST',
      body: event,
    });
    expect(answer.status).toBe(200);
    await expect
      .poll(() => steps().find(({ kind }) => kind === 'http.progress'), PATIENCE)
      .toMatchObject({
        host: 'vm1.lab',
        sentence: 'the installer says: curtin finish cmd-install FAIL',
        detail: { severity: 'err' },
      });

    await say(ADDRESS, ['<0>Nov  3 12:00:00 kernel: Kernel panic - not syncing: VFS: no root']);
    await expect
      .poll(() => steps().find(({ kind }) => kind === 'syslog.line'), PATIENCE)
      .toMatchObject({
        mac: MAC,
        host: 'vm1.lab',
        detail: { program: 'kernel', severity: 'emerg', text: 'Kernel panic - not syncing: VFS: no root' },
      });
  });

  it('is bounded: a flood is cut, and the server goes on', async () => {
    const socket = connect({ port: syslogPort, host: '127.0.0.1', localAddress: ADDRESS });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    const flood = Array.from({ length: 20_000 }, (_, i) => `<14>Nov  3 12:00:00 flood: ${i}\n`).join('');
    await new Promise<void>((resolve) => socket.end(flood, resolve));
    const kept = () => steps().filter(({ kind }) => kind === 'syslog.line').length;
    await expect.poll(kept, PATIENCE).toBeGreaterThan(900);
    await expect
      .poll(async () => (await ask({ url: `${daemon.url}/metrics` })).text, PATIENCE)
      .toMatch(/chainboot_syslog_lines_total\{result="limited"\} 1\d{4}/);
    expect(kept()).toBeLessThan(2300);
    expect(daemon.json<object[]>('boots')).toHaveLength(2);
  });

  it('is nobody’s business from an address that no machine has', async () => {
    await say('127.0.0.99', ['<14>Nov  3 12:00:00 switch: link up']);
    await expect
      .poll(async () => (await ask({ url: `${daemon.url}/metrics` })).text, PATIENCE)
      .toMatch(/chainboot_syslog_lines_total\{result="foreign"\} 1\b/);
    expect(daemon.json<object[]>('boots')).toHaveLength(2);
  });
});
