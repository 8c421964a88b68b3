/**
 * Captures against other programs: tshark reads ours, and sees in all of them what we do; a machine of its own network
 * is recorded both ways while it boots.
 *
 *     namespace ── br0 10.77.0.1/24 (chainboot serve, chainboot capture)
 *                   ├── cl0 ═ veth ═ namespace of the client
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, type TestContext } from 'vitest';
import { readConversation } from '../../src/capture/conversation.ts';
import type { Conversation } from '../../src/capture/events.ts';
import { readCaptureFile } from '../../src/capture/file.ts';
import { bodyText } from '../../src/capture/words.ts';
import { archCodes, messageType, uuid, vendorClass } from '../../src/dhcp/options.ts';
import { createLab, type Lab } from '../../src/lab/netns.ts';
import { CAPTURES, captureNames } from '../pcap.ts';
import { Daemon, installing } from '../system/daemon.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const MAC = '52:54:00:77:00:10';
const FIELDS = [
  'frame.number',
  'dhcp.option.dhcp',
  'dhcp.option.vendor_class_id',
  'dhcp.option.client_system_architecture',
  'dhcp.client_id.uuid',
  'dhcp.file',
] as const;

function tshark(file: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('tshark', ['-r', file, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
    maxBuffer: 64 << 20,
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

function needs(
  context: TestContext,
  tools: readonly (readonly [command: string, debianPackage: string])[],
): void {
  for (const [command, debianPackage] of tools)
    if (spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0)
      context.skip(`needs ${command} (Debian: ${debianPackage})`);
}

function told(file: string): Conversation {
  const { frames, damage } = readCaptureFile(readFileSync(file));
  expect(damage).toBeUndefined();
  return readConversation(frames);
}

/** What tshark makes of the DHCP packets, in the form of {@link ours}. */
function theirs(file: string): string[] {
  const wanted = FIELDS.flatMap((field) => ['-e', field]);
  const lines = tshark(
    file,
    '-Y',
    'dhcp',
    '-T',
    'fields',
    '-E',
    'separator=|',
    '-E',
    'aggregator=,',
    ...wanted,
  );
  return lines
    .trim()
    .split('\n')
    .map((line) => {
      const [frame, type, vendor, arches = '', id, name] = line.split('|');
      const codes = arches === '' ? [] : arches.split(',').map(Number);
      return [frame, type, vendor, codes.join(','), id, name].join('|');
    });
}

function ours({ events }: Conversation): string[] {
  return events.flatMap((event) => {
    if (event.kind !== 'dhcp') return [];
    const { packet, frame } = event;
    const arches = archCodes(packet).join(',');
    const fields = [
      frame,
      messageType(packet),
      vendorClass(packet) ?? '',
      arches,
      uuid(packet) ?? '',
      packet.file,
    ];
    return [fields.join('|')];
  });
}

describe('tshark sees what we see', () => {
  it.for(captureNames())('in %s', (name, context) => {
    needs(context, [['tshark', 'tshark']]);
    const file = `${CAPTURES}${name}`;
    expect(ours(told(file))).toEqual(theirs(file));
  });
});

describe('a recording', () => {
  let lab: Lab | undefined;
  let client = '';
  let daemon: Daemon | undefined;
  let recorder: ChildProcess | undefined;

  afterEach(async () => {
    if (recorder?.exitCode === null) recorder.kill('SIGKILL');
    recorder = undefined;
    await daemon?.close();
    if (client !== '') spawnSync('ip', ['netns', 'del', client]);
    await lab?.close();
    lab = undefined;
    daemon = undefined;
    client = '';
  });

  function ip(...args: string[]): void {
    const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
  }

  function onClient(...command: string[]): void {
    const { status, stderr, stdout } = spawnSync('ip', ['netns', 'exec', client, ...command], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    if (status !== 0) throw new Error(`${command.join(' ')}: ${stdout}${stderr}`);
  }

  async function start(): Promise<Daemon> {
    lab = await createLab({ address: '10.77.0.1/24' });
    client = `${lab.namespace}-client`;
    ip('netns', 'add', client);
    ip('link', 'add', 'cl0', 'netns', lab.namespace, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', client);
    ip('-n', client, 'link', 'set', 'eth0', 'address', MAC, 'up');
    ip('-n', lab.namespace, 'link', 'set', 'cl0', 'master', 'br0', 'up');
    const subnets = [
      { name: 'lab', network: '10.77.0.0/24', gateway: '10.77.0.1', from: '10.77.0.100', to: '10.77.0.101' },
    ];
    daemon = new Daemon({
      link: { interface: 'br0', address: '10.77.0.1', mode: 'server' },
      ports: { http: 80, tftp: 69, dhcp: 67 },
      site: { subnets, hosts: [installing('vm10.rig.test', MAC, '10.77.0.50')] },
      inside: lab.inside,
    });
    await daemon.start();
    return daemon;
  }

  function record({ configFile }: Daemon, file: string, options: readonly string[]): ChildProcess {
    const verb = ['capture', MAC, '--out', file, '--seconds', '120', ...options];
    const [command, ...args] = lab!.inside([process.execPath, MAIN, '--config', configFile, ...verb]);
    recorder = spawn(command!, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    return recorder;
  }

  /** What a program has said by now. */
  function text({ stderr }: ChildProcess): () => string {
    let all = '';
    stderr!.on('data', (data: Buffer) => {
      all += data.toString();
    });
    return () => all;
  }

  /** A ROM that fetches its loader, then its script, and reports that it is built. */
  function boot({ directory }: Daemon): void {
    const script = join(directory, 'udhcpc.sh');
    writeFileSync(
      script,
      '#!/bin/sh\n[ "$1" = bound ] && ip address add "$ip/$mask" dev "$interface"\nexit 0\n',
      { mode: 0o755 },
    );
    const rom = ['-V', 'PXEClient:Arch:00000:UNDI:002001', '-x', '0x5d:0000', '-O', 'bootfile'];
    onClient('udhcpc', '-i', 'eth0', '-n', '-q', '-f', '-t', '4', '-T', '2', '-s', script, ...rom);
    onClient(
      'atftp',
      '--option',
      'blksize 1400',
      '--get',
      '-r',
      'undionly.kpxe',
      '-l',
      '/dev/null',
      '10.77.0.1',
    );
    onClient('curl', '-sf', '-o', '/dev/null', '-A', 'iPXE/1.0', 'http://10.77.0.1/unattended/iPXE');
    onClient('curl', '-sf', '-o', '/dev/null', '-X', 'POST', 'http://10.77.0.1/unattended/built');
  }

  it.for([
    ['everything on the link', []],
    ['what the server itself exchanges', ['--sockets']],
  ] as const)('has %s, for tshark too', async ([, options], context) => {
    if (process.getuid?.() !== 0) context.skip('network namespaces need root');
    needs(context, [
      ['tshark', 'tshark'],
      ['udhcpc', 'udhcpc'],
      ['atftp', 'atftp'],
      ['curl', 'curl'],
    ]);
    const running = await start();
    const file = join(running.directory, 'boot.pcapng');
    const child = record(running, file, options);
    const said = text(child);
    await expect.poll(said, { timeout: 60_000 }).toContain('recording');
    boot(running);
    if (child.exitCode === null) await once(child, 'exit');
    expect([child.exitCode, said()]).toEqual([0, expect.stringContaining('reported that it is built')]);
    expect(existsSync(file)).toBe(true);
    const conversation = told(file);
    const kinds = conversation.events.map((event) => event.kind);
    expect(kinds.filter((kind) => kind === 'dhcp').length).toBeGreaterThanOrEqual(4);
    const transfer = conversation.events.find((event) => event.kind === 'tftp');
    expect(transfer).toMatchObject({
      filename: 'undionly.kpxe',
      outcome: 'complete',
      mac: MAC,
    });
    const responses = conversation.events.filter((event) => event.kind === 'http-response');
    expect(responses.map(({ status, request }) => [request?.method, request?.target, status])).toEqual([
      ['GET', '/unattended/iPXE', 200],
      ['POST', '/unattended/built', 201],
    ]);
    expect(bodyText(responses[0]!)).toMatch(/^#!ipxe/);
    expect(conversation.events.every(({ mac }) => mac === MAC)).toBe(true);
    expect(ours(conversation)).toEqual(theirs(file));
    expect(tshark(file, '-Y', '_ws.malformed or tcp.analysis.lost_segment')).toBe('');
    expect(tshark(file, '-Y', 'http.response.code == 201').trim().split('\n')).toHaveLength(1);
  });
});
