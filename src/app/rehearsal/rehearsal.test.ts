import { describe, expect, it } from 'vitest';
import { ChainbootError } from '../../errors.ts';
import { Overlay } from '../../inventory/overlay.ts';
import { SiteIndex } from '../../inventory/site.ts';
import type { Host, Interface, Subnet } from '../../inventory/types.ts';
import { formatIpv4, parseIpv4 } from '../../net/ip.ts';
import type { ServedLink } from '../links.ts';
import { copiesOn } from './fleet.ts';
import { personaFor } from './persona.ts';
import { placeOf } from './place.ts';
import { verdictOf } from './verdict.ts';

const nic = (fields: Partial<Interface> = {}): Interface => ({
  type: 'interface',
  primary: true,
  provision: true,
  managed: true,
  virtual: false,
  mac: '52:54:00:00:00:01',
  ...fields,
});
const host = (fields: object = {}): Host =>
  ({
    id: 1,
    name: 'a.lab',
    enabled: true,
    build: true,
    parameters: {},
    interfaces: [nic()],
    ...fields,
  }) as Host;
const subnet = (id: number, network: string, fields: object = {}): Subnet =>
  ({ id, name: `net${id}`, network, boot_mode: 'DHCP', lease_time: 60, parameters: {}, ...fields }) as Subnet;
const link = (name: string, address: string, fields: object = {}): ServedLink =>
  ({
    config: { interface: name, mode: 'server' },
    link: { name, address: parseIpv4(address)!, prefix: 24, mac: new Uint8Array(6) },
    base: `http://${address}`,
    policy: { mode: 'server' },
    ...fields,
  }) as ServedLink;

describe('where a host is played', () => {
  const site = new SiteIndex();
  site.put('subnets', subnet(1, '10.1.0.0/24'));
  site.put('subnets', subnet(2, '10.2.0.0/24'));
  site.put('subnets', subnet(3, '10.3.0.0/24', { gateway: '10.3.0.254' }));
  site.put('subnets', subnet(4, '10.4.0.0/24'));
  const links = [link('eth1', '10.1.0.1'), link('eth2', '10.2.0.1')];
  const at = (fields: Partial<Interface>, on = links) => {
    const { served, relay } = placeOf(site, on, nic(fields));
    return [served.link.name, relay];
  };

  it('is the link of its address or subnet, else behind the gateway of its subnet', () => {
    expect(at({ ip: '10.2.0.9' })).toEqual(['eth2', undefined]);
    expect(at({ subnet: 'net2' })).toEqual(['eth2', undefined]);
    expect(at({ ip: '10.3.0.9' })).toEqual(['eth1', '10.3.0.254']);
    expect(at({ subnet: 'net4' })).toEqual(['eth1', '10.4.0.1']);
    expect(at({})).toEqual(['eth1', undefined]);
    expect(at({ ip: '192.0.2.1' })).toEqual(['eth1', undefined]);
  });

  it('is behind the address that a stand-in has in the place of a link', () => {
    const stands = link('eth2', '127.0.0.2', { rehearsalOf: { address: parseIpv4('10.2.0.1')! } });
    expect(at({ ip: '10.2.0.9' }, [link('eth1', '127.0.0.1', { rehearsalOf: {} }), stands])).toEqual([
      'eth2',
      '10.2.0.1',
    ]);
  });
});

describe('which machine is played', () => {
  it.each([
    [{}, 'bios-rom'],
    [{ pxe_loader: 'Grub2 UEFI' }, 'uefi-x64'],
    [{ pxe_loader: 'Grub2 UEFI HTTP' }, 'uefi-http-x64'],
    [{ pxe_loader: 'iPXE Embedded' }, 'ipxe-rom'],
    [{ architecture: 'aarch64' }, 'uefi-arm64'],
    [{ architecture: 'aarch64', pxe_loader: 'iPXE Embedded' }, 'ipxe-uefi-arm64'],
    [{ pxe_loader: 'PXELinux BIOS' }, 'bios-rom'],
  ])('suits %j', (fields, name) => {
    expect(personaFor(host(fields), undefined).name).toBe(name);
  });

  it('is none that does not exist', () => {
    expect(() => personaFor(host(), 'toaster')).toThrow(
      expect.objectContaining({ code: 'REHEARSAL_REFUSED' }),
    );
  });
});

describe('the verdict', () => {
  const of = (fields: object) =>
    verdictOf({
      host: host(),
      outcome: { reached: 'installed', why: '' },
      error: undefined,
      held: false,
      refused: undefined,
      dhcp: undefined,
      hasAnswers: true,
      ...fields,
    });

  it('is that it boots only where the whole way was gone', () => {
    expect(of({})).toMatchObject({ boots: true, code: 'boots' });
    const kernel = { reached: 'kernel', why: 'it was started' };
    expect(of({ outcome: kernel })).toMatchObject({ boots: false, code: 'installer-no-answers' });
    expect(of({ outcome: kernel, hasAnswers: false })).toMatchObject({ boots: true });
    const disk = { reached: 'local-boot', why: '' };
    expect(of({ outcome: disk })).toMatchObject({ boots: false, code: 'local-boot' });
    expect(of({ outcome: disk, host: host({ build: false }) })).toMatchObject({ code: 'boots-from-disk' });
    expect(of({ held: true })).toMatchObject({ boots: false, code: 'held' });
    expect(of({ outcome: { reached: 'menu', why: '' } })).toMatchObject({ boots: false, code: 'menu' });
  });

  it('names what the server refused before what came of it', () => {
    const failed = (code: string) => ({ reached: 'failed', code, why: 'why' });
    const error = new ChainbootError('TEMPLATE_FAILED', { template: 'T', reason: 'r', host: 'a.lab' });
    expect(of({ outcome: failed('script-exit'), error })).toMatchObject({ code: 'TEMPLATE_FAILED' });
    const refused = { code: 'FILE_NOT_FOUND', sentence: 'there is no file x' };
    expect(of({ outcome: failed('script-endless'), refused })).toMatchObject({ code: 'FILE_NOT_FOUND' });
    expect(of({ outcome: failed('wrong-cpu'), refused })).toMatchObject({ code: 'wrong-cpu' });
    const silent = of({ outcome: failed('dhcp-silent'), dhcp: 'no address is free' });
    expect(silent.sentence).toContain('no address is free');
  });
});

describe('a fleet', () => {
  it('is copies with names, MACs, tokens and addresses of their own, in no site but its own', () => {
    const base = new SiteIndex();
    base.put('hosts', host({ interfaces: [nic({ ip: '10.1.0.9' })] }));
    const site = new Overlay(base);
    const copies = copiesOn(site, base.list('hosts'), 300, 0);
    const different = (of: (copy: (typeof copies)[number]) => unknown) => new Set(copies.map(of)).size;
    expect([different(({ name }) => name), different(({ mac }) => mac)]).toEqual([300, 300]);
    expect([
      different(({ token }) => token?.value),
      different(({ interfaces }) => interfaces[0]?.ip),
    ]).toEqual([300, 300]);
    expect(site.hostByMac(copies[299]!.mac)?.host.name).toBe('fleet299.a.lab');
    expect(formatIpv4(site.subnetOf(parseIpv4('198.18.1.44')!)!.cidr.network)).toBe('198.18.0.0');
    expect(base.list('hosts')).toHaveLength(1);
    expect(base.list('subnets')).toHaveLength(0);
    expect(() => copiesOn(site, [], 1, 0)).toThrow(expect.objectContaining({ code: 'REHEARSAL_REFUSED' }));
  });
});
