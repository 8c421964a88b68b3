import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { makeRoot, makeServerCertificate } from '../certificate/authority.ts';
import { loadConfig } from '../config/load.ts';
import { loadSite } from '../config/site-file.ts';
import { findings } from './check.ts';
import { type Https, keepRenewed, loadCertificate, openHttps, previewRoot } from './https.ts';

const DAY = 86_400_000;
const NOW = Date.now();
const links = [{ interface: 'lo', address: '127.0.0.1', mode: 'off' }];
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'chainboot-https-'));
  const root = await makeRoot('root of the site', NOW);
  const good = await makeServerCertificate(root, ['127.0.0.1'], NOW);
  const old = await makeServerCertificate(root, ['192.0.2.1', 'boot.example'], NOW - 900 * DAY);
  const files = {
    ca: root.certificate,
    good: good.certificate,
    goodKey: good.key,
    old: old.certificate,
    oldKey: old.key,
  };
  for (const [name, text] of Object.entries({
    ...files,
    rubbish: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  }))
    writeFileSync(join(directory, name), text);
});
afterAll(() => rmSync(directory, { recursive: true }));

function configured(https: Readonly<Record<string, string>>) {
  const paths = ['certificate', 'key', 'ca'];
  const given = Object.entries(https).map(([key, value]) => [
    key,
    paths.includes(key) ? join(directory, value) : value,
  ]);
  const file = join(directory, 'chainboot.yaml');
  const database = join(directory, 'chainboot.db');
  writeFileSync(file, stringify({ database, links, https: { enabled: true, ...Object.fromEntries(given) } }));
  return { config: loadConfig(file), file };
}

async function faults(https: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const { config, file } = configured(https);
  const found = await findings(config, file, undefined);
  return found
    .filter(({ level }) => level === 'error')
    .map(({ place, message }) => `${place.replace(/^.*:(\d+:\d+)$/, '$1')} ${message}`);
}

describe('check', () => {
  const good = { certificate: 'good', key: 'goodKey', ca: 'ca' };

  it('finds nothing wrong with a good certificate, and makes none', async () => {
    expect(await faults(good)).toEqual([]);
    expect(await faults({})).toEqual([]);
    expect(await findings(configured({}).config, configured({}).file, undefined)).not.toContainEqual(
      expect.objectContaining({ message: expect.stringContaining('certificate') }),
    );
  });

  it.each([
    [
      'is over, and for another address',
      { ...good, certificate: 'old', key: 'oldKey' },
      [/ expired at/, / not for 127\.0\.0\.1/],
    ],
    [
      'is over, and for the name in the URLs',
      { ...good, certificate: 'old', key: 'oldKey', name: 'boot.example' },
      [/ expired at/],
    ],
    ['has another key', { ...good, key: 'oldKey' }, [/key belongs to another/]],
    ['has no root', { certificate: 'good', key: 'goodKey' }, [/issuer is missing/]],
    ['is not there', { ...good, certificate: 'nowhere' }, [/^8:3 CERTIFICATE_UNUSABLE/]],
    ['is none', { ...good, certificate: 'rubbish' }, [/CERTIFICATE_UNUSABLE/]],
    ['has a key that is none', { ...good, key: 'ca' }, [/CERTIFICATE_UNUSABLE/]],
  ])('tells at its place that one %s', async (_what, https, expected) => {
    const found = await faults(https);
    expect(found).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) expect(found[index]).toMatch(pattern);
  });

  it.each([
    [{ certificate: 'good' }, 'https.key'],
    [{ ca: 'ca' }, 'https.ca'],
    [{ name: 'no name' }, 'https.name'],
  ])('refuses %j', (https, path) => {
    expect(() => configured(https)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', problems: [expect.objectContaining({ path })] }),
    );
  });
});

it('check says who is to boot over HTTPS where there is none', async () => {
  const file = join(directory, 'off.yaml');
  const database = join(directory, 'off.db');
  writeFileSync(file, stringify({ database, links: [{ ...links[0], https_boot: true }] }));
  const site = join(directory, 'site.yaml');
  const hosts = ['a', 'b'].map((name, i) => ({
    name: `${name}.example`,
    mac: `52:54:00:00:00:0${i}`,
    pxe_loader: 'Grub2 UEFI HTTPS',
  }));
  writeFileSync(site, stringify({ hosts }));
  const found = await findings(loadConfig(file), file, loadSite(site));
  const said = found
    .filter(({ message }) => message.includes('HTTPS is not'))
    .map(({ level, message }) => [level, message]);
  expect(said).toEqual([
    ['warning', expect.stringMatching(/^HTTPS is not enabled/)],
    ['warning', expect.stringMatching(/^a\.example and 1 more/)],
  ]);
});

describe('openHttps', () => {
  const log: string[] = [];
  const tell = (level: string, message: string) => void log.push(`${level}: ${message}`);

  it('opens nothing where neither the boot plane nor the API is served over it', async () => {
    const { config } = configured({});
    const nothing = { https: { ...config.https, enabled: false }, api: { ...config.api, enabled: false } };
    expect(await openHttps({ ...config, ...nothing }, tell)).toBeUndefined();
  });

  it('shows a certificate that machines may refuse, and says so', async () => {
    log.length = 0;
    const { config } = configured({ certificate: 'old', key: 'oldKey' });
    const https = await openHttps(config, tell);
    expect(https?.root).toBeUndefined();
    expect(log).toHaveLength(3);
    for (const line of log) expect(line).toMatch(/^error: /);
  });

  it('refuses one that TLS cannot work with', async () => {
    const { config } = configured({ certificate: 'good', key: 'oldKey' });
    await expect(openHttps(config, tell)).rejects.toMatchObject({ code: 'CERTIFICATE_UNUSABLE' });
  });

  it('makes one for every name that is asked for, once', async () => {
    const { config } = configured({ name: 'boot.example' });
    const { chain, news } = await loadCertificate(config, NOW);
    expect(news).toEqual(['root', 'server']);
    expect(chain.certificates[0]?.subjectAltName).toBe('DNS:boot.example, IP Address:127.0.0.1');
    expect((await loadCertificate(config, NOW)).news).toEqual([]);
  });
});

it('looks for a newer certificate twice a day, whatever becomes of it', async () => {
  vi.useFakeTimers();
  const found: (Https | undefined | Error)[] = [
    new Error('unreadable'),
    undefined,
    { identity: { key: 'key', chain: 'chain' }, trust: 'root' },
  ];
  const used: Https[] = [];
  const log: string[] = [];
  const open = async () => {
    const next = found.shift();
    if (next instanceof Error) throw next;
    return next;
  };
  const end = keepRenewed(
    open,
    (https) => used.push(https),
    (_level, message) => void log.push(message),
  );
  try {
    await vi.advanceTimersByTimeAsync(36 * 3600_000);
    expect([used.map(({ trust }) => trust), log.length]).toEqual([['root'], 1]);
    end();
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

it('knows the root for previews while HTTPS is enabled', async () => {
  const { config } = configured({ certificate: 'good', key: 'goodKey', ca: 'ca' });
  expect(await previewRoot(config)).toMatch(/^-----BEGIN CERTIFICATE-----/);
  expect(await previewRoot({ ...config, https: { ...config.https, enabled: false } })).toBeUndefined();
});
