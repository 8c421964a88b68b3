/** TLS below HTTP: what a server shows, and what becomes of handshakes that fail. */

import { constants } from 'node:crypto';
import type { Server as HttpsServer, ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { ChainbootError, type ErrorCode, reasonOf } from '../errors.ts';
import { unmapIpv4 } from '../net/ip.ts';

/** PEM texts. */
export type TlsIdentity = {
  /** Clients are asked for certificates, and told by them: see `ClientCertificate`. */
  readonly clients?: { readonly ca: string; readonly crl?: string };
  readonly key: string;
  /** The server's certificate first, its root last: iPXE is built with the fingerprint of the root alone. */
  readonly chain: string;
};

/**
 * OVMF of 2022 and iPXE before 1.21 know neither TLS 1.3 nor elliptic curves, so that node's long list of ciphers
 * stays, with its RSA and DHE ones; `auto` is what makes the latter work.
 */
export function tlsOptions({ key, chain, clients }: TlsIdentity): ServerOptions {
  const options = { key, cert: chain, minVersion: 'TLSv1.2', dhparam: 'auto' } as const;
  if (clients === undefined) return options;
  return {
    ...options,
    ...clients,
    requestCert: true,
    // Whoever has a wrong one is told so in an answer; some paths need none at all.
    rejectUnauthorized: false,
    // A session that is taken up again would not see that the certificate was revoked since.
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

/** What a client showed of itself. */
export type ClientCertificate = {
  /** CN of its subject, lower case. */
  readonly name: string;
  /** What is wrong with it, in the words of OpenSSL: `CERT_REVOKED`, `CERT_HAS_EXPIRED`. */
  readonly fault?: string;
};

/** Undefined when it showed none. */
export function clientCertificateOf(socket: TLSSocket): ClientCertificate | undefined {
  const subject: Readonly<Record<string, unknown>> | undefined = socket.getPeerCertificate().subject;
  if (subject === undefined) return undefined;
  const name = typeof subject.CN === 'string' ? subject.CN.toLowerCase() : '';
  if (socket.authorized) return { name };
  const error: unknown = socket.authorizationError;
  return { name, fault: error === undefined || error === null ? 'UNVERIFIED' : String(error) };
}

/** A machine that was lost before its first request, and why, with what can be done. */
export type TlsTrouble = { readonly error: ChainbootError; readonly address: string; readonly link?: string };

/**
 * Follows connections from TCP to TLS. One that does not get there is told as `trouble`, once, unless its client never
 * sent a byte and left: that is how load balancers and scanners look whether a port is open.
 * @returns lists the sockets on which the handshake goes on
 */
export function watchHandshakes(
  server: HttpsServer,
  trouble: (error: ChainbootError, address: string) => void,
): () => Iterable<Socket> {
  /** By the client's address and port: a TLS socket does not show what it sits on, but has these. */
  const pending = new Map<string, Socket>();
  const settled = (socket: Socket) => pending.delete(peerOf(socket));
  server.on('connection', (socket: Socket) => {
    const peer = peerOf(socket);
    const address = addressOf(socket);
    pending.set(peer, socket);
    socket.once('close', () => {
      if (pending.get(peer) !== socket) return;
      pending.delete(peer);
      if (socket.bytesRead > 0) trouble(new ChainbootError('TLS_BROKEN_OFF', { address }), address);
    });
  });
  server.on('secureConnection', settled);
  // First of all: the server's own listener tears the socket down, and its addresses with it.
  server.prependListener('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    const address = addressOf(socket);
    if (settled(socket)) trouble(handshakeError(error, address), address);
  });
  return () => pending.values();
}

function addressOf({ remoteAddress = '' }: Socket): string {
  return unmapIpv4(remoteAddress);
}

function peerOf(socket: Socket): string {
  return `${addressOf(socket)} ${socket.remotePort}`;
}

function handshakeError(error: NodeJS.ErrnoException, address: string): ChainbootError {
  const reason = (error as { reason?: string }).reason ?? reasonOf(error);
  return new ChainbootError(codeOf(error.code ?? ''), { address, reason }, [], error);
}

function codeOf(code: string): ErrorCode {
  if (code === 'ERR_SSL_HTTP_REQUEST') return 'TLS_PLAIN_HTTP';
  if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT') return 'TLS_SILENT';
  // What a client says of our certificate comes as an alert (RFC 8446 §6.2).
  if (/ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_\w+|UNSUPPORTED_CERTIFICATE)$/.test(code))
    return 'TLS_UNTRUSTED';
  if (
    /NO_SHARED_CIPHER|UNSUPPORTED_PROTOCOL|ALERT_(PROTOCOL_VERSION|HANDSHAKE_FAILURE|INSUFFICIENT_SECURITY)/.test(
      code,
    )
  )
    return 'TLS_NOTHING_IN_COMMON';
  return /^ERR_SSL_/.test(code) ? 'TLS_MALFORMED' : 'TLS_BROKEN_OFF';
}
