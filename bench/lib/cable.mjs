/**
 * Two network namespaces and a cable between them:
 *
 *     server: s0 10.96.0.1/14 ──── c0 10.96.0.2/14 :client
 */

import { execFileSync } from 'node:child_process';

export const SERVER_ADDRESS = '10.96.0.1';
export const CLIENT_ADDRESS = '10.96.0.2';
export const NETWORK = {
  address: '10.96.0.0',
  prefix: 14,
  mask: '255.252.0.0',
  first: '10.96.1.0',
  last: '10.99.255.254',
};
export const SERVER_DEVICE = 's0';
export const CLIENT_DEVICE = 'c0';

const ip = (...args) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'inherit'] });

/** @returns `{ server, client, remove }`; the first two wrap a command so that it runs at that end */
export function layCable() {
  const name = (end) => `chainboot-${process.pid}-${end}`;
  const ends = [
    { namespace: name(1), device: SERVER_DEVICE, address: SERVER_ADDRESS },
    { namespace: name(2), device: CLIENT_DEVICE, address: CLIENT_ADDRESS },
  ];
  const remove = () => {
    for (const { namespace } of ends) {
      try {
        ip('netns', 'delete', namespace);
      } catch {
        // it was never made
      }
    }
  };
  try {
    for (const { namespace } of ends) ip('netns', 'add', namespace);
    const [server, client] = ends;
    ip(
      '-n',
      server.namespace,
      'link',
      'add',
      server.device,
      'type',
      'veth',
      'peer',
      client.device,
      'netns',
      client.namespace,
    );
    for (const { namespace, device, address } of ends) {
      ip('-n', namespace, 'link', 'set', 'lo', 'up');
      ip('-n', namespace, 'address', 'add', `${address}/${NETWORK.prefix}`, 'dev', device);
      ip('-n', namespace, 'link', 'set', device, 'up');
    }
    const inside = (namespace) => (command) => ['ip', 'netns', 'exec', namespace, ...command];
    return { server: inside(server.namespace), client: inside(client.namespace), remove };
  } catch (error) {
    remove();
    throw error;
  }
}
