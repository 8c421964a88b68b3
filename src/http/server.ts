/**
 * The HTTP boot plane on plain node:http. One server listens on several addresses; handlers get a BootRequest
 * and give an Answer, everything else about HTTP stays here and in send.ts.
 */

import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Requester } from '../boot/files.ts';
import type { Log } from '../boot/log.ts';
import { REHEARSAL_MARK, type RehearsalDoor } from '../boot/rehearsal.ts';
import { type BaseUrl, baseUrl } from '../boot/urls.ts';
import { ChainbootError, reasonOf } from '../errors.ts';
import { unmapIpv4 } from '../net/ip.ts';
import type { Answer, Route } from './answer.ts';
import { discardBody, readBody } from './body.ts';
import { asChainbootError, errorAnswer } from './errors.ts';
import { Exchange, type HttpTap } from './exchange.ts';
import type { FileCache } from './file-cache.ts';
import { type Refuser, refuser } from './refuse.ts';
import { agentOf, type BootRequest, type Method, parseTarget, returnUrl, type Target } from './request.ts';
import { type Match, router } from './router.ts';
import {
  type ClientCertificate,
  clientCertificateOf,
  type TlsIdentity,
  type TlsTrouble,
  tlsOptions,
  watchHandshakes,
} from './secure.ts';
import { type Sender, sender } from './send.ts';
import { sparingLog } from './sparing-log.ts';

export type Listen = {
  readonly address: string;
  /** 0: any free port. */
  readonly port: number;
  /** Name of the network interface the address belongs to; passed on in `remote.link`. */
  readonly link?: string;
  /** With TLS, which needs the `identity` of the server. */
  readonly secure?: true;
};

export type HttpLimits = {
  /** Longest request line and headers together, bytes. */
  readonly headBytes: number;
  /** Time for a client to bring its request's head, and the whole of its request, milliseconds. */
  readonly headTimeout: number;
  readonly requestTimeout: number;
  /** A connection on which nothing moves, in either direction. */
  readonly idleTimeout: number;
  /** A connection between two requests; iPXE fetches script, kernel and initrd over one. */
  readonly keepAliveTimeout: number;
  readonly connections: number;
  /** Requests one connection may have sent before the first is answered; boot clients send one. */
  readonly pipelined: number;
  /** How long running transfers may go on after `close`. */
  readonly grace: number;
};

const DEFAULT_LIMITS: HttpLimits = {
  headBytes: 32 * 1024,
  headTimeout: 30_000,
  requestTimeout: 120_000,
  // UNDI drivers under load stall for many seconds; iPXE itself gives up on a silent peer long before this.
  idleTimeout: 120_000,
  keepAliveTimeout: 30_000,
  connections: 1024,
  pipelined: 16,
  grace: 10_000,
};

export type BootHttpDeps = {
  readonly routes: readonly Route[];
  readonly cache: FileCache;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly limits?: Partial<HttpLimits>;
  readonly identity?: TlsIdentity;
  /** Answers what is not for machines that boot. */
  readonly api?: RequestTaker;
  /** Answers what carries the mark of a rehearsal. */
  readonly rehearsals?: RehearsalDoor<Matcher>;
  readonly tap?: HttpTap;
  /** Told of each machine that gets no further than TLS. */
  readonly onTlsTrouble?: (trouble: TlsTrouble) => void;
};

/** Finds the route of a request; see `router`. */
export type Matcher = (method: string, segments: readonly string[]) => Match;

/** Takes whole requests over from this server, with the sockets they came by. */
export type RequestTaker = {
  /** By its target, as it was sent. */
  owns(target: string): boolean;
  handle(request: IncomingMessage, response: ServerResponse): void;
};

type Connection = {
  readonly remote: Requester;
  /** This server as the client reaches it. */
  readonly base: BaseUrl;
  /** What is not answered to the end yet. */
  readonly exchanges: Set<Exchange>;
  certificate?: ClientCertificate | undefined;
  asked: boolean;
};

export class BootHttpServer {
  readonly #deps: BootHttpDeps;
  readonly #limits: HttpLimits;
  readonly #match: Matcher;
  readonly #send: Sender;
  readonly #refuse: Refuser;
  readonly #tell: ReturnType<typeof sparingLog>;
  readonly #servers: Server[] = [];
  readonly #secureServers: SecureServer[] = [];
  readonly #handshakes: (() => Iterable<Socket>)[] = [];
  readonly #listening: Listen[] = [];
  readonly #connections = new Map<Socket, Connection>();
  readonly #idPrefix: string;
  #identity: TlsIdentity | undefined;
  #requests = 0;
  #closing = false;

  constructor(deps: BootHttpDeps) {
    this.#deps = deps;
    this.#limits = { ...DEFAULT_LIMITS, ...deps.limits };
    this.#match = router(deps.routes);
    this.#identity = deps.identity;
    this.#send = sender(deps);
    this.#tell = sparingLog(deps.log, deps.now);
    this.#refuse = refuser({ ...deps, headBytes: this.#limits.headBytes });
    // Ids are for people who look one up in today's log: short, and different after a restart.
    this.#idPrefix = Math.floor(deps.now() / 1000)
      .toString(36)
      .slice(-4);
  }

  /** Where it listens, with the ports that were chosen for port 0. */
  get addresses(): readonly Listen[] {
    return this.#listening;
  }

  /** Listens on all or on none. Rejects with PORT_TAKEN, PORT_DENIED, ADDRESS_MISSING or INTERNAL. */
  async start(listens: readonly Listen[]): Promise<void> {
    this.#closing = false;
    try {
      for (const listen of listens) await this.#listen(listen);
    } catch (error) {
      await this.close(0);
      throw error;
    }
  }

  /** Connections made from now on are shown this certificate. */
  setIdentity(identity: TlsIdentity): void {
    this.#identity = identity;
    for (const server of this.#secureServers) server.setSecureContext(tlsOptions(identity));
  }

  /** Stops accepting at once, lets running transfers finish within `grace` milliseconds, then cuts them. */
  async close(grace: number = this.#limits.grace): Promise<void> {
    this.#closing = true;
    const closed = this.#servers.map(
      (server) => new Promise<void>((resolve) => server.close(() => resolve())),
    );
    // Not closeIdleConnections(): that leaves those that never sent a request.
    for (const [socket, { exchanges }] of this.#connections) if (exchanges.size === 0) socket.destroySoon();
    for (const pending of this.#handshakes) for (const socket of pending()) socket.destroy();
    const cut = setTimeout(() => {
      for (const socket of this.#connections.keys()) socket.destroy();
    }, grace);
    await Promise.all(closed);
    clearTimeout(cut);
    this.#servers.length = 0;
    this.#secureServers.length = 0;
    this.#handshakes.length = 0;
    this.#listening.length = 0;
  }

  async #listen(listen: Listen): Promise<void> {
    const server = listen.secure ? this.#makeSecure(listen) : this.#make(listen);
    server.on('clientError', (error, socket) => {
      const busy = (this.#connections.get(socket as Socket)?.exchanges.size ?? 0) > 0;
      this.#refuse(error, socket as Socket, busy);
    });
    server.on('request', (message, response) => {
      this.#request(message, response).catch((error) => {
        this.#deps.log('error', 'a request was given up', { reason: reasonOf(error) });
        message.socket.destroy();
      });
    });
    // An Upgrade or CONNECT has no place here; without a listener node:http answers the first as a plain request.
    server.on('connect', (_message, socket) => socket.destroy());
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(listenError(error, listen)));
      server.listen({ host: listen.address, port: listen.port, backlog: 511 }, () => {
        server.removeAllListeners('error');
        server.on('error', (error) =>
          this.#deps.log('error', 'the HTTP server failed', { reason: reasonOf(error) }),
        );
        resolve();
      });
    });
    this.#servers.push(server);
    this.#listening.push({ ...listen, port: (server.address() as AddressInfo).port });
  }

  #make(listen: Listen): Server {
    const server = createServer(serverOptions(this.#limits));
    server.maxConnections = this.#limits.connections;
    server.setTimeout(this.#limits.idleTimeout);
    server.on('connection', (socket) => this.#connected(listen, socket));
    return server;
  }

  #makeSecure(listen: Listen): Server {
    if (this.#identity === undefined)
      throw new ChainbootError('INTERNAL', { reason: 'TLS without certificate' });
    const server = createSecureServer({
      ...serverOptions(this.#limits),
      ...tlsOptions(this.#identity),
      handshakeTimeout: this.#limits.headTimeout,
    });
    server.maxConnections = this.#limits.connections;
    server.setTimeout(this.#limits.idleTimeout);
    const trouble = (error: ChainbootError, address: string) => this.#troubled(listen, error, address);
    this.#handshakes.push(watchHandshakes(server, trouble));
    server.on('secureConnection', (socket) => {
      const connection = this.#connected(listen, socket);
      if (this.#identity?.clients !== undefined) connection.certificate = clientCertificateOf(socket);
      const { address } = connection.remote;
      socket.once(
        'close',
        () => connection.asked || trouble(new ChainbootError('TLS_LEFT', { address }), address),
      );
    });
    this.#secureServers.push(server);
    return server;
  }

  #troubled({ link }: Listen, error: ChainbootError, address: string): void {
    if (this.#closing) return;
    this.#deps.onTlsTrouble?.({ error, address, ...(link !== undefined && { link }) });
    const { code, message: problem, hint } = error;
    this.#tell(`a machine gets no further than TLS: ${code}`, { last: address, problem, hint });
  }

  #connected(listen: Listen, socket: Socket): Connection {
    const exchanges = new Set<Exchange>();
    const { remoteAddress = '', remotePort = 0, localAddress = listen.address, localPort = 0 } = socket;
    const link = listen.link === undefined ? {} : { link: listen.link };
    const secure = listen.secure ? ({ secure: true } as const) : {};
    const remote = { address: unmapIpv4(remoteAddress), port: remotePort, ...link, ...secure };
    const base = baseUrl(unmapIpv4(localAddress), localPort, listen.secure ? 'https' : 'http');
    const connection = { remote, base, exchanges, asked: false };
    this.#connections.set(socket, connection);
    // Not the response's own `close`: one that waits behind another on its connection never gets it.
    socket.once('close', () => {
      this.#connections.delete(socket);
      for (const exchange of exchanges) exchange.leave();
    });
    return connection;
  }

  async #request(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = message;
    const connection = this.#connections.get(socket);
    if (connection === undefined || socket.destroyed) return;
    const { exchanges } = connection;
    connection.asked = true;
    if (exchanges.size >= this.#limits.pipelined) {
      socket.destroy();
      return;
    }
    const exchange = new Exchange(response, this.#deps.now());
    exchanges.add(exchange);
    if (this.#deps.api?.owns(message.url ?? '/')) {
      response.once('close', () => this.#handedBack(socket, exchanges, exchange));
      this.#deps.api.handle(message, response);
      return;
    }
    exchange.tap = this.#deps.tap?.(message, connection.remote);
    const target = parseTarget(message.url ?? '/');
    const guest = this.#guest(message, connection);
    const request = this.#decode(guest.remote, connection, message, target);
    const answer = await this.#answer(request, target !== undefined, guest.match);
    await discardBody(message);
    // Still more to come: it would stand before the next request.
    if (this.#closing || !message.complete) response.shouldKeepAlive = false;
    await this.#send(request, answer, exchange);
    exchanges.delete(exchange);
    if ((this.#closing && exchanges.size === 0) || !message.complete) socket.destroySoon();
  }

  #handedBack(socket: Socket, exchanges: Set<Exchange>, exchange: Exchange): void {
    exchanges.delete(exchange);
    if (this.#closing && exchanges.size === 0) socket.destroySoon();
  }

  /** Who asks, and by which routes: a rehearsed machine is taken for the one that it plays. */
  #guest(
    { headers }: IncomingMessage,
    { remote }: Connection,
  ): { readonly remote: Requester; readonly match: Matcher | undefined } {
    const key = headers[REHEARSAL_MARK];
    if (key === undefined) return { remote, match: this.#match };
    const known = this.#deps.rehearsals?.(String(key));
    return {
      remote: known === undefined ? remote : { ...remote, address: known.address },
      match: known?.room,
    };
  }

  #decode(
    remote: Requester,
    { base, certificate }: Connection,
    message: IncomingMessage,
    target: Target | undefined,
  ): BootRequest {
    const { headers, url = '/' } = message;
    const agent = agentOf(headers);
    return {
      path: target?.path ?? url,
      segments: target?.segments ?? [],
      query: target?.query ?? new URLSearchParams(),
      id: `${this.#idPrefix}-${(++this.#requests).toString(36)}`,
      method: message.method as Method,
      headers,
      remote,
      ...(certificate && { certificate }),
      agent,
      ifIpxe: agent === 'ipxe',
      url: returnUrl(headers.host, base, url),
      readBody: (limit) => readBody(message, limit),
    };
  }

  /** Never rejects. */
  async #answer(request: BootRequest, wellFormed: boolean, findRoute: Matcher | undefined): Promise<Answer> {
    let isScript = false;
    try {
      if (findRoute === undefined) throw new ChainbootError('REHEARSAL_UNKNOWN', {});
      if (!wellFormed) {
        throw new ChainbootError('REQUEST_MALFORMED', { reason: 'the path is not one that names a file' });
      }
      const match = findRoute(request.method, request.segments);
      if (match.kind === 'nothing') throw new ChainbootError('FILE_NOT_FOUND', { name: request.path });
      if (match.kind === 'wrong-method') {
        const allowed = match.allowed.join(', ');
        const refused = new ChainbootError('METHOD_NOT_ALLOWED', {
          method: request.method,
          path: request.path,
          allowed,
        });
        const answer = errorAnswer(request, refused, false);
        return { ...answer, headers: { ...answer.headers, Allow: allowed } };
      }
      isScript = match.route.isScript?.(match.params) ?? false;
      return await match.route.handle(request, match.params);
    } catch (error) {
      this.#logDefect(request, error);
      return errorAnswer(request, error, isScript);
    }
  }

  #logDefect(request: BootRequest, error: unknown): void {
    if (asChainbootError(error).code !== 'INTERNAL') return;
    this.#deps.log('error', reasonOf(error), {
      request: request.id,
      path: request.path,
      stack: error instanceof Error ? error.stack : undefined,
    });
  }
}

function serverOptions(limits: HttpLimits): ServerOptions {
  return {
    maxHeaderSize: limits.headBytes,
    headersTimeout: limits.headTimeout,
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: limits.keepAliveTimeout,
    connectionsCheckingInterval: Math.min(5_000, limits.headTimeout),
    // RFC 9112 §3.2 would refuse HTTP/1.1 without one; there is one site here, and small clients leave it out.
    requireHostHeader: false,
  };
}

function listenError(error: NodeJS.ErrnoException, listen: Listen): ChainbootError {
  const values = { what: listen.secure ? 'HTTPS' : 'HTTP', port: listen.port, address: listen.address };
  if (error.code === 'EADDRINUSE') return new ChainbootError('PORT_TAKEN', values, [], error);
  if (error.code === 'EACCES' || error.code === 'EPERM') {
    return new ChainbootError('PORT_DENIED', values, [], error);
  }
  if (error.code === 'EADDRNOTAVAIL') return new ChainbootError('ADDRESS_MISSING', values, [], error);
  return new ChainbootError('INTERNAL', { reason: reasonOf(error) }, [], error);
}
