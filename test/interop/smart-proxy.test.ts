/**
 * The built program as a smart proxy, over HTTPS with client certificates. What is asked, and the shapes and statuses of the
 * answers, are those recorded of the real smart proxy: its code is in no Debian package, so that it cannot run beside.
 */

import { createSocket } from 'node:dgram';
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Daemon, freePorts } from '../system/daemon.ts';
import {
  Authority,
  FakeForeman,
  hasOpenssl,
  type Order,
  order,
  type Pair,
  type Told,
} from './smart-proxy-lab.ts';

const MAC = 'aa:bb:cc:00:11:22';
const OURS = '52:54:00:77:00:10';
const NETWORK = '127.0.0.0';
const SUBNET = {
  name: 'lo',
  network: '127.0.0.0/24',
  gateway: '127.0.0.254',
  dns_primary: '127.0.0.253',
  from: '127.0.0.100',
  to: '127.0.0.200',
};

let authority: Authority;
let stranger: Authority;
let foreman: FakeForeman;
let foremanUrl: string;
let daemon: Daemon;
let client: Pair;
let server: Pair;
let port: number;
let httpPort: number;

const url = (path: string) => `https://127.0.0.1:${port}${path}`;
const ask = (path: string, options: Order = {}) => order(url(path), authority.ca, { client, ...options });
const post = (path: string, form: Order['form'] = {}) => ask(path, { method: 'POST', form });
const drop = (path: string) => ask(path, { method: 'DELETE' });
const json = async (path: string) => {
  const told = await ask(path);
  expect([told.status, told.headers['content-type']], told.text).toEqual([200, 'application/json']);
  // biome-ignore lint/suspicious/noExplicitAny: what comes is what is looked at.
  return JSON.parse(told.text) as any;
};
const statuses = async (...asked: Promise<Told>[]) => (await Promise.all(asked)).map(({ status }) => status);
const kept = () => join(daemon.directory, 'smart-proxy');

/** As a machine asks, over plain HTTP. */
function machine(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET', body = '') {
  return new Promise<Told>((resolve, reject) => {
    const call = plainRequest(
      { host: '127.0.0.1', port: httpPort, path, method, headers, agent: false },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.once('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(pieces).toString(),
          }),
        );
      },
    );
    call.once('error', reject);
    call.end(body);
  });
}

/** What TFTP answers first: the data of the file's first block, or the text of the error. */
function tftp(name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    const timer = setTimeout(() => finish(new Error(`no answer for ${name}`)), 30_000);
    const finish = (outcome: string | Error) => {
      clearTimeout(timer);
      socket.close();
      if (typeof outcome === 'string') resolve(outcome);
      else reject(outcome);
    };
    socket.on('message', (message) => finish(message.subarray(4).toString('latin1')));
    socket.send(Buffer.from(`\0\x01${name}\0octet\0`, 'latin1'), daemon.ports.tftp, '127.0.0.1');
  });
}

const fetched = (name: string) =>
  expect.poll(() => existsSync(join(kept(), 'tftp', name)), { timeout: 60_000, message: name });

beforeAll(async () => {
  if (!hasOpenssl()) return;
  authority = new Authority('Foreman CA');
  stranger = new Authority('Another CA');
  client = authority.issue('foreman.example');
  server = authority.issue('proxy.example');
  foreman = new FakeForeman();
  foremanUrl = await foreman.start();
  ({ http: port, tftp: httpPort } = await freePorts());
  daemon = new Daemon({
    link: { interface: 'lo', address: '127.0.0.1' },
    ports: await freePorts(),
    site: {
      subnets: [SUBNET],
      hosts: [{ name: 'ours.lab', mac: OURS, ip: '127.0.0.50', operatingsystem: 'Debian 12' }],
    },
    config: { smart_proxy: smartProxy() },
  });
  await daemon.start();
});

function smartProxy(more: object = {}) {
  return {
    enabled: true,
    port,
    http_port: httpPort,
    trusted_hosts: ['Foreman.Example'],
    ...server,
    ca: authority.ca,
    crl: authority.crl,
    foreman_url: foremanUrl,
    boot_file_mib: 1,
    ...more,
  };
}

beforeEach((ctx) => {
  if (!hasOpenssl()) ctx.skip('openssl (Debian package openssl)');
  foreman.seen.length = 0;
});

afterAll(async () => {
  await daemon?.close();
  await foreman?.close();
  authority?.remove();
  stranger?.remove();
});

describe('what it is', () => {
  it('is told to everybody as a list', async () => {
    const told = await order(url('/features'), authority.ca, {});
    expect(JSON.parse(told.text)).toEqual(['dhcp', 'httpboot', 'logs', 'templates', 'tftp']);
    const { version, modules } = JSON.parse((await order(url('/version'), authority.ca, {})).text);
    expect([typeof version, Object.keys(modules)]).toEqual([
      'string',
      ['dhcp', 'httpboot', 'logs', 'templates', 'tftp'],
    ]);
  });

  it('is told to a Foreman with states, settings and capabilities', async () => {
    const running = { https_enabled: true, state: 'running' };
    const driven = { ...running, http_enabled: false };
    const plain = { ...running, http_enabled: true };
    expect(await json('/v2/features')).toEqual({
      dhcp: {
        ...driven,
        settings: { use_provider: 'dhcp_chainboot' },
        capabilities: ['dhcp_filename_hostname', 'dhcp_filename_ipv4'],
      },
      httpboot: { ...plain, settings: { http_port: httpPort, https_port: port }, capabilities: [] },
      logs: { ...driven, settings: {}, capabilities: [] },
      templates: {
        ...plain,
        settings: { template_url: `http://127.0.0.1:${httpPort}` },
        capabilities: [],
      },
      tftp: { ...driven, settings: { tftp_servername: '127.0.0.1' }, capabilities: [] },
    });
  });

  it('includes the last of its log, which goes on from a time', async () => {
    await ask('/v2/features', { client: undefined });
    await machine('/tftp/serverName');
    const { info, logs } = await json('/logs/');
    expect(info).toEqual({ size: 2000, tail_size: 1000, level: 1, level_tail: 3, failed_modules: {} });
    expect(logs.length).toBeGreaterThan(0);
    for (const { request_id: id, ...line } of logs)
      expect([typeof (id ?? ''), line]).toEqual([
        'string',
        {
          timestamp: expect.any(Number),
          level: expect.stringMatching(/^(INFO|WARN|ERROR)$/),
          message: expect.any(String),
        },
      ]);
    const last = logs.at(-1).timestamp;
    expect((await json(`/logs/?from_timestamp=${last + 1000}`)).logs).toEqual([]);
    expect((await json(`/logs?from_timestamp=${last}`)).logs.length).toBeGreaterThan(0);
  });
});

describe('who may give orders', () => {
  const paths = [
    '/v2/features',
    '/logs',
    '/dhcp',
    `/dhcp/${NETWORK}`,
    '/tftp/serverName',
    `/tftp/Pxelinux/${MAC}`,
  ];

  it('is not who shows no certificate, a foreign or an expired one, or has no trusted name', async () => {
    const clients = {
      none: undefined,
      foreign: stranger.issue('foreman.example'),
      other: authority.issue('other.example'),
      expired: authority.issue('expired.example', '-days', '-1'),
    };
    for (const [who, other] of Object.entries(clients))
      for (const path of paths) {
        const told = await ask(path, { client: other });
        expect([who, path, told.status, told.headers['x-chainboot-error']]).toEqual([
          who,
          path,
          403,
          'PROXY_CLIENT_UNTRUSTED',
        ]);
      }
    await daemon.logged(/No client SSL certificate supplied/);
  });

  it('is not a machine over plain HTTP', async () => {
    for (const path of paths) expect((await machine(path)).status).toBe(403);
    const told = await machine(`/tftp/Pxelinux/${MAC}`, {}, 'POST', 'pxeconfig=x');
    expect([told.status, told.headers['x-chainboot-error']]).toEqual([403, 'PROXY_TLS_NEEDED']);
    expect((await ask(`/tftp/Pxelinux/${MAC}`)).status).toBe(404);
  });

  it('may ask /features and HTTP boot without any', async () => {
    expect(await statuses(machine('/features'), machine('/version'), machine('/httpboot/no'))).toEqual([
      200, 200, 404,
    ]);
  });
});

describe('TFTP', () => {
  it.each([
    ['Syslinux', ['pxelinux.cfg/01-aa-bb-cc-00-11-22']],
    ['pxelinux', ['pxelinux.cfg/01-aa-bb-cc-00-11-22']],
    ['PXELinux', ['pxelinux.cfg/01-aa-bb-cc-00-11-22']],
    ['Pxegrub', ['grub/menu.lst.01AABBCC001122', 'grub/01-AA-BB-CC-00-11-22']],
    ['Pxegrub2', ['grub2/grub.cfg-01-aa-bb-cc-00-11-22', 'grub2/grub.cfg-aa:bb:cc:00:11:22']],
    ['Ipxe', ['pxelinux.cfg/01-aa-bb-cc-00-11-22.ipxe']],
    ['Ztp', ['ztp.cfg/AABBCC001122', 'ztp.cfg/AABBCC001122.cfg']],
    ['Poap', ['poap.cfg/AABBCC001122']],
  ])('%s configurations are taken, read back, served and taken back', async (variant, names) => {
    const pxeconfig = `config of ${variant}\nwith ä & "quotes"\n`;
    expect(await post(`/tftp/${variant}/AA:BB:CC:00:11:22`, { pxeconfig })).toMatchObject({
      status: 200,
      text: '',
    });
    expect(await ask(`/tftp/${variant}/${MAC}`)).toMatchObject({ status: 200, text: pxeconfig });
    for (const name of names) {
      expect(readFileSync(join(kept(), 'tftp', name), 'utf8')).toBe(pxeconfig);
      expect(Buffer.from(await tftp(name), 'latin1').toString()).toBe(pxeconfig);
      expect(await machine(`/httpboot/${encodeURI(name)}`)).toMatchObject({ status: 200, text: pxeconfig });
    }
    expect(await statuses(drop(`/tftp/${variant}/${MAC}`))).toEqual([200]);
    expect(await statuses(ask(`/tftp/${variant}/${MAC}`), drop(`/tftp/${variant}/${MAC}`))).toEqual([
      404, 200,
    ]);
  });

  it('takes the old paths and the old parameter', async () => {
    expect(await statuses(post(`/tftp/${MAC}`, { syslinux_config: 'old' }))).toEqual([200]);
    expect((await ask(`/tftp/syslinux/${MAC}`)).text).toBe('old');
    expect(await statuses(drop(`/tftp/${MAC}`))).toEqual([200]);
    expect((await ask(`/tftp/syslinux/${MAC}`)).status).toBe(404);
  });

  it('keeps the configuration of an InfiniBand card', async () => {
    const long = '80:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:2f:79:31';
    expect(await statuses(post(`/tftp/pxegrub2/${long}`, { pxeconfig: 'ib' }))).toEqual([200]);
    expect((await ask(`/tftp/pxegrub2/${long}`)).text).toBe('ib');
    await drop(`/tftp/pxegrub2/${long}`);
  });

  it('serves a menu to machines that nobody knows', async () => {
    const path = (variant: string) => `/tftp/${variant}/create_default`;
    expect(
      await statuses(
        post(path('PXELinux'), { menu: 'the menu' }),
        post(path('PXEGrub2'), { menu: 'grub menu' }),
      ),
    ).toEqual([200, 200]);
    expect(await tftp('pxelinux.cfg/default')).toBe('the menu');
    expect(await tftp('grub2/grub.cfg-01-aa-bb-cc-00-11-23')).toBe('grub menu');
    expect(await statuses(post('/tftp/create_default', { menu: 'another' }))).toEqual([200]);
    expect(await tftp('pxelinux.cfg/default')).toBe('another');
  });

  it('leaves a host of our own what is ours', async () => {
    const before = await tftp('pxelinux.cfg/01-52-54-00-77-00-10');
    expect(before).toContain('LOCALBOOT');
    expect(await statuses(post(`/tftp/pxelinux/${OURS}`, { pxeconfig: 'not ours' }))).toEqual([200]);
    expect(await tftp('pxelinux.cfg/01-52-54-00-77-00-10')).toBe(before);
    expect(await tftp('grub2/grub.cfg')).not.toBe('grub menu');
  });

  it.each([
    ['a bad MAC address', '/tftp/pxelinux/aa:bb:cc', 403],
    ['a MAC address with more', `/tftp/pxelinux/${MAC};id`, 403],
    ['control characters', `/tftp/pxelinux/${MAC}%0aid`, 400],
    ['an unknown variant', `/tftp/kernel/${MAC}`, 403],
    ['a path in the MAC address', '/tftp/pxelinux/..%2f..%2fetc', 400],
  ])('refuses %s', async (_what, path, status) => {
    expect((await post(path, { pxeconfig: 'x' })).status).toBe(status);
  });

  it('refuses an order without its configuration, and one that is too long', async () => {
    expect(await statuses(post(`/tftp/pxelinux/${MAC}`), post('/tftp/pxelinux/create_default'))).toEqual([
      400, 400,
    ]);
    const long = await post(`/tftp/pxelinux/${MAC}`, { pxeconfig: 'x'.repeat(2_000_000) });
    expect(long.status).toBe(413);
    expect((await ask(`/tftp/pxelinux/${MAC}`)).status).toBe(404);
  });

  it('says from where machines fetch', async () => {
    expect(await json('/tftp/serverName')).toEqual({ serverName: '127.0.0.1' });
  });
});

describe('boot files', () => {
  const fetchFile = (prefix: string, path: string) => post('/tftp/fetch_boot_file', { prefix, path });

  it('are fetched, and served under the name Foreman expects', async () => {
    foreman.answer = () => ({
      status: 200,
      headers: { 'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT' },
      body: 'a kernel',
    });
    expect(await fetchFile('boot/debian-12', `${foremanUrl}/debian/linux?a=b`)).toMatchObject({
      status: 200,
      text: '',
    });
    await fetched('boot/debian-12-linux').toBe(true);
    expect(await tftp('boot/debian-12-linux')).toBe('a kernel');
    const range = await machine('/httpboot/boot/debian-12-linux', { range: 'bytes=2-' });
    expect([range.status, range.text]).toEqual([206, 'kernel']);
    expect((await machine('/httpboot/boot')).status).toBe(403);
    // Once more: only if it is newer.
    foreman.seen.length = 0;
    foreman.answer = () => ({ status: 304, body: '' });
    await fetchFile('boot/debian-12', `${foremanUrl}/debian/linux?a=b`);
    await expect.poll(() => foreman.seen.length, { timeout: 60_000 }).toBe(1);
    expect(foreman.seen[0]!.headers['if-modified-since']).toBe('Thu, 01 Jan 2026 00:00:00 GMT');
    await daemon.logged(/a boot file is still the same/);
  });

  it('of another origin replace what is there, whatever its date', async () => {
    foreman.answer = ({ headers }) =>
      headers['if-modified-since'] === undefined ? { status: 200, body: 'other' } : { status: 304, body: '' };
    await fetchFile('boot/debian-12', `${foremanUrl}/other/linux`);
    await expect
      .poll(() => readFileSync(join(kept(), 'tftp/boot/debian-12-linux'), 'utf8'), { timeout: 60_000 })
      .toBe('other');
  });

  it('have no dash behind a directory', async () => {
    foreman.answer = () => ({ status: 200, body: 'x' });
    expect((await fetchFile('boot/dir/', `${foremanUrl}/initrd.img`)).status).toBe(200);
    await fetched('boot/dir/initrd.img').toBe(true);
  });

  it('are tried again when the connection breaks, and are never there in part', async () => {
    let tries = 0;
    foreman.answer = () => ({ status: 200, body: 'whole', ...(tries++ === 0 && { cutAt: 2 }) });
    await fetchFile('boot/broken', `${foremanUrl}/linux`);
    await fetched('boot/broken-linux').toBe(true);
    expect(readFileSync(join(kept(), 'tftp/boot/broken-linux'), 'utf8')).toBe('whole');
    expect(tries).toBe(2);
  });

  it.each([
    ['that is not there', { status: 404, body: 'no' }, /404/],
    ['that is too long', { status: 200, body: Buffer.alloc(1024 * 1024 + 1) }, /boot_file_mib/],
  ])('one %s is told in the log, and leaves nothing', async (what, answer, message) => {
    const name = what.replaceAll(' ', '-');
    foreman.answer = () => answer;
    expect((await fetchFile(`boot/${name}`, `${foremanUrl}/linux`)).status).toBe(200);
    await daemon.logged(new RegExp(`${message.source}.*cannot be fetched`));
    expect(readdirSync(join(kept(), 'tftp/boot')).filter((file) => file.startsWith(name))).toEqual([]);
    expect(
      (await json('/logs')).logs.some(
        (line: { level: string; message: string }) => line.level === 'ERROR' && message.test(line.message),
      ),
    ).toBe(true);
  });

  it('whose digest is not what the server says are not taken', async () => {
    let tries = 0;
    const wrong = `sha-256=:${'A'.repeat(43)}=:`;
    foreman.answer = () => ({
      status: 200,
      body: 'right',
      headers: { 'repr-digest': tries++ === 0 ? wrong : '' },
    });
    await fetchFile('boot/digest', `${foremanUrl}/linux`);
    await daemon.logged(/SHA-256/);
    await fetched('boot/digest-linux').toBe(true);
    expect(tries).toBe(2);
  });

  it.each([
    ['../../etc', '/linux', 403],
    ['/etc/cron.d/x', '/linux', 403],
    ['boot/../../x', '/linux', 403],
    ['boot\\x', '/linux', 403],
    ['boot/x', '/', 400],
    ['boot/x', '/..%2f..%2fpasswd', 400],
    ['', '/linux', 400],
  ])('are not fetched to "%s" from "%s"', async (prefix, path, status) => {
    expect((await fetchFile(prefix, `${foremanUrl}${path}`)).status).toBe(status);
    expect(foreman.seen).toEqual([]);
  });

  it('are not fetched from files or shells; NFS is for the loaders', async () => {
    const from = (path: string) => fetchFile('boot/x', path);
    expect(await statuses(from('file:///etc/passwd'), from('-o/tmp/x'), from('nfs://server/linux'))).toEqual([
      400, 400, 200,
    ]);
  });

  it('that lead out of the directory are not served', async () => {
    const link = join(kept(), 'tftp/boot/leads-out');
    symlinkSync('/etc/hostname', link);
    expect((await machine('/httpboot/boot/leads-out')).status).toBe(404);
    rmSync(link);
    expect(await statuses(machine('/httpboot/../orders'), machine('/httpboot/%2e%2e/orders'))).toEqual([
      400, 400,
    ]);
  });
});

describe('DHCP', () => {
  const RECORD = {
    mac: MAC,
    ip: '127.0.0.60',
    hostname: 'web.foreman.example',
    name: 'web.foreman.example',
    network: NETWORK,
    nextServer: '127.0.0.1',
    filename: 'pxelinux.0',
  };
  const path = `/dhcp/${NETWORK}`;

  it('tells its subnets with their options', async () => {
    expect(await json('/dhcp')).toEqual([
      {
        network: NETWORK,
        netmask: '255.255.255.0',
        options: {
          routers: ['127.0.0.254'],
          domain_name_servers: ['127.0.0.253'],
          range: ['127.0.0.100', '127.0.0.200'],
        },
      },
    ]);
    expect((await ask('/dhcp/192.0.2.0')).status).toBe(404);
  });

  it('makes, tells and takes back a reservation', async () => {
    expect(await post(path, RECORD)).toMatchObject({ status: 200 });
    const { network: _, ...sent } = RECORD;
    const told = { ...sent, subnet: '127.0.0.0/255.255.255.0', type: 'reservation', deleteable: true };
    expect(await json(`${path}/mac/${MAC}`)).toEqual(told);
    expect(await json(`${path}/ip/127.0.0.60`)).toEqual([told]);
    const { reservations, leases } = await json(path);
    expect([reservations.map(({ hostname }: { hostname: string }) => hostname), leases]).toEqual([
      ['ours.lab', 'web.foreman.example'],
      [],
    ]);
    expect(
      await statuses(
        post(path, RECORD),
        drop(`${path}/mac/${MAC}`),
        drop(`${path}/mac/${MAC}`),
        drop(`${path}/ip/127.0.0.61`),
      ),
    ).toEqual([200, 200, 200, 200]);
    expect(await statuses(ask(`${path}/mac/${MAC}`), ask(`${path}/ip/127.0.0.60`))).toEqual([404, 404]);
  });

  it('refuses what collides, and lets the cards of a bond share an address', async () => {
    const other = { ...RECORD, mac: 'aa:bb:cc:00:11:33' };
    expect(await statuses(post(path, RECORD))).toEqual([200]);
    expect(
      await statuses(
        post(path, other),
        post(path, { ...RECORD, ip: '127.0.0.61' }),
        post(path, { ...RECORD, filename: 'grub2/grubx64.efi' }),
        post(path, { ...RECORD, mac: OURS, ip: '127.0.0.62' }),
        post(path, { ...RECORD, ip: '127.0.0.50', mac: 'aa:bb:cc:00:11:44' }),
      ),
    ).toEqual([409, 409, 409, 409, 409]);
    expect(await statuses(post(path, { ...other, 'related_macs[]': [MAC] }))).toEqual([200]);
    expect((await json(`${path}/ip/127.0.0.60`)).length).toBe(2);
    expect(await statuses(drop(`${path}/ip/127.0.0.60`))).toEqual([200]);
    expect((await ask(`${path}/ip/127.0.0.60`)).status).toBe(404);
  });

  it('leaves the reservations of our own hosts alone', async () => {
    const told = await drop(`${path}/mac/${OURS}`);
    expect([told.status, told.headers['x-chainboot-error']]).toEqual([403, 'DHCP_RECORD_DECLARED']);
    expect(await json(`${path}/mac/${OURS}`)).toMatchObject({ ip: '127.0.0.50', deleteable: false });
    expect(await statuses(post(path, { ...RECORD, mac: OURS, ip: '127.0.0.50' }))).toEqual([200]);
  });

  it.each([
    ['no MAC address', { mac: '' }],
    ['a bad MAC address', { mac: 'aa:bb' }],
    ['a bad address', { ip: '127.0.0.256' }],
    ['an address of another network', { ip: '192.0.2.1' }],
    ['the address of the network', { ip: '127.0.0.0' }],
    ['no name', { hostname: '', name: '' }],
    ['control characters', { filename: 'a\nb' }],
  ])('refuses %s', async (_what, change) => {
    expect((await post(path, { ...RECORD, ...change })).status).toBe(400);
  });

  it('finds an address that is nobody’s, the same for the same machine, and not the same for another', async () => {
    const range = 'from=127.0.0.50&to=127.0.0.53';
    const of = async (mac: string) => (await json(`${path}/unused_ip?${range}&mac=${mac}`)).ip;
    expect(await of(OURS)).toBe('127.0.0.50');
    const found = [
      await of('aa:bb:cc:00:00:01'),
      await of('aa:bb:cc:00:00:02'),
      await of('aa:bb:cc:00:00:03'),
    ];
    expect(found.toSorted()).toEqual(['127.0.0.51', '127.0.0.52', '127.0.0.53']);
    const full = await ask(`${path}/unused_ip?${range}&mac=aa:bb:cc:00:00:04`);
    expect([full.status, full.headers['x-chainboot-error']]).toEqual([400, 'DHCP_RANGE_FULL']);
    expect((await ask(`${path}/unused_ip?from=10.0.0.1&to=10.0.0.9`)).status).toBe(400);
  });
});

describe('Templates', () => {
  it('says where they are', async () => {
    const told = JSON.parse((await machine('/unattended/templateServer')).text);
    expect(told).toEqual({ templateServer: `http://127.0.0.1:${httpPort}` });
  });

  it('come from Foreman, with what the machine says of itself and without what it could forge', async () => {
    foreman.answer = () => ({ status: 201, type: 'text/x-custom', body: 'rendered' });
    const told = await machine('/unattended/provision?token=t&url=http://evil/&path=p', {
      'user-agent': 'Wget/1.21',
      'x-rhn-provisioning-mac-0': `eth0 ${MAC}`,
      'x-forwarded-for': '10.9.9.9',
      X_forwarded_for: '10.9.9.9',
      x_rhn_provisioning_mac_0: 'eth0 00:00:00:00:00:01',
      cookie: 'a=b',
      authorization: 'Basic eDp5',
    });
    expect([told.status, told.headers['content-type'], told.text]).toEqual([
      201,
      'text/x-custom',
      'rendered',
    ]);
    const [seen] = foreman.seen;
    expect(seen!.url.pathname).toBe('/unattended/provision');
    expect([...seen!.url.searchParams]).toEqual([
      ['token', 't'],
      ['path', 'p'],
      ['url', `http://127.0.0.1:${httpPort}`],
    ]);
    expect(seen!.headers).toMatchObject({
      'user-agent': 'Wget/1.21',
      'x-rhn-provisioning-mac-0': `eth0 ${MAC}`,
      'x-forwarded-for': '127.0.0.1',
    });
    expect(Object.keys(seen!.headers).filter((name) => /_|cookie|authorization/.test(name))).toEqual([]);
  });

  it.each([
    '/unattended/iPXE?mac=aa',
    '/unattended/provision/Kickstart/web',
    '/userdata/user-data',
    `/userdata/${MAC}/user-data`,
    '/register',
  ])('%s is asked of Foreman', async (path) => {
    foreman.answer = ({ url: asked }) => ({ status: 200, body: asked.pathname });
    expect((await machine(path)).text).toBe(path.split('?')[0]);
  });

  it('sends on what is posted', async () => {
    foreman.answer = ({ method, body }) => ({ status: 200, body: `${method} ${body}` });
    const told = await machine('/unattended/failed', { 'content-type': 'text/plain' }, 'POST', 'it broke');
    expect(told.text).toBe('POST it broke');
    expect(foreman.seen[0]!.headers['content-type']).toBe('text/plain');
  });

  it('brings error scripts to the console of an iPXE, and errors as they are to all others', async () => {
    foreman.answer = () => ({ status: 404, body: '#!ipxe\necho unknown' });
    const ipxe = await machine('/unattended/iPXE', { 'user-agent': 'iPXE/1.21.1' });
    expect([ipxe.status, ipxe.text]).toEqual([200, '#!ipxe\necho unknown']);
    const other = await machine('/unattended/iPXE', { 'user-agent': 'curl' });
    expect([other.status, other.text]).toEqual([404, '#!ipxe\necho unknown']);
    foreman.answer = () => ({ status: 500, type: 'text/html', body: '<h1>broken</h1>' });
    const broken = await machine('/unattended/iPXE', { 'user-agent': 'iPXE/1.21.1' });
    expect([broken.status, broken.headers['x-chainboot-error']]).toEqual([200, 'TEMPLATES_REFUSED']);
    expect(broken.text).toMatch(/^#!ipxe[\s\S]*broken/);
  });

  it('follows Foreman to another of its URLs, and nobody elsewhere', async () => {
    foreman.answer = ({ url: asked }) =>
      asked.pathname === '/there'
        ? { status: 200, body: 'found' }
        : { status: 302, headers: { location: `${foremanUrl}/there` }, body: '' };
    expect((await machine('/unattended/script')).text).toBe('found');
    foreman.answer = () => ({ status: 302, headers: { location: 'http://evil.example/' }, body: 'gone' });
    const elsewhere = await machine('/unattended/script');
    expect([elsewhere.status, elsewhere.headers['x-chainboot-error']]).toEqual([
      502,
      'TEMPLATES_UNREACHABLE',
    ]);
  });
});

describe('over restarts', () => {
  it('nothing that was taken is lost when it is killed, and what was being fetched is fetched again', async () => {
    await post(`/tftp/pxelinux/${MAC}`, { pxeconfig: 'kept' });
    await post(`/dhcp/${NETWORK}`, { mac: MAC, ip: '127.0.0.70', hostname: 'kept' });
    foreman.answer = () => ({ status: 503, body: '' });
    await post('/tftp/fetch_boot_file', { prefix: 'boot/later', path: `${foremanUrl}/linux` });
    expect(await daemon.ended('SIGKILL')).toBe('SIGKILL');
    foreman.answer = () => ({ status: 200, body: 'late' });
    await daemon.serve();
    expect((await ask(`/tftp/pxelinux/${MAC}`)).text).toBe('kept');
    expect(await json(`/dhcp/${NETWORK}/mac/${MAC}`)).toMatchObject({ ip: '127.0.0.70', hostname: 'kept' });
    await fetched('boot/later-linux').toBe(true);
  });

  it('a certificate that was revoked is refused after a reload', async () => {
    const revoked = authority.issue('revoked.example');
    daemon.writeConfig({
      smart_proxy: smartProxy({ trusted_hosts: ['foreman.example', 'revoked.example'] }),
    });
    let before = daemon.log.length;
    daemon.signal('SIGHUP');
    await daemon.logged(/"msg":"reloaded"/, before);
    expect((await ask('/v2/features', { client: revoked })).status).toBe(200);
    authority.revoke(revoked);
    before = daemon.log.length;
    daemon.signal('SIGHUP');
    await daemon.logged(/"msg":"reloaded"/, before);
    const told = await ask('/v2/features', { client: revoked });
    expect([told.status, told.text]).toEqual([403, expect.stringContaining('REVOKED')]);
    expect((await ask('/v2/features')).status).toBe(200);
  });

  it('files that cannot be used are found by a check, and change nothing on a reload', async () => {
    const wrong = { key: client.key, ca: join(daemon.directory, 'none'), crl: daemon.siteFile };
    daemon.writeConfig({ smart_proxy: smartProxy(wrong) });
    const checked = daemon.cli('check');
    expect(checked.status).not.toBe(0);
    for (const file of [server.certificate, wrong.ca, wrong.crl])
      expect(checked.stdout + checked.stderr).toContain(file);
    const before = daemon.log.length;
    daemon.signal('SIGHUP');
    await daemon.logged(/not reloaded/, before);
    expect((await ask('/v2/features')).status).toBe(200);
  });
});
