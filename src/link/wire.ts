/** The real wire: UDP ports on the links of this machine. */

import { ChainbootError, reasonOf } from '../errors.ts';
import { formatIpv4 } from '../net/ip.ts';
import { isLoopback } from './links.ts';
import { loadNative } from './native.ts';
import { openNativePort } from './native-port.ts';
import { openPlainPort } from './plain-port.ts';
import type { Link, OpenOptions, UdpPort, Wire } from './types.ts';

export type WireOptions = {
  /** Without it, plain dgram sockets, see plain-port.ts. */
  readonly native?: boolean;
};

/** Opening rejects with PORT_DENIED, PORT_TAKEN, LINK_MISSING, LINK_NO_ADDRESS, LINKS_ALIKE or PORT_UNUSABLE. */
export function createWire({ native = true }: WireOptions = {}): Wire {
  /** Without native calls: which link has the broadcasts of a port. */
  const broadcasts = new Map<number, string>();

  return {
    async open(link, port, options = {}) {
      const calls = native ? await loadNative() : undefined;
      try {
        return calls === undefined
          ? await openPlain(link, port, options)
          : openNativePort(calls, link, port, options);
      } catch (error) {
        throw portError(error, link, port);
      }
    },
  };

  async function openPlain(link: Link, port: number, options: OpenOptions): Promise<UdpPort> {
    if (port === 0 || options.unicastOnly === true || isLoopback(link))
      return openPlainPort(link, port, options);
    const other = broadcasts.get(port);
    if (other !== undefined) throw new ChainbootError('LINKS_ALIKE', { link: link.name, other, port });
    const opened = await openPlainPort(link, port, options);
    broadcasts.set(port, link.name);
    const close = opened.close.bind(opened);
    return Object.assign(opened, {
      close: () => {
        broadcasts.delete(port);
        return close();
      },
    });
  }
}

/** What a system call said, in words of the catalogue. */
export function portError(error: unknown, link: Link, port: number): ChainbootError {
  if (error instanceof ChainbootError) return error;
  const address = formatIpv4(link.address);
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EACCES':
    case 'EPERM':
      return new ChainbootError('PORT_DENIED', { what: 'UDP', port }, [], error);
    case 'EADDRINUSE':
      return new ChainbootError('PORT_TAKEN', { what: 'UDP', port, address }, [], error);
    case 'ENODEV':
      return new ChainbootError('LINK_MISSING', { link: link.name }, [], error);
    case 'EADDRNOTAVAIL':
      return new ChainbootError('LINK_NO_ADDRESS', { link: link.name }, [], error);
    default:
      return new ChainbootError(
        'PORT_UNUSABLE',
        { what: 'UDP', port, address, reason: reasonOf(error) },
        [],
        error,
      );
  }
}
