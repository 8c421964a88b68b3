/** udhcpc in the dress of every firmware, on one wire with one server: each is told of the loader it can run. */

import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLab, type Lab } from '../../src/lab/netns.ts';
import { Daemon } from '../system/daemon.ts';
import { dressedAs, type Machine, need, PORTS, plugIn, udhcpc } from './dhcp-lab.ts';

const SERVER = '10.77.0.1';
const SUBNET = {
  name: 'lab',
  network: '10.77.0.0/24',
  gateway: SERVER,
  from: '10.77.0.100',
  to: '10.77.0.140',
};
const IS_ROOT = process.getuid?.() === 0;

let lab: Lab;
let daemon: Daemon | undefined;
let machine: Machine | undefined;

beforeAll(async () => {
  if (!IS_ROOT) return;
  lab = await createLab({ address: `${SERVER}/24` });
  machine = plugIn(lab, { name: 'rom' });
  const link = { interface: 'br0', address: SERVER };
  daemon = new Daemon({ link, ports: PORTS, site: { subnets: [SUBNET] }, inside: lab.inside });
  await daemon.start();
});

afterAll(async () => {
  await daemon?.close();
  machine?.remove();
  await lab?.close();
});

/** As a new machine: nothing that was learned of the one before counts. */
async function ask(number: number, ...options: readonly string[]): Promise<string> {
  machine!.setMac(`52:54:00:5a:00:${number.toString(16).padStart(2, '0')}`);
  return udhcpc(machine!, daemon!.directory, ...options);
}

const TFTP = [
  [0, 'undionly-ipxe.0'],
  [6, 'snponly-ia32.efi'],
  [7, 'snponly.efi'],
  [9, 'snponly.efi'],
  [10, 'snponly-arm.efi'],
  [11, 'snponly-aa64.efi'],
] as const;

it.for(TFTP)('PXE architecture %i is told of %s', async ([arch, loader], context) => {
  need(context, ['udhcpc', 'udhcpc']);
  const told = await ask(arch, ...dressedAs(arch));
  expect(told).toContain(`boot_file=${loader}\n`);
  expect(told).toContain(`siaddr=${SERVER}\n`);
  expect(told).toContain(`tftp=${SERVER}\n`);
  expect(told).toMatch(/^ip=10\.77\.0\.1\d\d$/m);
});

const HTTP = [
  [16, 'snponly.efi'],
  [19, 'snponly-aa64.efi'],
] as const;

it.for(HTTP)('HTTP architecture %i is told of a URL of %s', async ([arch, loader], context) => {
  need(context, ['udhcpc', 'udhcpc']);
  const told = await ask(arch, ...dressedAs(arch, 'HTTPClient'));
  expect(told).toMatch(new RegExp(`^boot_file=http://10\\.77\\.0\\.1/.*${loader}$`, 'm'));
  // UEFI 2.10 §24.7.3.2: without it the firmware does not take the answer for one of HTTP boot.
  expect(told).toContain('vendor=HTTPClient\n');
});

it.for([0, 7, 11])('iPXE on architecture %i is told of the script', async (arch, context) => {
  need(context, ['udhcpc', 'udhcpc']);
  const told = await ask(0x20 + arch, ...dressedAs(arch), '-x', '0x4d:69505845');
  expect(told).toContain(`boot_file=http://${SERVER}/unattended/iPXE`);
});

it('a machine that does not boot from the network is told of no loader', async (context) => {
  need(context, ['udhcpc', 'udhcpc']);
  const told = await ask(0x40, '-O', 'bootfile');
  expect(told).toMatch(/^ip=10\.77\.0\.1\d\d$/m);
  expect(told).not.toContain('boot_file=');
});
