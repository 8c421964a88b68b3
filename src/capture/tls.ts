/** What can be told of a connection over TLS: whom the client wants to talk to (RFC 6066 §3). */

import { latin1, Reader } from '../net/bytes.ts';

export type Hello = { readonly server?: string };

/** Of the first bytes that a client sends; undefined when that is no ClientHello. */
export function clientHello(bytes: Uint8Array): Hello | undefined {
  if (bytes[0] !== 0x16 || bytes[1] !== 3) return undefined;
  try {
    const reader = new Reader(bytes);
    reader.take(5);
    if (reader.u8() !== 1) return undefined;
    // Length 3, version 2, random 32; session id, cipher suites, compressions.
    reader.take(37);
    reader.take(reader.u8());
    reader.take(reader.u16());
    reader.take(reader.u8());
    reader.u16();
    return { server: serverName(reader) };
  } catch {
    // Cut off: still a handshake.
    return {};
  }
}

function serverName(reader: Reader): string {
  for (;;) {
    const type = reader.u16();
    const extension = new Reader(reader.take(reader.u16()));
    if (type !== 0) continue;
    extension.take(3);
    return latin1(extension.take(extension.u16())).replace(/[^\x21-\x7e]/g, '?');
  }
}
