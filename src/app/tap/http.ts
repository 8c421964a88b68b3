/** The tap on HTTP: requests and answers as the server read and wrote them, TLS taken off. */

import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Tap } from '../../capture/tap.ts';
import type { HttpTap } from '../../http/exchange.ts';
import type { Link } from '../../link/types.ts';
import { fromLatin1 } from '../../net/bytes.ts';

/** `linkNamed`: of this machine. */
export function httpTap(tap: Tap, linkNamed: (name: string | undefined) => Link): HttpTap {
  return (message, remote) => {
    if (!tap.isActive) return undefined;
    const port = message.socket.localPort ?? 0;
    const tapped = tap.http({ link: linkNamed(remote.link), remote, port });
    if (tapped === undefined) return undefined;
    tapped.request(fromLatin1(headOf(message)), Number(message.headers['content-length'] ?? 0) || 0);
    return {
      head(status, headers) {
        const fields = Object.entries(headers).flatMap(([name, value]) =>
          value === undefined ? [] : [`${name}: ${value}`],
        );
        tapped.response(latin1Of([`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd(), ...fields]));
      },
      body: (bytes) => tapped.body(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes),
    };
  };
}

function headOf({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const fields = Array.from(
    { length: rawHeaders.length >> 1 },
    (_, i) => `${rawHeaders[2 * i]}: ${rawHeaders[2 * i + 1]}`,
  );
  return [`${method} ${url} HTTP/${httpVersion}`, ...fields, '', ''].join('\r\n');
}

function latin1Of(lines: readonly string[]): Uint8Array {
  return fromLatin1([...lines, '', ''].join('\r\n'));
}
