// biome-ignore-all lint/suspicious/noTemplateCurlyInString: iPXE writes its settings as ${name}.
import { describe, expect, it } from 'vitest';
import { BootFailure } from './failure.ts';
import { answersOf, builtRequest, install } from './installer.ts';

const BUILT = 'http://s/unattended/built?token=t&x=1';
const FINISH = 'http://s/unattended/finish?token=t';
const KICKSTART = `rootpw --lock\n%post\ncurl -X POST "${BUILT}"\n%end\n`;

describe('answersOf', () => {
  it.each([
    ['auto url=http://s/p?token=t quiet', 'preseed', 'http://s/p?token=t'],
    ['preseed/url=http://s/p', 'preseed', 'http://s/p'],
    ['inst.ks=http://s/k', 'kickstart', 'http://s/k'],
    ['quiet ks=http://s/k', 'kickstart', 'http://s/k'],
    ['autoyast=http://s/a', 'autoyast', 'http://s/a'],
    ['ds=nocloud-net;s=http://s/userdata/ quiet', 'autoinstall', 'http://s/userdata/'],
    ['"ds=nocloud;h=name;s=http://s/userdata/"', undefined, undefined],
    ["ds='nocloud;s=http://s/u/'", 'autoinstall', 'http://s/u/'],
    ['url=http://s/live.iso ds=nocloud-net;s=http://s/userdata/', 'autoinstall', 'http://s/userdata/'],
    ['ignition.config.url=http://s/i ip=dhcp', 'ignition', 'http://s/i'],
    ['initrd=initrd.gz curl=http://s/x', undefined, undefined],
  ])('%s', (cmdline, kind, url) => {
    expect(answersOf(cmdline)).toEqual(kind === undefined ? undefined : { kind, url });
  });
});

describe('builtRequest', () => {
  it.each([
    [`curl -s "${BUILT}"`, 'POST', BUILT],
    [`wget -q -O /dev/null '${BUILT}'; true`, 'GET', BUILT],
    [`wget --post-data= ${BUILT} || true`, 'POST', BUILT],
    [`<script>curl ${BUILT.replace('&', '&amp;')}</script>`, 'POST', BUILT],
    ['curl http://s/unattended/built\\?token\\=t\\&x\\=1 \\', 'POST', BUILT],
    [btoa(`#!/bin/sh\ncurl -X POST ${BUILT}\n`).replace(/.{60}(?=.)/g, '$&\n'), 'POST', BUILT],
    [`wget -q ${BUILT} || in-target curl -fsS ${BUILT} && break; done`, 'GET', BUILT],
    ['https://s:8443/unattended/built', 'POST', 'https://s:8443/unattended/built'],
  ])('%s', (line, method, url) => {
    expect(builtRequest(`before\n${line}\nafter`)).toEqual({ url, method });
  });

  it('is undefined when nothing reports back', () => {
    expect(builtRequest('http://s/unattended/provision')).toBeUndefined();
  });
});

describe('install', () => {
  function web(files: Readonly<Record<string, string>>) {
    const log: string[] = [];
    const get = async (url: string) => {
      log.push(`GET ${url}`);
      const text = files[url];
      if (text === undefined) throw new BootFailure('http-status', `${url}: 404`);
      const head = new TextEncoder().encode(text);
      return { url, bytes: head.length, sha256: '', head };
    };
    const post = async (url: string) => {
      log.push(`POST ${url}`);
      return { url, bytes: 0, sha256: '', head: new Uint8Array(0) };
    };
    return { log, get, post };
  }

  it('fetches the answers and reports that it is done', async () => {
    const machine = web({ 'http://s/k': KICKSTART });
    await expect(install('inst.ks=http://s/k', machine)).resolves.toMatchObject({
      kind: 'kickstart',
      builtUrl: BUILT,
    });
    expect(machine.log).toEqual(['GET http://s/k', `POST ${BUILT}`]);
  });

  it('follows the answers to the finish script that reports', async () => {
    const machine = web({
      'http://s/p': `d-i preseed/late_command string wget -O /f '${FINISH}' && sh /f`,
      [FINISH]: `#!/bin/sh\ncurl --request POST ${BUILT.replace('&', '\\&')}\n`,
    });
    await expect(install('url=http://s/p', machine)).resolves.toMatchObject({ builtUrl: BUILT });
    expect(machine.log).toEqual(['GET http://s/p', `GET ${FINISH}`, `POST ${BUILT}`]);
  });

  it('asks cloud-init seeds for meta-data and user-data', async () => {
    const machine = web({
      'http://s/u/meta-data': 'instance-id: i-1\n',
      'http://s/u/user-data': `#cloud-config\nautoinstall:\n  late-commands: [curl ${BUILT}]`,
    });
    await expect(install('ds=nocloud-net;s=http://s/u', machine)).resolves.toMatchObject({
      kind: 'autoinstall',
    });
  });

  it.each([
    ['quiet', {}, 'installer-no-answers'],
    ['url=http://s/none', {}, 'http-status'],
    ['url=http://s/html', { 'http://s/html': '<html>sorry</html>' }, 'installer-answers'],
    ['inst.ks=http://s/d', { 'http://s/d': 'd-i passwd/root-login boolean false' }, 'installer-answers'],
    ['inst.ks=http://s/k', { 'http://s/k': 'rootpw x\n%packages\n%end' }, 'installer-built'],
    ['inst.ks=http://s/k', { 'http://s/k': KICKSTART.replace('curl -X POST', 'wget') }, 'installer-built'],
  ])('%s fails with its own code', async (cmdline, files, code) => {
    await expect(install(cmdline, web(files as Record<string, string>))).rejects.toMatchObject({ code });
  });
});
