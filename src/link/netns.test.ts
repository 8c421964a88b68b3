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
import { fromLatin1, latin1 } from '../net/bytes.ts';
import { linkOf } from './links.ts';
import { loadNative, type Native } from './native.ts';
import { sendRouterAdvertisement } from './router-silence.ts';
import type { Link, UdpPort } from './types.ts';
import { createWire } from './wire.ts';

const SERVER = `chainboot-${process.pid}-9001`;
const CLIENT = `chainboot-${process.pid}-9002`;
const CLONE_NEWNET = 0x40000000;
const ETH_P_ALL_SWAPPED = 0x0300;

type Calls = {
  readonly setns: (fd: number, type: number) => number;
  readonly socket: (domain: number, type: number, protocol: number) => number;
};

const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] });
const missing = process.getuid?.() === 0 ? await missingTool() : 'needs root for network namespaces';

async function missingTool(): Promise<string | undefined> {
  if ((await loadNative()) === undefined) return 'needs koffi (npm: koffi)';
  try {
    ip('-V');
    return undefined;
  } catch {
    return 'needs ip (Debian: iproute2)';
  }
}

describe.skipIf(missing !== undefined)(`the wire between namespaces${missing ? `: ${missing}` : ''}`, () => {
  let calls: Calls;
  let native: Native;
  const opened: { close(): unknown }[] = [];

  beforeAll(async () => {
    native = (await loadNative())!;
    const { default: koffi } = await import('koffi');
    const libc = koffi.load(null);
    calls = {
      setns: libc.func('int setns(int, int)') as Calls['setns'],
      socket: libc.func('int socket(int, int, int)') as Calls['socket'],
    };
    for (const namespace of [SERVER, CLIENT]) {
      ip('netns', 'add', namespace);
      ip('-n', namespace, 'link', 'set', 'lo', 'up');
    }
    for (const n of ['0', '1']) {
      const peer = ['peer', 'name', `c${n}`, 'netns', CLIENT];
      ip('-n', SERVER, 'link', 'add', `s${n}`, 'type', 'veth', ...peer);
      ip('-n', SERVER, 'link', 'set', `s${n}`, 'up');
      ip('-n', CLIENT, 'link', 'set', `c${n}`, 'up');
    }
    ip('-n', SERVER, 'address', 'add', '192.0.2.1/24', 'dev', 's0');
    ip('-n', SERVER, 'address', 'add', '198.51.100.1/24', 'dev', 's1');
    ip('-n', CLIENT, 'address', 'add', '198.51.100.9/24', 'dev', 'c1');
  });
  afterEach(async () => {
    for (const port of opened.splice(0)) await port.close();
  });
  afterAll(() => {
    for (const namespace of [SERVER, CLIENT]) ip('netns', 'delete', namespace);
  });

  /** Runs a function that makes sockets inside a namespace; nothing in it may wait. */
  function within<T>(namespace: string, make: () => T): T {
    const [home, there] = [openSync('/proc/thread-self/ns/net', 'r'), openSync(`/run/netns/${namespace}`, 'r')];
    try {
      expect(calls.setns(there, CLONE_NEWNET)).toBe(0);
      return make();
    } finally {
      calls.setns(home, CLONE_NEWNET);
      closeSync(home);
      closeSync(there);
    }
  }

  /** The wire opens ports without waiting once the native calls are there. */
  async function serverPort(name: string, port: number): Promise<{ port: UdpPort; heard: string[] }> {
    const wire = createWire();
    await loadNative();
    const link = within(SERVER, () => linkOf(name));
    const { openNativePort } = await import('./native-port.ts');
    expect(wire).toBeDefined();
    const udp = within(SERVER, () => openNativePort(native, link, port, {}));
    opened.push(udp);
    const heard: string[] = [];
    udp.onBatch((batch) => heard.push(...batch.map(({ bytes }) => latin1(bytes))));
    return { port: udp, heard };
  }

  function clientBroadcast(device: string, text: string): void {
    within(CLIENT, () => {
      const { fd } = native.bindUdp({ address: 0, port: 68, device });
      const index = native.interfaceIndex(device);
      native.close(fd);
      const raw = native.openPacket();
      native.outgoing.putFrame(0, broadcastPacket(text), new Uint8Array(6).fill(0xff), index, 0x0800);
      native.send(raw, 1);
      native.close(raw);
    });
  }

  /** Everything that arrives on an interface of the client, Ethernet headers included. */
  function listener(device: string): { frames: () => Uint8Array[] } {
    const fd = within(CLIENT, () => calls.socket(17, 3 | 0o4000, ETH_P_ALL_SWAPPED));
    opened.push({ close: () => native.close(fd) });
    expect(device).toBe('c0');
    return { frames: () => native.receive(fd).map(({ bytes }) => bytes.slice()) };
  }
});
