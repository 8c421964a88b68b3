/**
 * What only a network can show, in two namespaces joined by two cables:
 *
 *     server   s0 192.0.2.1/24   s1 198.51.100.1/24
 *               │                 │
 *     client   c0 (no address)   c1 198.51.100.9/24
 *
 * `setns` moves the thread of this test from one to the other; a socket stays where it was made.
 */

import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fromHex, fromLatin1, latin1, toHex } from '../net/bytes.ts';
import { parseIpv4 } from '../net/ip.ts';
import { formatMac } from '../net/mac.ts';
import { openArpProbe } from './arp-probe.ts';
import { linkOf } from './links.ts';
import { loadNative, type Native } from './native.ts';
import { openNativePort } from './native-port.ts';
import { sendRouterAdvertisement } from './router-silence.ts';
import type { UdpPort } from './types.ts';

const SERVER = `chainboot-${process.pid}-9001`;
const CLIENT = `chainboot-${process.pid}-9002`;
const BROADCAST = 0xffffffff;
const CLONE_NEWNET = 0x40000000;
const AF_PACKET = 17;
const SOCK_RAW_NONBLOCK = 3 | 0o4000;
/** ETH_P_ALL in network byte order. */
const EVERYTHING = 0x0300;

const ip = (...args: string[]) => execFileSync('ip', args, { encoding: 'utf8', stdio: 'pipe' });

async function missing(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'root, for network namespaces';
  if ((await loadNative()) === undefined) return 'Linux and koffi (npm: koffi)';
  try {
    ip('-V');
    return undefined;
  } catch {
    return 'ip (Debian: iproute2)';
  }
}

const lacking = await missing();

describe.skipIf(lacking)(`between namespaces${lacking === undefined ? '' : `, needs ${lacking}`}`, () => {
  let native: Native;
  let setns: (fd: number, type: number) => number;
  let socket: (domain: number, type: number, protocol: number) => number;
  const opened: (() => unknown)[] = [];

  beforeAll(async () => {
    native = (await loadNative())!;
    const { default: koffi } = await import('koffi');
    const libc = koffi.load(null);
    setns = libc.func('int setns(int, int)');
    socket = libc.func('int socket(int, int, int)');
    for (const namespace of [SERVER, CLIENT]) ip('netns', 'add', namespace);
    for (const n of ['0', '1']) {
      ip('-n', SERVER, 'link', 'add', `s${n}`, 'type', 'veth', 'peer', `c${n}`, 'netns', CLIENT);
      ip('-n', SERVER, 'link', 'set', `s${n}`, 'up');
      ip('-n', CLIENT, 'link', 'set', `c${n}`, 'up');
    }
    ip('-n', SERVER, 'address', 'add', '192.0.2.1/24', 'dev', 's0');
    ip('-n', SERVER, 'address', 'add', '198.51.100.1/24', 'dev', 's1');
    ip('-n', CLIENT, 'address', 'add', '198.51.100.9/24', 'dev', 'c1');
  });
  afterEach(async () => {
    for (const close of opened.splice(0)) await close();
  });
  afterAll(() => {
    for (const namespace of [SERVER, CLIENT]) ip('netns', 'delete', namespace);
  });

  function enter(namespace: string): () => void {
    const home = openSync('/proc/thread-self/ns/net', 'r');
    const there = openSync(`/run/netns/${namespace}`, 'r');
    expect(setns(there, CLONE_NEWNET)).toBe(0);
    return () => {
      setns(home, CLONE_NEWNET);
      closeSync(home);
      closeSync(there);
    };
  }

  function within<T>(namespace: string, run: () => T): T {
    const leave = enter(namespace);
    try {
      return run();
    } finally {
      leave();
    }
  }

  function serve(name: string, port: number): { readonly udp: UdpPort; readonly heard: string[] } {
    const udp = within(SERVER, () => openNativePort(native, linkOf(name), port, {}));
    opened.push(() => udp.close());
    const heard: string[] = [];
    udp.onBatch((batch) => heard.push(...batch.map(({ bytes }) => latin1(bytes))));
    return { udp, heard };
  }

  /** From port 68 of a client's interface, with or without address. */
  function send(device: string, to: number, text: string): void {
    const { fd } = within(CLIENT, () => native.bindUdp({ address: 0, port: 68, device, buffer: 65_536 }));
    opened.push(() => native.close(fd));
    native.outgoing.setSource(0);
    native.outgoing.putDatagram(0, fromLatin1(text), to, 67);
    expect(native.send(fd, 1)).toBe(1);
  }

  /** All frames that arrive in the client's namespace, in hex. */
  function listen(): () => string[] {
    const fd = within(CLIENT, () => socket(AF_PACKET, SOCK_RAW_NONBLOCK, EVERYTHING));
    opened.push(() => native.close(fd));
    const frames: string[] = [];
    return () => {
      frames.push(...native.receive(fd).map(({ bytes }) => toHex(bytes)));
      return frames;
    };
  }

  const macOf = (device: string) =>
    fromHex(/ether (\S+)/.exec(ip('-n', CLIENT, 'link', 'show', device))![1]!.replaceAll(':', ''));

  it('brings a broadcast to the port of the link it came in on, and to no other', async () => {
    const [zero, one] = [serve('s0', 67), serve('s1', 67)];
    send('c0', BROADCAST, 'from a client without address');
    send('c1', BROADCAST, 'from a client with one');
    await expect
      .poll(() => [zero.heard, one.heard])
      .toEqual([['from a client without address'], ['from a client with one']]);
  });

  it('brings unicasts, as relays send them', async () => {
    const one = serve('s1', 67);
    send('c1', parseIpv4('198.51.100.1')!, 'relayed');
    await expect.poll(() => one.heard).toEqual(['relayed']);
  });

  it('reaches a client that has no address yet by its MAC, and no one else', async () => {
    const { udp } = serve('s0', 67);
    const frames = listen();
    udp.send([{ bytes: fromLatin1('OFFER'), address: parseIpv4('192.0.2.50')!, port: 68, mac: macOf('c0') }]);
    await expect.poll(frames).toContainEqual(expect.stringContaining(toHex(fromLatin1('OFFER'))));
    const offer = frames().find((frame) => frame.endsWith(toHex(fromLatin1('OFFER'))))!;
    expect(offer.slice(0, 12)).toBe(toHex(macOf('c0')));
    // IPv4 from us at port 67 to the address offered, port 68.
    expect(offer.slice(24, 28)).toBe('0800');
    expect(offer.slice(52, 76)).toBe(`c0000201${'c0000232'}00430044`);
  });

  it('broadcasts from the address of the link', async () => {
    const { udp } = serve('s1', 67);
    const frames = listen();
    udp.send([{ bytes: fromLatin1('NAK'), address: BROADCAST, port: 68 }]);
    await expect.poll(frames).toContainEqual(expect.stringContaining(toHex(fromLatin1('NAK'))));
    const nak = frames().find((frame) => frame.endsWith(toHex(fromLatin1('NAK'))))!;
    expect(nak.slice(0, 12)).toBe('ffffffffffff');
    expect(nak.slice(52, 68)).toBe('c6336401ffffffff');
  });

  it('brings datagrams that no packet of the link can hold, whole', async () => {
    ip('-n', SERVER, 'link', 'set', 's1', 'mtu', '600');
    const { udp } = serve('s1', 67);
    const client = within(CLIENT, () => openNativePort(native, linkOf('c1'), 68, { unicastOnly: true }));
    opened.push(() => client.close());
    const heard: number[] = [];
    client.onBatch((batch) => heard.push(...batch.map(({ bytes }) => bytes.length)));
    const errors: Error[] = [];
    udp.onError((error) => errors.push(error));
    const to = { address: parseIpv4('198.51.100.9')!, port: 68 };
    udp.send([{ ...to, bytes: new Uint8Array(3000), segment: 1412 }]);
    udp.send([{ ...to, bytes: new Uint8Array(1500), segment: 516 }]);
    await expect.poll(() => heard).toEqual([1412, 1412, 176, 516, 516, 468]);
    expect(errors).toEqual([]);
    ip('-n', SERVER, 'link', 'set', 's1', 'mtu', '1500');
  });

  it('finds out by ARP who has an address, on the link that is asked', async () => {
    const [s0, s1] = within(SERVER, () => [linkOf('s0'), linkOf('s1')] as const);
    const logged: string[] = [];
    const leave = enter(SERVER);
    const probe = await openArpProbe([s0, s1], (_level, message) => logged.push(message)).finally(leave);
    opened.push(() => probe.close());
    const began = performance.now();
    const taken = parseIpv4('198.51.100.9')!;
    const free = parseIpv4('198.51.100.77')!;
    const squatter = formatMac(macOf('c1'));
    expect(await probe.ask(s1, taken)).toBe(squatter);
    expect(performance.now() - began).toBeLessThan(5_000);
    // Two questions at once, one of them put twice.
    const answers = [probe.ask(s1, free), probe.ask(s1, free), probe.ask(s1, taken)];
    expect(await Promise.all(answers)).toEqual([undefined, undefined, squatter]);
    // Closing ends what is under way.
    const pending = probe.ask(s0, parseIpv4('192.0.2.77')!);
    await probe.close();
    expect(await pending).toBeUndefined();
    expect(probe.ask(s1, taken)).toBeUndefined();
    expect(logged).toEqual([]);
  });

  it('asks nobody where there are no hardware addresses, and says once that it cannot ask on a lost link', async () => {
    const logged: string[] = [];
    const probe = await openArpProbe([], (level, message) => logged.push(`${level} ${message}`));
    opened.push(() => probe.close());
    const loopback = { name: 'lo', address: 0x7f000001, prefix: 8, mac: new Uint8Array(6) };
    expect(probe.ask(loopback, 0x7f000002)).toBeUndefined();
    expect(logged).toEqual([]);
    const lost = { name: 'lost9001', address: 0xc0000201, prefix: 24, mac: Uint8Array.of(2, 0, 0, 0, 0, 1) };
    expect(probe.ask(lost, 0xc0000202)).toBeUndefined();
    expect(probe.ask(lost, 0xc0000202)).toBeUndefined();
    expect(logged).toEqual(['info addresses are offered without a look whether somebody has them']);
  });

  it('refuses a second program on the same port of a link', () => {
    serve('s0', 67);
    expect(() => serve('s0', 67)).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }));
  });

  it('ends the search for IPv6 routers with a message the kernel accepts', async () => {
    const counter = (name: string) =>
      within(CLIENT, () =>
        Number(new RegExp(`${name}\\s+(\\d+)`).exec(readFileSync('/proc/thread-self/net/snmp6', 'utf8'))![1]),
      );
    // Until duplicate address detection is over, the address the message goes to is not yet the client's.
    const tentative = () => ip('-n', CLIENT, '-6', 'address', 'show', 'dev', 'c0', 'tentative');
    await expect.poll(tentative, { timeout: 60_000 }).toBe('');
    const before = counter('Icmp6InRouterAdvertisements');
    const mac = macOf('c0');
    const leave = enter(SERVER);
    await sendRouterAdvertisement(linkOf('s0'), mac).finally(leave);
    await expect.poll(() => counter('Icmp6InRouterAdvertisements')).toBe(before + 1);
    expect([counter('Icmp6InErrors'), counter('Icmp6InCsumErrors')]).toEqual([0, 0]);
    expect(ip('-n', CLIENT, '-6', 'route', 'show', 'default')).toBe('');
  });
});
