import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../../test/cli-run.ts';
import { CAPTURES } from '../../test/pcap.ts';

const directory = mkdtempSync(join(tmpdir(), 'chainboot-decode-'));
afterAll(() => rmSync(directory, { recursive: true }));
const cli = (...words: string[]) => runCli(directory, words);

const CAPTURE = `${CAPTURES}proxy-UEFI-snponly.pcap`;
const MAC = '52:54:00:77:00:10';

describe('chainboot decode', () => {
  it('prints one object a message', async () => {
    const { status, out } = await cli('decode', CAPTURE, '--json');
    const events = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(status).toBe(0);
    expect(events.map(({ kind }) => kind).slice(0, 8)).toEqual([
      'dhcp',
      'dhcp',
      'dhcp',
      'dhcp',
      'dhcp',
      'dhcp',
      'dhcp',
      'tftp',
    ]);
    expect(events[0]).toMatchObject({
      frame: 1,
      mac: MAC,
      message: 'DISCOVER',
      stage: 'rom',
      arch: 'UEFI x86-64',
    });
    expect(events[5]).toMatchObject({
      pxe: true,
      message: 'REQUEST',
      to: { address: '10.77.0.1', port: 4011 },
    });
    expect(events[7]).toMatchObject({ filename: 'snponly.efi', outcome: 'probe', error: { code: 8 } });
    expect(events.at(-1)).toMatchObject({ kind: 'http-response', status: 200, target: '/debian/initrd.gz' });
  });

  it('keeps to one machine', async () => {
    const count = async (mac: string) => (await cli('decode', CAPTURE, '--mac', mac)).out.split('\n').length;
    expect(await count(MAC.toUpperCase())).toBeGreaterThan(50);
    expect(await count('52:54:00:77:00:11')).toBe(1);
    expect(await cli('decode', CAPTURE, '--mac', 'x')).toMatchObject({
      status: 2,
      err: expect.stringContaining('USAGE'),
    });
  });

  it('shows what is before the damage, and says where that is', async () => {
    const file = join(directory, 'cut.pcap');
    writeFileSync(file, readFileSync(CAPTURE).subarray(0, 3000));
    const { status, out, err } = await cli('decode', file);
    expect(out).toContain('DHCP DISCOVER');
    expect([status, err]).toEqual([2, expect.stringContaining('CAPTURE_DAMAGED')]);
  });

  it('refuses what is no capture', async () => {
    const file = join(directory, 'text');
    writeFileSync(file, 'hello');
    for (const name of [file, join(directory, 'missing')]) {
      const { status, err } = await cli('decode', name);
      expect([status, err]).toEqual([2, expect.stringContaining('CAPTURE_UNREADABLE')]);
    }
  });
});

describe('chainboot replay', () => {
  it('says what this server would have answered, and changes nothing', async () => {
    const link = 'links: [{ interface: pxe0, mode: proxy, address: 10.77.0.1, unknown_hosts: menu }]';
    writeFileSync(join(directory, 'config.yaml'), `${link}\ndatabase: ${directory}/none/chainboot.db\n`);
    const { status, out } = await cli('replay', CAPTURE, '--json');
    const report = JSON.parse(out);
    expect(status).toBe(0);
    expect(report).toMatchObject({ link: 'pxe0', mode: 'proxy', servers: ['10.77.0.1'] });
    expect(report.neighbours).toMatchObject([
      { address: '10.77.0.2', role: 'dhcp', offers: { address: '10.77.0.50' } },
    ]);
    expect(report.boots).toMatchObject([{ mac: MAC }]);
    const script = report.requests.find(
      ({ request }: { request: string }) => request === 'HTTP GET /unattended/iPXE',
    );
    expect(script).toMatchObject({
      because: { code: 'script-unknown' },
      text: expect.stringMatching(/^#!ipxe/),
    });
    const pxe = report.requests.find(({ protocol }: { protocol: string }) => protocol === 'pxe');
    expect(pxe).toMatchObject({ because: { code: 'rom-asks' }, differences: [] });
    expect(existsSync(join(directory, 'none'))).toBe(false);
  });

  it('refuses a link that is not configured', async () => {
    const { status, err } = await cli('replay', CAPTURE, '--link', 'eth7');
    expect([status, err]).toEqual([2, expect.stringContaining('NOT_FOUND')]);
  });
});
