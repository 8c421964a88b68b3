import { describe, expect, it } from 'vitest';
import { host, nic, site } from '../../test/fixtures.ts';
import type { Host } from '../inventory/types.ts';
import { outlineOf } from './outline.ts';
import { SERVERS, type ServerName } from './servers.ts';

const card = (last: number, fields: object = {}) =>
  nic({
    mac: `52:54:00:77:00:${last}`,
    ip: `10.77.0.${last}`,
    primary: true,
    provision: true,
    ...fields,
  });
const one = (id: number, name: string, fields: Partial<Host> = {}) =>
  host({ id, name, interfaces: [card(id + 10)], ...fields });

const SITE = site([
  one(1, 'plain.lab'),
  one(2, 'menu.lab', { pxe_loader: 'PXELinux BIOS' }),
  one(3, 'never.lab', { pxe_loader: 'None' }),
  one(4, 'same.lab', { pxe_loader: 'iPXE Embedded' }),
  one(5, 'off.lab', { enabled: false }),
  one(6, 'away.lab', { interfaces: [card(16, { ip: '192.0.2.16' })] }),
  one(7, 'bare.lab', { interfaces: [nic({ mac: '52:54:00:77:00:17', primary: true, provision: true })] }),
]);

const OUTLINE = outlineOf(SITE, '10.77.0.1', 'http://10.77.0.1');
const golden = (name: string) => `../../test/golden/dhcp-config/${name}.txt`;

describe('what other servers are told', () => {
  it('names hosts with an address, and the loader only where it is another one', () => {
    const named = OUTLINE.hosts.map(({ name, own }) => [
      name,
      own?.loader,
      own?.rules.map(({ file }) => file),
    ]);
    expect(named).toEqual([
      ['plain.lab', undefined, undefined],
      ['menu.lab', 'PXELinux BIOS', ['pxelinux.0', 'http://10.77.0.1/httpboot/pxelinux.0']],
      ['never.lab', 'None', []],
      ['same.lab', undefined, undefined],
      ['away.lab', undefined, undefined],
    ]);
  });

  it('gives each architecture one program', () => {
    const codes = OUTLINE.rules.flatMap(({ arches }) => arches.map(({ code }) => code));
    expect(new Set(codes).size).toBe(codes.length);
    expect(OUTLINE.rules.filter(({ http }) => http).every(({ file }) => file.startsWith('http://'))).toBe(
      true,
    );
  });

  it.each(Object.keys(SERVERS) as ServerName[])('%s', async (name) => {
    await expect(SERVERS[name](OUTLINE)).toMatchFileSnapshot(golden(name));
  });

  it.each(Object.keys(SERVERS) as ServerName[])('%s without hosts and subnets', async (name) => {
    const text = SERVERS[name]({ ...OUTLINE, hosts: [], subnets: [] });
    expect(text).not.toMatch(/plain\.lab|10\.77\.0\.0/);
    expect(text).toContain('/pub/intermediate.ipxe');
  });
});
