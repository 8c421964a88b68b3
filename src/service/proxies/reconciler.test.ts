/** Against a smart proxy that takes only what a Foreman would send; see test/strict-smart-proxy.ts. */

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { host, NOW, nic, site as siteOf, TOKEN, template } from '../../../test/fixtures.ts';
import { StrictSmartProxy } from '../../../test/strict-smart-proxy.ts';
import { built, cancelBuild } from '../../inventory/build.ts';
import type { SiteIndex } from '../../inventory/site.ts';
import type { Host, Records, Subnet } from '../../inventory/types.ts';
import type { Stored } from '../../store/types.ts';
import { answers } from '../answers.ts';
import { Reconciler } from './reconciler.ts';

const MAC = '52:54:00:77:00:10';
const OTHER = '52:54:00:77:00:20';
const EDGE = { id: 1, name: 'edge' };
const WAIT = { timeout: 20_000, interval: 10 };

let proxy: StrictSmartProxy;
let site: SiteIndex;
let directory: string;
let reconciler: Reconciler;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'chainboot-proxies-'));
  proxy = new StrictSmartProxy();
  await proxy.start();
  site = siteOf([host({ pxe_loader: 'PXELinux BIOS', initiated_at: NOW })]);
  site.put('smart_proxies', { ...EDGE, url: proxy.url });
  subnet({ dhcp_proxy: 'edge', tftp_proxy: 'edge', httpboot_proxy: 'edge', template_proxy: 'edge' });
  reconciler = open();
});

afterEach(async () => {
  await reconciler.close();
  await proxy.stop();
  rmSync(directory, { recursive: true });
  expect(proxy.violations).toEqual([]);
});

function open(): Reconciler {
  const made: Reconciler = new Reconciler({
    site,
    answer: answers({
      site: () => site,
      leases: () => undefined,
      // A line that tells what it was made for.
      pool: {
        render: async ({ template: name, scope: { base, host: scoped } }) => {
          const text = site.get('provisioning_templates', name)?.template ?? '';
          return { ok: true, text: `${text}${base} ${scoped?.token ?? 'no token'}`, logs: [] } as never;
        },
      },
      now: () => NOW,
      through: (one) => made.through(one),
    }),
    base: () => 'http://10.77.0.1',
    agentFor: async () => undefined,
    sizeOf: async () => 1000,
    directory,
    pauses: { proxy: () => 20, host: () => 3_600_000, files: () => 20 },
    now: Date.now,
    log: () => undefined,
  });
  return made;
}

function change(...changes: readonly Stored[]): void {
  for (const one of changes)
    if (one.op === 'delete') site.remove(one.collection, one.id);
    else site.put(one.collection, one.record);
  reconciler.observe(changes);
}

function put<C extends Stored['collection']>(collection: C, record: Records[C]): void {
  change({ op: 'put', collection, record } as Stored);
}

function subnet(fields: Partial<Subnet>): void {
  site.put('subnets', { ...site.get('subnets', 'lab')!, ...fields });
}

const web = () => site.byId('hosts', 1)!;
const states = (of: Host = web()) =>
  reconciler
    .of(of)
    .map(({ feature, state, error }) => `${feature} ${state}${error === null ? '' : ` ${error.code}`}`)
    .toSorted();
const settled = (of?: () => Host) =>
  expect.poll(() => states(of?.()), WAIT).toEqual(['DHCP deployed', 'TFTP deployed']);

async function begin(): Promise<void> {
  await reconciler.start();
  await settled();
  await expect.poll(() => proxy.menus.size, WAIT).toBe(2);
}

/** What was sent since. */
function since(from: number): readonly string[] {
  return proxy.orders.slice(from);
}

function second(fields: Partial<Host> = {}): Host {
  const nics = [nic({ mac: OTHER, ip: '10.77.0.51', primary: true, provision: true })];
  return host({
    id: 2,
    name: 'web02.example.org',
    build: false,
    interfaces: nics,
    pxe_loader: 'PXELinux BIOS',
    ...fields,
  });
}

describe('a smart proxy', () => {
  it('is sent what a host in build mode needs, and the menus', async () => {
    await begin();
    const prefix = [...proxy.files.keys()][0]?.replace(/-linux$/, '');
    expect(prefix).toMatch(/^boot\/debian-mirror-\w{10,12}$/);
    expect([...proxy.files]).toEqual([
      [`${prefix}-linux`, expect.stringMatching(/^http:\/\/deb\.debian\.org\/debian\/dists\/.*\/linux$/)],
      [`${prefix}-initrd.gz`, expect.stringMatching(/initrd\.gz$/)],
    ]);
    expect([...proxy.configs]).toEqual([
      [`PXELinux/${MAC}`, `# PXELinux chain iPXE\nhttp://edge.example:8000 ${TOKEN}`],
    ]);
    expect([...proxy.records.values()]).toEqual([
      {
        mac: MAC,
        ip: '10.77.0.50',
        hostname: 'web01.example.org',
        name: 'web01.example.org',
        nextServer: '10.77.0.2',
        filename: 'pxelinux.0',
      },
    ]);
    expect(proxy.menus.get('PXELinux')).toContain('# PXELinux global default\nhttp://edge.example:8000');
  });

  it('is sent the way to the disk when the host is built, and nothing else', async () => {
    await begin();
    const from = proxy.orders.length;
    put('hosts', built(web(), NOW, '10.77.0.50'));
    expect(states()).toContain('TFTP pending');
    await settled();
    expect(since(from)).toEqual([`POST /tftp/PXELinux/${MAC}`]);
    expect(proxy.configs.get(`PXELinux/${MAC}`)).toContain('# PXELinux default local boot');
  });

  it('looks for newer boot files when a host is built once more', async () => {
    await begin();
    put('hosts', cancelBuild(web(), NOW, 'jane'));
    await settled();
    const from = proxy.orders.length;
    put('hosts', host({ pxe_loader: 'PXELinux BIOS', initiated_at: NOW + 1 }));
    await expect
      .poll(() => since(from).filter((order) => order === 'POST /tftp/fetch_boot_file'), WAIT)
      .toHaveLength(2);
  });

  it('has fetched what it was told to before the host has everything', async () => {
    proxy.length = 0;
    await reconciler.start();
    const awaited = { state: 'pending', error: { code: 'PROXY_FILE_AWAITED' } };
    const tftp = () => reconciler.of(web()).find(({ feature }) => feature === 'TFTP');
    await expect.poll(tftp, WAIT).toMatchObject(awaited);
    expect(tftp()?.error?.message).toMatch(/boot\/debian-mirror-\w+-linux from http.*: 0 of 1000 bytes/);
    const orders = () => proxy.orders.filter((order) => order === 'POST /tftp/fetch_boot_file').length;
    // It is told again: it may have failed, and tells nobody.
    await expect.poll(orders, WAIT).toBeGreaterThan(2);
    proxy.length = 999;
    await expect.poll(() => tftp()?.error?.message, WAIT).toContain('999 of 1000 bytes');
    proxy.length = 1000;
    await settled();
    expect(reconciler.status()).toMatchObject([{ hosts: { deployed: 1, pending: 0, failed: 0 } }]);
  });

  it('is not looked into where its HTTP boot is of another directory, or closed to us', async () => {
    proxy.length = 0;
    proxy.answer = (order) =>
      order.startsWith('HEAD /httpboot/pxelinux.cfg/') ? { status: 404 } : undefined;
    await begin();
    proxy.answer = undefined;
    proxy.modules = { ...proxy.modules, httpboot: { state: 'running', settings: { http_port: 1 } } };
    put('smart_proxies', { ...EDGE, url: proxy.url });
    await reconciler.redeploy([web()], 20_000);
    await settled();
  });

  it('makes a reservation anew when the address changes', async () => {
    await begin();
    const from = proxy.orders.length;
    const [first, ...others] = web().interfaces;
    put('hosts', { ...web(), interfaces: [{ ...first!, ip: '10.77.0.60' }, ...others] });
    await expect.poll(() => proxy.records.get(MAC)?.ip, WAIT).toBe('10.77.0.60');
    expect(since(from)).toEqual([`DELETE /dhcp/10.77.0.0/mac/${MAC}`, 'POST /dhcp/10.77.0.0']);
  });

  it('loses everything of a host that is deleted', async () => {
    await begin();
    change({ op: 'delete', collection: 'hosts', id: 1 } as Stored);
    await expect.poll(() => [proxy.configs.size, proxy.records.size], WAIT).toEqual([0, 0]);
    expect(proxy.menus.size).toBe(2);
  });

  it('lets two hosts exchange their addresses, and their MAC addresses', async () => {
    await begin();
    put('hosts', second());
    await settled(() => site.byId('hosts', 2)!);
    const swapped = (field: 'ip' | 'mac') => {
      const [a, b] = [web(), site.byId('hosts', 2)!];
      const [one, two] = [a.interfaces[0]!, b.interfaces[0]!];
      change(
        {
          op: 'put',
          collection: 'hosts',
          record: { ...a, interfaces: [{ ...one, [field]: two[field] }, a.interfaces[1]!] },
        } as Stored,
        {
          op: 'put',
          collection: 'hosts',
          record: { ...b, interfaces: [{ ...two, [field]: one[field] }] },
        } as Stored,
      );
    };
    const names = () =>
      [...proxy.records.values()].map(({ mac, ip, name }) => `${mac} ${ip} ${name}`).toSorted();
    swapped('ip');
    await expect
      .poll(names, WAIT)
      .toEqual([`${MAC} 10.77.0.51 web01.example.org`, `${OTHER} 10.77.0.50 web02.example.org`]);
    swapped('mac');
    await expect
      .poll(names, WAIT)
      .toEqual([`${MAC} 10.77.0.50 web02.example.org`, `${OTHER} 10.77.0.51 web01.example.org`]);
    await settled();
    await settled(() => site.byId('hosts', 2)!);
    expect(proxy.configs.get(`PXELinux/${OTHER}`)).toContain(TOKEN);
    expect(proxy.configs.get(`PXELinux/${MAC}`)).toContain('local boot');
  });

  it('is sent a template that was changed', async () => {
    await begin();
    const from = proxy.orders.length;
    put('provisioning_templates', {
      ...template('PXELinux chain iPXE', 'PXELinux', -20, ['Debian']),
      template: 'new ',
    });
    await expect.poll(() => proxy.configs.get(`PXELinux/${MAC}`), WAIT).toContain('new ');
    expect(since(from)).toEqual([`POST /tftp/PXELinux/${MAC}`]);
  });

  it('gives back what it has when another one takes its place', async () => {
    const next = new StrictSmartProxy();
    await next.start();
    await begin();
    put('smart_proxies', { id: 2, name: 'other', url: next.url });
    put('subnets', {
      ...site.get('subnets', 'lab')!,
      dhcp_proxy: 'other',
      tftp_proxy: 'other',
      template_proxy: 'other',
    });
    await expect.poll(() => [proxy.configs.size, proxy.records.size], WAIT).toEqual([0, 0]);
    await expect.poll(() => [next.configs.size, next.records.size], WAIT).toEqual([1, 1]);
    await reconciler.close();
    await next.stop();
    expect(next.violations).toEqual([]);
  });

  it('is sent everything anew when it is another machine', async () => {
    await begin();
    const next = new StrictSmartProxy();
    await next.start();
    put('smart_proxies', { ...EDGE, url: next.url });
    await expect
      .poll(() => [next.configs.size, next.records.size, next.files.size, next.menus.size], WAIT)
      .toEqual([1, 1, 2, 2]);
    await reconciler.close();
    await next.stop();
    expect(next.violations).toEqual([]);
  });
});

describe('after the end of the process', () => {
  it('nothing is sent twice, and what is gone is taken back', async () => {
    put('hosts', second());
    await begin();
    await settled(() => second());
    await reconciler.close();
    site.remove('hosts', 2);
    const from = proxy.orders.length;
    reconciler = open();
    await reconciler.start();
    await expect.poll(() => proxy.records.has(OTHER), WAIT).toBe(false);
    await settled();
    expect(since(from)).toEqual([`DELETE /tftp/PXELinux/${OTHER}`, `DELETE /dhcp/10.77.0.0/mac/${OTHER}`]);
  });

  it('what a smart proxy has that no subnet names any more is taken back, too', async () => {
    await begin();
    await reconciler.close();
    const {
      dhcp_proxy: _dhcp,
      tftp_proxy: _tftp,
      template_proxy: _template,
      httpboot_proxy: _http,
      ...lab
    } = site.get('subnets', 'lab')!;
    site.put('subnets', lab);
    reconciler = open();
    await reconciler.start();
    await expect.poll(() => [proxy.configs.size, proxy.records.size], WAIT).toEqual([0, 0]);
    expect(reconciler.status()).toEqual([]);
  });

  it('nothing is kept of a smart proxy that is no more', async () => {
    await begin();
    await reconciler.close();
    site.remove('smart_proxies', 1);
    reconciler = open();
    await reconciler.start();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('a reservation that arrived unheard is ours', async () => {
    proxy.answer = (order) => {
      if (order !== 'POST /dhcp/10.77.0.0') return undefined;
      proxy.answer = undefined;
      proxy.records.set(MAC, {
        mac: MAC,
        ip: '10.77.0.50',
        hostname: 'web01.example.org',
        name: 'w',
        filename: 'old.0',
      });
      return { status: 502, text: 'gone' };
    };
    await reconciler.start();
    await expect.poll(() => states(), WAIT).toEqual(['DHCP failed PROXY_ORDER_REFUSED', 'TFTP deployed']);
    await reconciler.redeploy([web()], 20_000);
    expect(states()).toEqual(['DHCP deployed', 'TFTP deployed']);
    expect(proxy.records.get(MAC)?.filename).toBe('pxelinux.0');
  });
});

describe("somebody else's reservation", () => {
  const theirs = { mac: '52:54:00:99:99:99', ip: '10.77.0.50', hostname: 'theirs', name: 'theirs' };

  it('stays, and is named', async () => {
    proxy.records.set(theirs.mac, theirs);
    await reconciler.start();
    await expect.poll(() => states(), WAIT).toEqual(['DHCP failed PROXY_RESERVATION_TAKEN', 'TFTP deployed']);
    const [failed] = reconciler.of(web()).filter(({ feature }) => feature === 'DHCP');
    expect(failed?.error?.message).toContain('theirs (52:54:00:99:99:99, 10.77.0.50)');
    change({ op: 'delete', collection: 'hosts', id: 1 } as Stored);
    await expect.poll(() => proxy.configs.size, WAIT).toBe(0);
    expect([...proxy.records.values()]).toEqual([theirs]);
  });

  it('of the same MAC address stays when the host is deleted', async () => {
    proxy.records.set(MAC, { ...theirs, mac: MAC });
    await reconciler.start();
    await expect.poll(() => states(), WAIT).toContain('DHCP failed PROXY_RESERVATION_TAKEN');
    change({ op: 'delete', collection: 'hosts', id: 1 } as Stored);
    await expect.poll(() => proxy.configs.size, WAIT).toBe(0);
    expect(proxy.records.size).toBe(1);
  });

  it('that is the same is no conflict, for a proxy that says so', async () => {
    proxy.records.set(MAC, { mac: MAC, ip: '10.77.0.50', hostname: 'web01.example.org', name: 'x' });
    await begin();
  });
});

describe('a smart proxy that is away', () => {
  it('is asked again until it has everything, and nobody waits for it', async () => {
    await proxy.stop();
    await reconciler.start();
    await expect
      .poll(() => states(), WAIT)
      .toEqual(['DHCP pending PROXY_UNREACHABLE', 'TFTP pending PROXY_UNREACHABLE']);
    const now = await reconciler.redeploy([web()], 20_000);
    expect(now.map(({ error }) => error?.code)).toEqual(['PROXY_UNREACHABLE', 'PROXY_UNREACHABLE']);
    expect(reconciler.status()).toMatchObject([
      { name: 'edge', state: 'away', error: { code: 'PROXY_UNREACHABLE' } },
    ]);
    await proxy.start();
    await settled();
    await expect
      .poll(() => reconciler.status(), WAIT)
      .toMatchObject([{ state: 'idle', hosts: { deployed: 1, pending: 0, failed: 0 }, error: null }]);
  });

  it('or takes no orders from us, is not sent one after the other', async () => {
    await begin();
    proxy.answer = () => ({ status: 403, text: 'No client SSL certificate supplied' });
    const from = proxy.orders.length;
    put('hosts', built(web(), NOW, '10.77.0.50'));
    await expect.poll(() => states(), WAIT).toContain('TFTP pending PROXY_DISTRUSTED');
    expect(since(from)).toEqual([`POST /tftp/PXELinux/${MAC}`]);
    proxy.answer = undefined;
    await settled();
  });

  it('keeps only the host waiting that it refuses something', async () => {
    proxy.answer = (order) => (order.includes(OTHER) ? { status: 400, text: 'no <b>disk</b>' } : undefined);
    put('hosts', second());
    await begin();
    await expect
      .poll(() => reconciler.of(second()).find(({ feature }) => feature === 'TFTP'), WAIT)
      .toMatchObject({
        state: 'failed',
        error: { code: 'PROXY_ORDER_REFUSED', message: expect.stringContaining('400') },
      });
  });
});

it('one that does not do what it is named for is said to', async () => {
  const { dhcp: _dhcp, ...others } = proxy.modules;
  proxy.modules = { ...others, dhcp: { state: 'failed' } };
  await reconciler.start();
  await expect.poll(() => states(), WAIT).toEqual(['DHCP failed PROXY_FEATURE_MISSING', 'TFTP deployed']);
});

it('a proxy of ours is left alone', async () => {
  await proxy.stop();
  await reconciler.start();
  await expect.poll(() => states().length, WAIT).toBe(2);
  reconciler.sawOurs('edge');
  await expect.poll(() => states(), WAIT).toEqual([]);
  expect(reconciler.status()).toMatchObject([{ state: 'ours' }]);
  expect(reconciler.samples()).toEqual([]);
});
