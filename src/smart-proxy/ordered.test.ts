import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { POLICY } from '../../test/dhcp-rig.ts';
import { site } from '../../test/fixtures.ts';
import type { Facts } from '../boot/facts.ts';
import { archOf, BIOS } from '../net/arch.ts';
import { parseIpv4 } from '../net/ip.ts';
import { type OrderedDeps, orderedDecision, reservedSite } from './ordered.ts';
import { type Reservation, Reservations } from './reservations.ts';

const MAC = 'aa:bb:cc:00:11:22';
const OURS = '52:54:00:77:00:10';
const HTTP = archOf(16);

let directory: string;
let reservations: Reservations;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'chainboot-ordered-'));
  reservations = await Reservations.open(directory, () => {});
});
afterEach(() => rmSync(directory, { recursive: true }));

const reserve = (more: Partial<Reservation> = {}) =>
  reservations.put({
    network: '10.77.0.0',
    mac: MAC,
    ip: '10.77.0.60',
    name: 'web',
    hostname: 'web',
    filename: 'pxelinux.0',
    nextServer: '10.77.0.1',
    related: [],
    more: {},
    ...more,
  });

const facts = (more: Partial<Facts> = {}): Facts => ({
  mac: MAC,
  arch: BIOS,
  stage: 'rom',
  via: 'dhcp',
  ...more,
});

function decision(more: Partial<Facts> = {}, templates?: string) {
  const deps: OrderedDeps = {
    site: site(),
    reservations,
    isOwn: (address) => address === '10.77.0.1',
    templates: () => templates,
  };
  return orderedDecision(deps, facts(more), POLICY);
}

describe('a machine of a Foreman', () => {
  it('gets the file, from us where Foreman names one of our addresses', async () => {
    await reserve();
    expect(decision()).toMatchObject({ kind: 'loader', over: 'tftp', file: 'pxelinux.0' });
    expect(decision()).not.toHaveProperty('server');
    await reserve({ nextServer: '192.0.2.9' });
    expect(decision()).toMatchObject({ server: parseIpv4('192.0.2.9') });
  });

  it('gets it whoever asks, but no iPXE gets an iPXE', async () => {
    await reserve();
    expect(decision({ stage: 'ipxe' })).toMatchObject({ kind: 'loader', file: 'pxelinux.0' });
    await reserve({ filename: 'undionly-ipxe.0' });
    expect(decision()).toMatchObject({ kind: 'loader', file: 'undionly-ipxe.0' });
    expect(decision({ stage: 'ipxe' }, 'http://10.77.0.1:8000')).toMatchObject({
      kind: 'script',
      url: `http://10.77.0.1:8000/unattended/iPXE?mac=${encodeURIComponent(MAC)}`,
    });
    expect(decision({ stage: 'ipxe' })).toMatchObject({
      url: `${POLICY.base}/httpboot/pxelinux.cfg/01-aa-bb-cc-00-11-22.ipxe`,
    });
  });

  it('gets a URL where it can do with one', async () => {
    const url = 'http://foreman.example/unattended/iPXE?token=1';
    await reserve({ filename: url });
    expect(decision({ stage: 'ipxe' })).toMatchObject({ kind: 'script', url });
    expect(decision({ arch: HTTP })).toMatchObject({ kind: 'loader', over: 'http', url });
    // Its ROM cannot run a script: what is decided for everybody, an iPXE, comes first.
    expect(decision()).toBeUndefined();
  });

  it('gets an address alone without a file, and when its system runs', async () => {
    await reservations.put({
      network: '10.77.0.0',
      mac: MAC,
      ip: '10.77.0.60',
      name: 'web',
      hostname: 'web',
      related: [],
      more: {},
    });
    expect(decision()).toMatchObject({ kind: 'ignore' });
    expect(decision({ stage: 'os' })).toBeUndefined();
  });

  it('is never one of our own hosts', async () => {
    await reserve({ mac: OURS });
    expect(decision({ mac: OURS })).toBeUndefined();
    const both = reservedSite(site(), reservations);
    expect(both.hostByMac(OURS)?.host.name).toBe('web01.example.org');
  });
});

describe('the addresses', () => {
  it('are those of our hosts, then those that a Foreman reserved', async () => {
    await reserve();
    const both = reservedSite(site(), reservations);
    expect(both.hostByMac(MAC)?.nic.ip).toBe('10.77.0.60');
    expect(both.hostByMac(MAC)).toBe(both.hostByIp('10.77.0.60'));
    await reserve({ ip: '10.77.0.50' });
    expect(both.hostByIp('10.77.0.50')?.host.name).toBe('web01.example.org');
    expect(both.hostByMac(MAC)).toBeUndefined();
  });

  it('are known again after a restart', async () => {
    await reserve();
    const again = await Reservations.open(directory, () => {});
    expect(again.byMac(MAC)).toEqual(reservations.byMac(MAC));
    await again.remove(again.byMac(MAC)!);
    expect([...(await Reservations.open(directory, () => {})).list()]).toEqual([]);
  });
});
