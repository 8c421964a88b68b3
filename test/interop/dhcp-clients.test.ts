/** ISC's dhclient over the whole life of a lease, a crash of the server included. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLab, type Lab } from '../../src/lab/netns.ts';
import { Daemon } from '../system/daemon.ts';
import { type Machine, need, PORTS, plugIn, udhcpc } from './dhcp-lab.ts';

const SERVER = '10.77.0.1';
/** Three addresses; a lease is renewed at its half, which dhclient reckons with a lot of chance. */
const SUBNET = {
  name: 'lab',
  network: '10.77.0.0/24',
  gateway: SERVER,
  from: '10.77.0.100',
  to: '10.77.0.102',
};

let lab: Lab;
let daemon: Daemon;
let machines: Machine[] = [];

beforeEach(async (context) => {
  need(context, ['dhclient', 'isc-dhcp-client'], ['udhcpc', 'udhcpc'], ['tcpdump', 'tcpdump']);
  lab = await createLab({ address: `${SERVER}/24` });
  const link = { interface: 'br0', address: SERVER };
  daemon = new Daemon({ link, ports: PORTS, site: { subnets: [SUBNET] }, inside: lab.inside });
  await daemon.start();
});

afterEach(async () => {
  endDhclient();
  await daemon?.close();
  for (const machine of machines) machine.remove();
  machines = [];
  await lab?.close();
});

function plug(name: string, mac: string): Machine {
  const machine = plugIn(lab, { name, mac });
  machines.push(machine);
  return machine;
}

const file = (name: string) => join(daemon.directory, name);
const read = (name: string) => readFileSync(file(name), 'utf8');

/** It goes on in the background until it has given its address back. */
function endDhclient(): void {
  if (!existsSync(file('pid'))) return;
  try {
    process.kill(Number(read('pid')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Runs it as a daemon of its own until the test ends; its script writes down every reason and address. */
function dhclient(machine: Machine, ...options: readonly string[]): Promise<string> {
  const script = file('dhclient.sh');
  const body = [
    '#!/bin/sh',
    `echo "$reason $new_ip_address $new_dhcp_server_identifier" >>${file('told')}`,
    '[ "$reason" = BOUND ] && ip address add "$new_ip_address/24" dev "$interface"',
    'exit 0',
  ];
  writeFileSync(script, `${body.join('\n')}\n`, { mode: 0o755 });
  // The server's leases last a minute at least; a renewal is asked for sooner by making the lease shorter here.
  writeFileSync(
    file('conf'),
    'initial-interval 1;\nsupersede dhcp-renewal-time 2;\nsupersede dhcp-rebinding-time 40;\n',
  );
  const files = ['-cf', file('conf'), '-lf', file('leases'), '-pf', file('pid'), '-sf', script];
  return machine.run('dhclient', '-4', ...options, ...files, 'eth0');
}

async function until(isTrue: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 400 && !isTrue(); tries += 1) await sleep(100);
  if (!isTrue()) throw new Error(`${what} did not happen:\n${read('told')}\n${daemon.log.join('\n')}`);
}

const addressOf = (told: string): string => /ip=(\S+)/.exec(told)?.[1] ?? 'none';

it('dhclient binds, renews by unicast and gives its address back', async () => {
  const mac = '52:54:00:1c:00:01';
  const machine = plug('isc', mac);
  await dhclient(machine, '-1');
  expect(read('told')).toContain(`BOUND 10.77.0.100 ${SERVER}`);
  // RFC 2131 §4.4.5: a client that renews asks its own server alone, from its address.
  const packet = machine.run(
    ...['tcpdump', '-lni', 'eth0', '-c', '1'],
    // The watch of the server asks there, too.
    `udp dst port 67 and ether src ${mac}`,
  );
  await until(() => /^RENEW 10\.77\.0\.100/m.test(read('told')), 'a renewal');
  expect(await packet).toContain(`10.77.0.100.68 > ${SERVER}.67`);
  await dhclient(machine, '-r');
  expect(read('told')).toContain('RELEASE');
  // All three addresses can be had again, by others.
  const others = new Set<string>();
  for (const last of ['02', '03', '04']) {
    const other = plug(`o${last}`, `52:54:00:1c:00:${last}`);
    others.add(addressOf(await udhcpc(other, daemon.directory)));
  }
  expect(others).toEqual(new Set(['10.77.0.100', '10.77.0.101', '10.77.0.102']));
});

it('a lease outlives a killed server: same client, same address, and nobody else gets it', async () => {
  const first = plug('first', '52:54:00:1c:00:01');
  const second = plug('second', '52:54:00:1c:00:02');
  await dhclient(first, '-1');
  const before = addressOf(await udhcpc(second, daemon.directory));
  expect([read('told').trim().split('\n').at(-1), before]).toEqual([
    `BOUND 10.77.0.100 ${SERVER}`,
    '10.77.0.101',
  ]);
  expect(await daemon.ended('SIGKILL')).toBe('SIGKILL');
  await daemon.serve();
  const third = plug('third', '52:54:00:1c:00:03');
  expect(addressOf(await udhcpc(third, daemon.directory))).toBe('10.77.0.102');
  expect(addressOf(await udhcpc(second, daemon.directory))).toBe(before);
  // The renewal of a lease that the server before granted.
  const renewals = () => read('told').match(/^RENEW 10\.77\.0\.100/gm)?.length ?? 0;
  const had = renewals();
  await until(() => renewals() > had, 'a renewal');
  const fourth = plug('fourth', '52:54:00:1c:00:04');
  expect(await udhcpc(fourth, daemon.directory)).not.toContain('ip=');
});
