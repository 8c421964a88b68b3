/** UDP ports on loopback over plain node:dgram, with seeded loss, for tests of the protocol rooms. */

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Datagram, Link, Outgoing, UdpPort, Wire } from '../../src/link/types.ts';
import { formatIpv4, parseIpv4 } from '../../src/net/ip.ts';

export const LOOPBACK: Link = {
  name: 'lo',
  address: parseIpv4('127.0.0.1')!,
  prefix: 8,
  mac: new Uint8Array(6),
  mtu: 65536,
};

/** `drop` is asked for every datagram in either direction. */
export function loopbackWire(drop: () => boolean = () => false): Wire {
  return {
    async open(link: Link, port: number): Promise<UdpPort> {
      const socket = createSocket('udp4');
      socket.bind(port, formatIpv4(link.address));
      await once(socket, 'listening');
      return wrap(socket, link, drop);
    },
  };
}

function wrap(socket: Socket, link: Link, drop: () => boolean): UdpPort {
  return {
    link,
    port: socket.address().port,
    onBatch(handler: (batch: readonly Datagram[]) => void) {
      socket.on('message', (bytes, from) => {
        if (drop()) return;
        handler([{ bytes, address: parseIpv4(from.address)!, port: from.port }]);
      });
    },
    send(batch: readonly Outgoing[]) {
      for (const { bytes, address, port } of batch) {
        if (!drop()) socket.send(bytes, port, formatIpv4(address));
      }
    },
    onError(handler: (error: Error) => void) {
      socket.on('error', handler);
    },
    async close() {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}
