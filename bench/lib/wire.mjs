/**
 * Two network namespaces and a wire between them that has a length, a rate and faults (delaylink.c):
 *
 *     server: s0 10.96.0.1/14 ══ delaylink ══ c0 10.96.0.2/14 :client
 *
 * Needs root, iproute2 and gcc.
 */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CLIENT_ADDRESS, CLIENT_DEVICE, NETWORK, SERVER_ADDRESS, SERVER_DEVICE } from './cable.mjs';

/** Packets that may wait at either end: more than a TCP window. */
const QUEUE = 16_384;
/** As Linux comes: this machine may have been tuned. */
const TCP = {
  tcp_congestion_control: 'cubic',
  tcp_rmem: '4096 131072 6291456',
  tcp_wmem: '4096 16384 4194304',
};

const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'inherit'] });

const FIRST_NUMBER = 9100;
let count = 0;

/**
 * @param directory where the program is built
 * @param mbit rate of the wire, each way
 * @param faults `{ seed, lost, doubled, late }`, shares of the IPv4 packets; none unless given
 * @returns `{ server, client, setDelay, close }`: the first two wrap a command so that it runs at that end
 */
export async function layWire({ directory, mbit = 1000, faults }) {
  const program = `${directory}/delaylink`;
  execFileSync('gcc', ['-O2', '-o', program, fileURLToPath(new URL('../delaylink.c', import.meta.url))]);
  // Named as those of src/lab, which sweeps away what a dead process left behind.
  const name = () => `chainboot-${process.pid}-${FIRST_NUMBER + count++}`;
  const ends = [
    { namespace: name(), device: SERVER_DEVICE, address: SERVER_ADDRESS },
    { namespace: name(), device: CLIENT_DEVICE, address: CLIENT_ADDRESS },
  ];
  try {
    ends.forEach(makeEnd);
    const link = startLink(program, ends, mbit, faults);
    await link.setDelay(0); // it has both devices now
    ends.forEach(liftEnd);
    const inside = (namespace) => (command) => ['ip', 'netns', 'exec', namespace, ...command];
    const close = async () => {
      const counts = await link.close();
      ends.forEach(removeEnd);
      return counts;
    };
    return {
      server: inside(ends[0].namespace),
      client: inside(ends[1].namespace),
      setDelay: link.setDelay,
      close,
    };
  } catch (error) {
    ends.forEach(removeEnd);
    throw error;
  }
}

function makeEnd({ namespace, device }) {
  ip('netns', 'add', namespace);
  ip('-n', namespace, 'link', 'set', 'lo', 'up');
  ip('-n', namespace, 'tuntap', 'add', device, 'mode', 'tap');
  ip('-n', namespace, 'link', 'set', device, 'txqueuelen', String(QUEUE));
  const settings = Object.entries(TCP).map(([key, value]) => `echo ${value} >/proc/sys/net/ipv4/${key}`);
  execFileSync('ip', ['netns', 'exec', namespace, 'sh', '-c', settings.join('; ')], { stdio: 'ignore' });
}

function liftEnd({ namespace, device, address }) {
  ip('-n', namespace, 'address', 'add', `${address}/${NETWORK.prefix}`, 'dev', device);
  ip('-n', namespace, 'link', 'set', device, 'up');
}

function removeEnd({ namespace }) {
  try {
    ip('netns', 'delete', namespace);
  } catch {
    // it was never made
  }
}

function startLink(program, ends, mbit, faults) {
  const devices = ends.flatMap(({ namespace, device }) => [namespace, device]);
  const wishes = faults === undefined ? [] : [faults.seed, faults.lost, faults.doubled, faults.late];
  const child = spawn(program, [...devices, mbit, ...wishes].map(String), {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.on('error', () => {}); // it is gone; its exit says so
  const lines = createInterface(child.stdout);
  const answer = async () => {
    const gone = once(child, 'exit').then(() => Promise.reject(new Error('delaylink ended')));
    const [line] = await Promise.race([once(lines, 'line'), gone]);
    gone.catch(() => {});
    return line;
  };
  return {
    /** @param microseconds one way */
    setDelay: async (microseconds) => {
      child.stdin.write(`${Math.round(microseconds)}\n`);
      await answer();
    },
    /** What passed in both directions. */
    close: async () => {
      child.stdin.end();
      const [packets, lost, doubled, late, bytes] = (await answer()).split(' ').map(Number);
      return { packets, lost, doubled, late, bytes };
    },
  };
}
