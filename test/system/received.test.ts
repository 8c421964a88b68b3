/** What a host was really served is what a preview is compared with. */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { Daemon, freePorts, installing } from './daemon.ts';

const MAC = '52:54:00:77:00:10';
const SUBNET = { name: 'lo', network: '127.0.0.0/24', from: '127.0.0.100', to: '127.0.0.200' };

let made: Daemon | undefined;
afterEach(() => made?.close());

it('a script that was fetched over HTTP is there to compare with, under its boot', async () => {
  const ports = await freePorts();
  made = new Daemon({
    link: { interface: 'lo', address: '127.0.0.1' },
    ports,
    site: { subnets: [SUBNET], hosts: [installing('vm1.lab', MAC, '127.0.0.1')] },
  });
  await made.start();
  const answer = await fetch(`http://127.0.0.1:${ports.http}/unattended/iPXE?mac=${MAC}`);
  const text = await answer.text();
  expect(text).toMatch(/^#!ipxe\n/);
  // It is written half a second later, behind the wire's back.
  type Shown = {
    readonly last: { readonly text: string; readonly boot?: string; readonly template: string } | null;
    readonly diff: string;
    readonly text: string;
  };
  const shown = () =>
    JSON.parse(
      made!.cli('template', 'render', 'Preseed default iPXE', '--host', 'vm1.lab', '--diff', '--json').stdout,
    ) as Shown;
  let preview = shown();
  for (let tries = 0; preview.last === null && tries < 200; tries++) {
    await sleep(100);
    preview = shown();
  }
  expect(preview.last).toMatchObject({
    text,
    template: 'Preseed default iPXE',
    boot: expect.stringMatching(/./),
  });
  expect(preview.text).toBe(text);
  expect(preview.diff).toBe('');
});
