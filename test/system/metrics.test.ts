/** `/metrics` of the built program, after a virtual machine has booted. */

import { afterAll, expect, it } from 'vitest';
import { bootVirtually } from '../../src/client/boot.ts';
import { personaOf } from '../../src/client/personas.ts';
import { Daemon, freePorts, installing } from './daemon.ts';

const MAC = '52:54:00:77:00:10';
const SUBNET = { name: 'lo', network: '127.0.0.0/24', from: '127.0.0.100', to: '127.0.0.200' };
let made: Daemon | undefined;
afterAll(() => made?.close());

/** Lines of the text format (Prometheus, exposition formats): a sample, or a comment that tells of one. */
const SAMPLE = /^[a-zA-Z_:][\w:]*(\{(\w+="(\\.|[^"\\])*",?)*\})? -?[0-9.e+-]+$/;

it('counts what a boot did, and is for its networks alone', async () => {
  made = new Daemon({
    link: { interface: 'lo', address: '127.0.0.1' },
    ports: await freePorts(),
    site: { subnets: [SUBNET], hosts: [installing('vm1.lab', MAC, '127.0.0.50')] },
  });
  await made.start();
  const outcome = await bootVirtually({
    persona: personaOf('bios-rom')!,
    mac: MAC,
    dhcp: { via: 'server', address: '127.0.0.1', port: made.ports.dhcp },
    tftpPort: made.ports.tftp,
    timeoutMs: 60_000,
    installer: true,
  });
  expect(outcome.reached).toBe('installed');
  const scrape = async () => {
    const answer = await fetch(`${made!.url}/metrics`);
    return { type: answer.headers.get('content-type'), text: await answer.text() };
  };
  await expect.poll(async () => (await scrape()).text).toContain('phase="report",outcome="ok"} 1\n');
  const { type, text } = await scrape();
  expect(type).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(
    text.split('\n').filter((line) => line !== '' && !line.startsWith('# ') && !SAMPLE.test(line)),
  ).toEqual([]);
  expect(text).toContain('chainboot_hosts{build="false"} 1\n');
  expect(text).toMatch(/chainboot_phase_seconds_count\{phase="files"\} [1-9]/);
  expect(text).toMatch(/chainboot_dhcp_packets_total\{result="received"\} [1-9]/);
  made.writeConfig({ metrics: { allow: ['192.0.2.0/24'] } });
  const before = made.log.length;
  made.signal('SIGHUP');
  await made.logged(/reloaded|took over|configuration/i, before);
  const refused = await fetch(`${made.url}/metrics`);
  expect(refused.status).toBe(403);
  expect(await refused.text()).toContain('METRICS_DENIED');
});
