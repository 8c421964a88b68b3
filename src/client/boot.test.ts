// biome-ignore-all lint/suspicious/noTemplateCurlyInString: iPXE writes its settings as ${name}.
import { afterEach, describe, expect, it } from 'vitest';
import {
  fakeEfi,
  fakeInitrd,
  fakeKernel,
  fakeLoader,
  fullServer,
  LEASED,
  type ScriptedSite,
  SERVER,
  type SiteParts,
  scriptedSite,
} from '../../test/scripted-site.ts';
import { MESSAGE, messageType, OPTION, textValue, u32Value, userClasses } from '../dhcp/options.ts';
import { encodePxeOptions } from '../dhcp/pxe.ts';
import { parseIpv4 } from '../net/ip.ts';
import { type BootOptions, bootVirtually } from './boot.ts';
import { personaOf } from './personas.ts';

const MAC = '52:54:00:77:00:10';
const UUID = '11223344-5566-7788-99aa-bbccddeeff00';

let open: ScriptedSite | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

async function boot(persona: string, parts: SiteParts, options: Partial<BootOptions> = {}) {
  open = await scriptedSite(parts);
  const outcome = await bootVirtually({
    persona: personaOf(persona)!,
    mac: MAC,
    uuid: UUID,
    dhcp: { via: 'server', address: SERVER, port: open.dhcpPort, pxePort: open.pxePort },
    tftpPort: open.tftpPort,
    timeoutMs: 8000,
    ...options,
  });
  return { outcome, log: open.log };
}

const PRESEED = (base: string) =>
  [
    'd-i debian-installer/locale string en_US',
    'd-i preseed/late_command string \\',
    `  wget --quiet -O /dev/null --post-data= "${base}/unattended/built?token=t" || true`,
  ].join('\n');

const buildScript = (base: string) =>
  [
    '#!ipxe',
    `kernel ${base}/linux initrd=initrd.gz auto=true url=${base}/unattended/provision?token=t BOOTIF=01-${'${netX/mac:hexhyp}'}`,
    `initrd ${base}/initrd.gz`,
    'boot',
  ].join('\n');

const buildSite = (base: string) => ({
  '/unattended/iPXE': buildScript(base),
  '/linux': fakeKernel(),
  '/initrd.gz': fakeInitrd(),
  '/unattended/provision': PRESEED(base),
  '/unattended/built': '',
});

/** The site's own URL is only known once it listens; DHCP is asked later than that. */
const scriptUrl = (path = '/unattended/iPXE') => fullServer(() => `${open!.base}${path}`);

describe('iPXE in the ROM', () => {
  it('walks from DHCP to a reported installation', async () => {
    const { outcome, log } = await boot(
      'ipxe-rom',
      { dhcp: scriptUrl(), http: buildSite },
      { installer: true },
    );
    expect(outcome.why).toContain('told that it is done');
    expect(outcome).toMatchObject({
      reached: 'installed',
      address: LEASED,
      kernel: { url: `${open!.base}/linux`, bytes: 20_000 },
      initrds: [{ bytes: 50_000, format: 'gzip' }],
      installer: { kind: 'preseed', builtUrl: `${open!.base}/unattended/built?token=t` },
    });
    expect(outcome.cmdline).toContain('BOOTIF=01-52-54-00-77-00-10');
    expect(outcome.kernel?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(outcome.scripts.map(({ url }) => url)).toEqual([`${open!.base}/unattended/iPXE`]);
    expect(log).toEqual([
      'DHCP discover',
      'DHCP request',
      `GET /unattended/iPXE @${LEASED}`,
      `GET /linux @${LEASED}`,
      `GET /initrd.gz @${LEASED}`,
      `GET /unattended/provision?token=t @${LEASED}`,
      `POST /unattended/built?token=t @${LEASED}`,
    ]);
  });

  it('tells every step as it happens', async () => {
    const seen: string[] = [];
    const { outcome } = await boot(
      'ipxe-rom',
      { dhcp: scriptUrl(), http: buildSite },
      { onEvent: ({ kind }) => seen.push(kind) },
    );
    expect(outcome.reached).toBe('kernel');
    expect(seen).toEqual(outcome.steps.map(({ kind }) => kind));
    expect(seen).toEqual([
      ...['power-on', 'dhcp.discover', 'dhcp.offer', 'dhcp.request', 'dhcp.ack', 'http.file', 'script'],
      ...['http.file', 'http.file', 'kernel', 'end'],
    ]);
    expect(outcome.steps.every(({ at }, i) => i === 0 || at >= outcome.steps[i - 1]!.at)).toBe(true);
  });

  it('an exit of the script is a local boot', async () => {
    const { outcome } = await boot('ipxe-rom', {
      dhcp: scriptUrl(),
      http: () => ({ '/unattended/iPXE': '#!ipxe\nexit 1\n' }),
    });
    expect(outcome).toMatchObject({ reached: 'local-boot' });
  });

  it.each([
    ['a missing script', {}, 'http-status'],
    ['an HTML page', { '/unattended/iPXE': '<html>Not found</html>' }, 'machine-code'],
    ['an empty script', { '/unattended/iPXE': '' }, 'not-executable'],
    ['a script that ends', { '/unattended/iPXE': '#!ipxe\necho hello\n' }, 'script-ended'],
    ['a line that fails', { '/unattended/iPXE': '#!ipxe\nkernel /missing\nboot\n' }, 'http-status'],
    ['a loop', { '/unattended/iPXE': '#!ipxe\n:a\ngoto a\n' }, 'script-endless'],
    [
      'HTML as kernel',
      { '/unattended/iPXE': '#!ipxe\nkernel /linux\nboot\n', '/linux': '<html>' },
      'machine-code',
    ],
    [
      'HTML as initrd',
      {
        '/unattended/iPXE': '#!ipxe\nkernel /linux\ninitrd /i\nboot\n',
        '/linux': fakeKernel(),
        '/i': '<html>',
      },
      'initrd-format',
    ],
    ['https', { '/unattended/iPXE': '#!ipxe\nchain https://192.0.2.1/\n' }, 'url-unsupported'],
  ])('%s is named', async (_, files, code) => {
    const { outcome } = await boot('ipxe-rom', { dhcp: scriptUrl(), http: () => files });
    expect(outcome).toMatchObject({ reached: 'failed', code });
  });

  it('a menu without time limit is an outcome of its own', async () => {
    const script = '#!ipxe\necho Host unknown\nshell\n';
    const { outcome } = await boot('ipxe-rom', {
      dhcp: scriptUrl(),
      http: () => ({ '/unattended/iPXE': script }),
    });
    expect(outcome).toMatchObject({ reached: 'menu', console: ['Host unknown'] });
  });

  it('a redirect loop is cut off, a short body and a 204 are told', async () => {
    const answers = (path: string) =>
      boot('ipxe-rom', {
        dhcp: scriptUrl(path),
        http: () => ({
          '/loop': (_, response) => void response.writeHead(302, { location: '/loop' }).end(),
          '/moved': (_, response) => void response.writeHead(307, { location: 'ok' }).end(),
          '/ok': '#!ipxe\nexit 1',
          '/nothing': (_, response) => void response.writeHead(204).end(),
          '/busy': (request, response) => {
            const again = open!.log.filter((line) => line.includes(request.url!)).length > 1;
            response.writeHead(again ? 200 : 503, { 'retry-after': '1' }).end('#!ipxe\nexit 1');
          },
          '/short': (_, response) => {
            response.writeHead(200, { 'content-length': 100 });
            response.write('#!ipxe\n');
            setTimeout(() => response.destroy(), 20);
          },
        }),
      });
    expect((await answers('/loop')).outcome).toMatchObject({ reached: 'failed', code: 'http-redirects' });
    await open!.close();
    expect((await answers('/moved')).outcome.reached).toBe('local-boot');
    await open!.close();
    expect((await answers('/busy')).outcome.reached).toBe('local-boot');
    await open!.close();
    expect((await answers('/nothing')).outcome).toMatchObject({ code: 'http-status' });
    await open!.close();
    expect((await answers('/short')).outcome).toMatchObject({ code: 'http-broken' });
  });

  it('says when DHCP gives nothing to boot', async () => {
    const { outcome } = await boot('ipxe-rom', { dhcp: fullServer(() => '') });
    expect(outcome).toMatchObject({ reached: 'failed', code: 'dhcp-nothing-to-boot', address: LEASED });
  });

  it('ends in time when nobody answers, and at once when switched off', async () => {
    const started = performance.now();
    expect((await boot('ipxe-rom', {}, { timeoutMs: 300 })).outcome).toMatchObject({ code: 'timeout' });
    expect(performance.now() - started).toBeLessThan(7_000);
    await open!.close();
    const signal = AbortSignal.timeout(100);
    expect((await boot('ipxe-rom', {}, { signal })).outcome).toMatchObject({ code: 'aborted' });
    await open!.close();
    const hangs = { '/unattended/iPXE': () => {} };
    expect(
      (await boot('ipxe-rom', { dhcp: scriptUrl(), http: () => hangs }, { timeoutMs: 300 })).outcome,
    ).toMatchObject({ code: 'timeout' });
  });

  it('rubbish on the wire and answers to others are passed over', async () => {
    const give = scriptUrl();
    const { outcome } = await boot('ipxe-rom', {
      dhcp: (request, port) => [
        new Uint8Array(7),
        Uint8Array.from({ length: 400 }, (_, i) => i & 0xff),
        ...give(request, port).map((fields) => ({ ...fields, xid: 1 })),
        ...give(request, port),
      ],
      http: buildSite,
    });
    expect(outcome.reached, outcome.why).toBe('kernel');
    expect(outcome.steps.filter(({ kind }) => kind === 'warning')).toHaveLength(4);
  });

  it('leaves no socket open, however it ends', async () => {
    const sockets = () =>
      process.getActiveResourcesInfo().filter((name) => /UDP|TCPSocket/.test(name)).length;
    const before = sockets();
    await boot('ipxe-rom', { dhcp: scriptUrl(), http: buildSite });
    await open!.close();
    await boot(
      'ipxe-rom',
      { dhcp: scriptUrl(), http: () => ({ '/unattended/iPXE': () => {} }) },
      { timeoutMs: 200 },
    );
    await open!.close();
    await boot('bios-rom', {}, { timeoutMs: 100 });
    await open!.close();
    await expect.poll(sockets).toBe(before);
  });

  it('a file that is no kernel is not taken for one', async () => {
    const script = '#!ipxe\nkernel /k a b\ninitrd /i\nboot\n';
    const files = { '/unattended/iPXE': script, '/k': fakeLoader(), '/i': fakeInitrd() };
    const { outcome } = await boot('ipxe-rom', { dhcp: scriptUrl(), http: () => files });
    expect(outcome).toMatchObject({ reached: 'failed', code: 'kernel-format' });
  });

  it('a script that came back is an initrd to the kernel, unless it was freed', async () => {
    const files = (chain: string) => ({
      '/unattended/iPXE': `#!ipxe\n${chain} /other || echo back\nkernel /linux\ninitrd /initrd.gz\nboot\n`,
      '/other': '#!ipxe\nexit 1\n',
      '/linux': fakeKernel(),
      '/initrd.gz': fakeInitrd(),
    });
    const left = await boot('ipxe-rom', { dhcp: scriptUrl(), http: () => files('chain') });
    expect(left.outcome).toMatchObject({ reached: 'failed', code: 'initrd-format' });
    await open!.close();
    const freed = await boot('ipxe-rom', { dhcp: scriptUrl(), http: () => files('chain --autofree') });
    expect(freed.outcome).toMatchObject({ reached: 'kernel', initrds: [{ format: 'gzip' }] });
    await open!.close();
    const uefi = await boot('ipxe-uefi', { dhcp: scriptUrl(), http: () => files('chain') });
    expect(uefi.outcome.reached).toBe('kernel');
  });

  it('answers Basic with what the URL brings along', async () => {
    const { outcome, log } = await boot('ipxe-rom', {
      dhcp: fullServer(() => `${open!.base.replace('//', '//user:p%40ss@')}/unattended/iPXE`),
      http: () => ({
        '/unattended/iPXE': (request, response) => {
          const isUser = request.headers.authorization === `Basic ${btoa('user:p@ss')}`;
          if (isUser) response.end('#!ipxe\nexit 0\n');
          else response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
        },
      }),
    });
    expect(outcome.reached, outcome.why).toBe('local-boot');
    expect(log.filter((line) => line.startsWith('GET'))).toHaveLength(2);
  });

  it('a NAK is a refusal', async () => {
    const give = scriptUrl();
    const { outcome } = await boot('ipxe-rom', {
      dhcp: (request, port) =>
        messageType(request) === MESSAGE.request
          ? [{ options: new Map([[OPTION.messageType, Uint8Array.of(MESSAGE.nak)]]) }]
          : give(request, port),
    });
    expect(outcome).toMatchObject({ reached: 'failed', code: 'dhcp-refused' });
  });
});

describe('proxyDHCP', () => {
  const plain = fullServer(() => '', { siaddr: 0 });
  const proxy = (fields: object, options: readonly [number, Uint8Array][] = []) => ({
    siaddr: parseIpv4(SERVER)!,
    ...fields,
    options: new Map([
      [OPTION.messageType, Uint8Array.of(MESSAGE.offer)],
      [OPTION.serverId, u32Value(parseIpv4(SERVER)!)],
      [OPTION.vendorClass, textValue('PXEClient')],
      ...options,
    ]),
  });

  it('iPXE takes the URL from the proxy and the address from the server', async () => {
    const { outcome, log } = await boot('ipxe-rom', {
      dhcp: (request, port) =>
        messageType(request) === MESSAGE.discover
          ? [...plain(request, port), proxy({ file: `${open!.base}/unattended/iPXE` })]
          : plain(request, port),
      http: buildSite,
    });
    expect(outcome.reached).toBe('kernel');
    expect(log.slice(0, 3)).toEqual(['DHCP discover', 'DHCP request', `GET /unattended/iPXE @${LEASED}`]);
  });

  it('iPXE ignores a proxy without siaddr, as real ones do', async () => {
    const { outcome } = await boot('ipxe-rom', {
      dhcp: (request, port) =>
        messageType(request) === MESSAGE.discover
          ? [...plain(request, port), proxy({ siaddr: 0, file: `${open!.base}/unattended/iPXE` })]
          : plain(request, port),
    });
    expect(outcome).toMatchObject({ code: 'dhcp-nothing-to-boot' });
    expect(outcome.steps.map(({ kind }) => kind)).toContain('warning');
  });

  it('UEFI asks the PXE port when the offer names no file, and a BIOS ROM confirms the menu', async () => {
    const menu = encodePxeOptions({
      menu: [{ type: 0x8000, text: 'Boot' }],
      prompt: { timeout: 0, text: 'PXE' },
    });
    for (const [persona, file] of [
      ['uefi-x64', 'ipxe.efi'],
      ['bios-rom', 'undionly.kpxe'],
    ] as const) {
      const items: string[] = [];
      const { outcome, log } = await boot(persona, {
        dhcp: (request, port) => {
          if (port === 'pxe') {
            items.push(Buffer.from(request.options.get(OPTION.vendorSpecific) ?? []).toString('hex'));
            return [
              {
                siaddr: parseIpv4(SERVER)!,
                file,
                options: new Map([[OPTION.messageType, Uint8Array.of(MESSAGE.ack)]]),
              },
            ];
          }
          if (userClasses(request).includes('iPXE')) return scriptUrl()(request, port);
          const isDiscover = messageType(request) === MESSAGE.discover;
          const options: [number, Uint8Array][] =
            persona === 'bios-rom' ? [[OPTION.vendorSpecific, menu]] : [];
          return isDiscover ? [...plain(request, port), proxy({}, options)] : plain(request, port);
        },
        tftp: () => ({ 'ipxe.efi': fakeEfi(), 'undionly.kpxe': fakeLoader() }),
        http: buildSite,
      });
      expect(outcome.reached, outcome.why).toBe('kernel');
      expect(log.slice(0, 3)).toEqual(['DHCP discover', 'DHCP request', 'PXE request']);
      expect(items).toEqual([persona === 'bios-rom' ? '470480000000ff' : '']);
      await open!.close();
    }
  });
});

describe('a plain BIOS ROM', () => {
  const chainConfig = (base: string) =>
    [
      'DEFAULT linux',
      'LABEL linux',
      'KERNEL ipxe.lkrn',
      `APPEND dhcp && chain ${base}/unattended/iPXE`,
      'IPAPPEND 2',
    ].join('\n');
  const files = { 'pxelinux.0': fakeLoader(), 'ldlinux.c32': fakeLoader(), 'ipxe.lkrn': fakeKernel() };

  it('gets to iPXE through PXELINUX, which looks for its configuration in the right order', async () => {
    const { outcome, log } = await boot('bios-rom', {
      dhcp: fullServer(() => 'pxelinux.0'),
      tftp: (base) => ({ ...files, 'pxelinux.cfg/default': chainConfig(base) }),
      http: buildSite,
    });
    expect(outcome.reached, outcome.why).toBe('kernel');
    expect(log.filter((line) => line.startsWith('TFTP')).map((line) => line.split(' ')[1])).toEqual([
      'pxelinux.0',
      'ldlinux.c32',
      'pxelinux.cfg/44332211-6655-8877-99aa-bbccddeeff00',
      'pxelinux.cfg/01-52-54-00-77-00-10',
      ...['7F4D0032', '7F4D003', '7F4D00', '7F4D0', '7F4D', '7F4', '7F', '7'].map(
        (name) => `pxelinux.cfg/${name}`,
      ),
      'pxelinux.cfg/default',
      'ipxe.lkrn',
    ]);
    expect(log[2]).toBe('TFTP pxelinux.0 blksize=1432 tsize=0');
    expect(log[3]).toBe('TFTP ldlinux.c32 tsize=0 blksize=1408');
    expect(log.filter((line) => line === 'DHCP discover')).toHaveLength(2);
  });

  it('boots a kernel of PXELINUX with BOOTIF, from a directory of its own', async () => {
    const config = 'LABEL l\nKERNEL linux\nAPPEND initrd=initrd.gz quiet\nIPAPPEND 2\n';
    const { outcome } = await boot('bios-rom', {
      dhcp: fullServer(() => '/sub/pxelinux.0'),
      tftp: () => ({
        '/sub/pxelinux.0': fakeLoader(),
        '/sub/ldlinux.c32': fakeLoader(),
        '/sub/pxelinux.cfg/01-52-54-00-77-00-10': config,
        '/sub/linux': fakeKernel(),
        '/sub/initrd.gz': fakeInitrd(),
      }),
    });
    expect(outcome).toMatchObject({
      reached: 'kernel',
      cmdline: 'initrd=initrd.gz quiet BOOTIF=01-52-54-00-77-00-10',
      initrds: [{ format: 'gzip' }],
    });
  });

  it.each([
    ['LABEL l\nLOCALBOOT 0\n', 'local-boot', undefined],
    ['DEFAULT menu.c32\nLABEL l\nKERNEL x\n', 'menu', undefined],
    ['PROMPT 1\nLABEL l\nKERNEL x\n', 'menu', undefined],
    ['LABEL l\nKERNEL missing\n', 'failed', 'tftp-error'],
    ['LABEL l\nKERNEL ldlinux.c32\n', 'failed', 'kernel-format'],
    ['# nothing', 'failed', 'config-unusable'],
  ])('configuration %j', async (config, reached, code) => {
    const tftp = () => ({ ...files, 'pxelinux.cfg/01-52-54-00-77-00-10': config });
    const { outcome } = await boot('bios-rom', { dhcp: fullServer(() => 'pxelinux.0'), tftp });
    expect([outcome.reached, outcome.code], outcome.why).toEqual([reached, code]);
  });

  it('undionly asks DHCP again as iPXE, and a server that does not notice makes a loop', async () => {
    const tftp = () => ({ 'undionly.kpxe': fakeLoader() });
    const dhcp: SiteParts['dhcp'] = (request, port) =>
      fullServer(() =>
        userClasses(request).includes('iPXE') ? `${open!.base}/unattended/iPXE` : 'undionly.kpxe',
      )(request, port);
    expect((await boot('bios-rom', { dhcp, tftp, http: buildSite })).outcome.reached).toBe('kernel');
    await open!.close();
    const { outcome } = await boot('bios-rom', { dhcp: fullServer(() => 'undionly.kpxe'), tftp });
    expect(outcome).toMatchObject({ reached: 'failed', code: 'loader-loop' });
  });

  it('names a loader that is not there or no program', async () => {
    const missing = await boot('bios-rom', { dhcp: fullServer(() => 'undionly.kpxe'), tftp: () => ({}) });
    expect(missing.outcome).toMatchObject({ code: 'tftp-error' });
    await open!.close();
    const html = await boot('bios-rom', {
      dhcp: fullServer(() => 'undionly.kpxe'),
      tftp: () => ({ 'undionly.kpxe': '<html>' }),
    });
    expect(html.outcome).toMatchObject({ code: 'machine-code' });
  });
});

describe('UEFI', () => {
  const byArch =
    (loader: () => string, options: readonly [number, Uint8Array][] = []): SiteParts['dhcp'] =>
    (request, port) =>
      userClasses(request).includes('iPXE')
        ? scriptUrl()(request, port)
        : fullServer(loader, { options: new Map(options) })(request, port);

  it.each(['uefi-x64', 'uefi-arm64'])(
    '%s asks for the size first, then in windows of four blocks',
    async (persona) => {
      const { outcome, log } = await boot(persona, {
        dhcp: byArch(() => 'snponly.efi'),
        tftp: () => ({ 'snponly.efi': fakeEfi() }),
        http: buildSite,
      });
      expect(outcome.reached, outcome.why).toBe('kernel');
      expect(log.slice(2, 5)).toEqual([
        'TFTP snponly.efi tsize=0 blksize=1468 windowsize=4',
        'TFTP ERROR 8',
        'TFTP snponly.efi blksize=1468 windowsize=4',
      ]);
    },
  );

  it('refuses what is no EFI program', async () => {
    const { outcome } = await boot('uefi-x64', {
      dhcp: byArch(() => 'x.efi'),
      tftp: () => ({ 'x.efi': fakeLoader() }),
    });
    expect(outcome).toMatchObject({ reached: 'failed', code: 'not-executable' });
  });

  it('boots by HTTP with HEAD and GET, but only from an answer that says HTTPClient', async () => {
    const http = (base: string) => ({ ...buildSite(base), '/httpboot/ipxe.efi': fakeEfi() });
    const url = () => `${open!.base}/httpboot/ipxe.efi`;
    const echo: [number, Uint8Array] = [OPTION.vendorClass, textValue('HTTPClient')];
    const { outcome, log } = await boot('uefi-http', { dhcp: byArch(url, [echo]), http });
    expect(outcome.reached, outcome.why).toBe('kernel');
    expect(log.slice(2, 4)).toEqual([
      `HEAD /httpboot/ipxe.efi @${LEASED}`,
      `GET /httpboot/ipxe.efi @${LEASED}`,
    ]);
    await open!.close();
    const silent = await boot('uefi-http', { dhcp: byArch(url), http }, { timeoutMs: 400 });
    expect(silent.outcome).toMatchObject({ reached: 'failed', code: 'timeout' });
    expect(silent.outcome.steps.map(({ kind }) => kind)).toContain('warning');
  });
});
