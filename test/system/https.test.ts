/** HTTPS as a site runs it: the built program with a certificate of its own, virtual machines, curl and openssl. */

import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, type TestContext } from 'vitest';
import { makeRoot, makeServerCertificate } from '../../src/certificate/authority.ts';
import { type BootOptions, bootVirtually } from '../../src/client/boot.ts';
import { personaOf } from '../../src/client/personas.ts';
import { Daemon, freePorts, installing } from './daemon.ts';

const MAC = '52:54:00:77:00:10';
const SUBNET = { name: 'lo', network: '127.0.0.0/24', from: '127.0.0.100', to: '127.0.0.200' };

const daemons: Daemon[] = [];
afterEach(async () => {
  for (const daemon of daemons.splice(0)) await daemon.close();
});

type Secure = { readonly made: Daemon; readonly port: number; readonly url: string; readonly https: object };

async function secure(https: object = {}, link: object = {}): Promise<Secure> {
  const { http: port } = await freePorts();
  const enabled = { enabled: true, port, ...https };
  const made = new Daemon({
    link: { interface: 'lo', address: '127.0.0.1', ...link },
    ports: await freePorts(),
    site: { subnets: [SUBNET], hosts: [installing('vm1.lab', MAC, '127.0.0.50')] },
    config: { https: enabled },
  });
  daemons.push(made);
  return { made, port, url: `https://127.0.0.1:${port}`, https: enabled };
}

const rootOf = (made: Daemon) => made.cli('certificate', 'ca').stdout;

function powerOn(made: Daemon, persona: string, options: Partial<BootOptions> = {}) {
  return bootVirtually({
    persona: personaOf(persona)!,
    mac: MAC,
    dhcp: { via: 'server', address: '127.0.0.1', port: made.ports.dhcp },
    tftpPort: made.ports.tftp,
    timeoutMs: 20_000,
    installer: true,
    ...options,
  });
}

type StepJson = { kind: string; what?: string; because: { code: string }; detail?: { error?: string } };

async function steps(made: Daemon, until: (step: StepJson) => boolean): Promise<StepJson[]> {
  for (let tries = 0; ; tries++) {
    const shown = made.cli('boot', 'show', 'last', '--json');
    const parsed = shown.status === 0 ? (JSON.parse(shown.stdout) as StepJson[]) : [];
    if (parsed.some(until)) return parsed;
    if (tries > 30) throw new Error(`not in the newest boot: ${shown.stdout}${shown.stderr}`);
  }
}

/** Which server certificate is shown now. */
function shown(context: TestContext, port: number, file: string): readonly X509Certificate[] {
  const args = [
    's_client',
    '-connect',
    `127.0.0.1:${port}`,
    '-showcerts',
    '-CAfile',
    file,
    '-verify_return_error',
  ];
  const { stdout, error } = spawnSync('openssl', args, { encoding: 'utf8', input: '', timeout: 60_000 });
  if (error !== undefined) context.skip('openssl (Debian package openssl)');
  expect(stdout).toContain('Verify return code: 0 (ok)');
  const pems = stdout.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return pems.slice(0, 2).map((pem) => new X509Certificate(pem));
}

function curl(context: TestContext, ...args: string[]) {
  const ran = spawnSync('curl', ['-sS', '--max-time', '10', ...args], { encoding: 'utf8' });
  if (ran.error !== undefined) context.skip('curl (Debian package curl)');
  return ran;
}

describe('a boot', { timeout: 60_000 }, () => {
  it('of an iPXE with TLS goes over HTTPS from the script to the report', async () => {
    const { made, url } = await secure();
    await made.start();
    const outcome = await powerOn(made, 'ipxe-https', { trust: rootOf(made) });
    expect(outcome, outcome.why).toMatchObject({ reached: 'installed' });
    const urls = [
      outcome.kernel?.url,
      outcome.initrds[0]?.url,
      outcome.installer?.answersUrl,
      outcome.installer?.builtUrl,
    ];
    for (const each of urls) expect(each).toMatch(new RegExp(`^${url}/`));
    const seen = await steps(made, ({ kind }) => kind === 'http.built');
    expect(seen.find(({ kind }) => kind === 'dhcp.ack')).toMatchObject({
      because: { code: 'ipxe-asks-https' },
      what: expect.stringMatching(/^https:/),
    });
  });

  it('of an iPXE without TLS gets nothing but HTTP', async () => {
    const { made } = await secure();
    await made.start();
    const outcome = await powerOn(made, 'ipxe-rom');
    expect(outcome, outcome.why).toMatchObject({ reached: 'installed' });
    const all = JSON.stringify([
      outcome.kernel,
      outcome.initrds,
      outcome.installer,
      outcome.scripts,
      outcome.cmdline,
    ]);
    expect(all).toContain(`${made.url}/`);
    expect(all).not.toContain('https:');
  });

  it('of an iPXE with TLS goes over HTTP where its builds are not told to trust us', async () => {
    const { made } = await secure({ ipxe: false });
    await made.start();
    const outcome = await powerOn(made, 'ipxe-https');
    expect(outcome, outcome.why).toMatchObject({ reached: 'installed' });
  });

  it('of an iPXE that does not trust us ends with a trace that says so', async () => {
    const { made } = await secure();
    await made.start();
    const outcome = await powerOn(made, 'ipxe-https');
    expect(outcome.steps.filter(({ text }) => text.includes('0216eb3c')).length).toBeGreaterThan(0);
    const seen = await steps(made, ({ kind }) => kind === 'http.error');
    expect(seen.at(-1)).toMatchObject({ detail: { error: expect.stringMatching(/^TLS_/) } });
    await made.logged(/gets no further than TLS/);
  });

  it('of UEFI firmware goes over HTTPS where the link says so, and its iPXE by what it can', async () => {
    if (!existsSync('/usr/lib/ipxe/snponly.efi')) return expect.fail('the Debian package ipxe is needed');
    const { made, url } = await secure({}, { https_boot: true });
    await made.start();
    const outcome = await powerOn(made, 'uefi-http', { trust: rootOf(made) });
    expect(outcome, outcome.why).toMatchObject({ reached: 'installed' });
    expect(outcome.kernel?.url).toMatch(/^http:/);
    const [first] = await steps(made, ({ kind }) => kind === 'http.built');
    expect(first?.what).toBe(`${url}/httpboot/snponly.efi`);
  });
});

it('the shipped report of an installed system brings the root along', {
  timeout: 60_000,
}, async (context) => {
  const { made, url } = await secure();
  const only = { name: 'Preseed default finish', kind: 'finish', template: "<%= snippet('built') -%>\n" };
  const hosts = [installing('vm1.lab', MAC, '127.0.0.50')];
  made.writeSite({ subnets: [SUBNET], hosts, templates: [only] });
  await made.start();
  const ca = join(made.directory, 'ca.pem');
  writeFileSync(ca, rootOf(made));
  const script = curl(context, '--cacert', ca, `${url}/unattended/finish?mac=${MAC}`).stdout;
  // Beside those of others who run it at the same time.
  const own = script.replaceAll('/tmp/chainboot-ca.crt', join(made.directory, 'brought.crt'));
  expect(spawnSync('sh', ['-c', own], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  expect(readFileSync(join(made.directory, 'brought.crt'), 'utf8')).toBe(rootOf(made));
  expect(made.json<{ build: boolean }>('host', 'show', 'vm1.lab').build).toBe(false);
});

describe('the certificate', { timeout: 60_000 }, () => {
  it('is shown with its root, accepted by curl, and refused by who does not know the root', async (context) => {
    const { made, port, url } = await secure({ names: ['boot.example'] });
    await made.start();
    const ca = join(made.directory, 'ca.pem');
    writeFileSync(ca, rootOf(made));
    const [own, root, ...more] = shown(context, port, ca);
    expect(more).toEqual([]);
    expect(root?.toString()).toBe(readFileSync(ca, 'utf8'));
    expect(own?.subjectAltName).toBe('DNS:boot.example, IP Address:127.0.0.1');
    expect(curl(context, '--cacert', ca, `${url}/healthz`).stdout).toBe('ok\n');
    const named = ['--resolve', `boot.example:${port}:127.0.0.1`, `https://boot.example:${port}/healthz`];
    expect(curl(context, '--cacert', ca, ...named).stdout).toBe('ok\n');
    expect(curl(context, `${made.url}/pub/ca.crt`).stdout).toBe(readFileSync(ca, 'utf8'));
    const script = curl(
      context,
      '--cacert',
      ca,
      '-A',
      'iPXE/1.21.1',
      `${url}/unattended/iPXE?mac=${MAC}`,
    ).stdout;
    expect(script).toContain(`${url}/unattended/provision?token=`);
    expect(script).toContain(`${url}/media/`);
    expect(script).not.toContain('http:');
    const refused = curl(context, `${url}/healthz`);
    expect([refused.status, refused.stdout]).toEqual([60, '']);
    // curl says why and leaves at once; on a busy machine the reset overtakes its words.
    expect(await made.logged(/TLS_(UNTRUSTED|BROKEN_OFF)/)).toMatch(
      /chainboot certificate ca|docs\/https.md/,
    );
    // Plain HTTP is answered as such, and is no way to get a redirect.
    expect(curl(context, '-w', '%{http_code} %{redirect_url}', `${made.url}/healthz`).stdout).toBe(
      'ok\n200 ',
    );
    expect(curl(context, `http://127.0.0.1:${port}/healthz`).stdout).toBe('');
    await made.logged(/TLS_PLAIN_HTTP/);
  });

  it('is renewed by the same root when names change, without closing a port', async (context) => {
    const { made, port, url, https } = await secure();
    await made.start();
    const ca = join(made.directory, 'ca.pem');
    writeFileSync(ca, rootOf(made));
    const [before] = shown(context, port, ca);
    expect(made.cli('certificate', 'make', '--renew').status).toBe(0);
    made.signal('SIGHUP');
    await made.logged(/"msg":"reloaded"/);
    const [renewed] = shown(context, port, ca);
    expect(renewed?.fingerprint256).not.toBe(before?.fingerprint256);
    const lines = made.log.length;
    made.writeConfig({ https: { ...https, name: 'boot.example' } });
    made.signal('SIGHUP');
    await made.logged(/"msg":"reloaded"/, lines);
    const [named] = shown(context, port, ca);
    expect(named?.subject).toBe('CN=boot.example');
    const script = curl(context, '--cacert', ca, `${url}/unattended/iPXE?mac=${MAC}`).stdout;
    expect(script).toContain(`https://boot.example:${port}/media/`);
    expect(made.json<{ certificates: object[]; faults: object[] }>('certificate', 'show')).toMatchObject({
      certificates: [{ names: ['boot.example', '127.0.0.1'] }, {}],
      faults: [],
    });
  });

  it('that is given is served as a whole, and one that is unusable changes nothing', async (context) => {
    const now = Date.now();
    const { made, port, https } = await secure();
    const root = await makeRoot('root of the site', now);
    const good = await makeServerCertificate(root, ['127.0.0.1'], now);
    const file = (name: string, text: string) => {
      writeFileSync(join(made.directory, name), text);
      return join(made.directory, name);
    };
    const ca = file('root.pem', root.certificate);
    const given = { certificate: file('good.pem', good.certificate), key: file('good.key', good.key), ca };
    made.writeConfig({ https: { ...https, ...given } });
    await made.start();
    const [own, sent] = shown(context, port, ca);
    expect([own?.toString(), sent?.toString()]).toEqual([good.certificate, root.certificate]);
    expect(made.cli('certificate', 'make').stderr).toContain('CERTIFICATE_GIVEN');
    // One that TLS cannot work with changes nothing in a daemon that runs.
    made.writeConfig({ https: { ...https, ...given, key: file('other.key', root.key) } });
    expect(made.cli('check')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('another certificate'),
    });
    made.signal('SIGHUP');
    await made.logged(/not reloaded/);
    expect(shown(context, port, ca)[0]?.toString()).toBe(good.certificate);
  });
});
