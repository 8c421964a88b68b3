/**
 * The API on fastify, without a socket of its own: the HTTP server of the boot plane hands it the requests below
 * `/api`, `/apidoc`, `/openapi.json` and `/docs`.
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import swaggerUi from '@fastify/swagger-ui';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import plugin from 'fastify-plugin';
import { stringify } from 'yaml';
import { ChainbootError } from '../errors.ts';
import { refuseDeepJson } from '../http/json-depth.ts';
import { roleAllows } from '../inventory/roles.ts';
import { unmapIpv4 } from '../net/ip.ts';
import type { AuthRequest, Principal } from '../service/auth/authenticate.ts';
import { changeRecords } from '../service/records.ts';
import type { Actor } from '../store/types.ts';
import { type Apidoc, apidoc } from './apidoc.ts';
import { commentOf } from './audit-comment.ts';
import { asError, errorBody } from './errors.ts';
import { openapi } from './openapi.ts';
import { type Call, type Operation, Reply } from './operation.ts';
import { isObject, ofQuery, parsed, unwrapped } from './params.ts';
import { fieldNamesOf, OPERATIONS } from './resources/all.ts';
import type { Services } from './services.ts';
import { ownsTarget } from './target.ts';
import { FOREMAN_VERSION } from './version.ts';
import { type ShippedIds, View } from './view.ts';

export type ApiServer = {
  /** Whether the API answers this request target. */
  owns(target: string): boolean;
  handle(request: IncomingMessage, response: ServerResponse): void;
  close(): Promise<void>;
};

export type ApiOptions = {
  readonly services: Services;
  readonly shipped: ShippedIds;
  /** Of the program. */
  readonly version: string;
  /** Longest body, bytes. */
  readonly bodyLimit: number;
  /** Deepest nesting of JSON that is read. */
  readonly depthLimit: number;
  /** Throws for requests that may not come this way, such as those without TLS. */
  readonly admit: (request: FastifyRequest) => void;
};

export async function openApi(options: ApiOptions): Promise<ApiServer> {
  const server = fastify({
    serverFactory: (handler) => createServer(handler),
    bodyLimit: options.bodyLimit,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1024 },
    // A name may hold a slash or a percent sign.
    rewriteUrl: ({ url = '/' }) => url.replace(/^\/api\/v2(?=[/?]|$)/, '/api'),
  });
  await addApi(server, options);
  await server.ready();
  return {
    owns: ownsTarget,
    handle: (request, response) => server.routing(request, response),
    close: () => server.close(),
  };
}

/** For tests too, with `inject`. */
export async function addApi(server: FastifyInstance, options: ApiOptions): Promise<void> {
  const document = apidoc(OPERATIONS, options.version);
  parseJson(server, options);
  server.addHook('onRequest', async (request) => {
    options.admit(request);
    // Before its body is read, as whoever asks need not be anybody.
    if (request.is404) throw unknownRoute(request);
  });
  server.addHook('onSend', async (_request, reply) => {
    reply.header('Foreman_version', FOREMAN_VERSION);
    reply.header('Foreman_api_version', '2');
    reply.header('Apipie-Checksum', document.checksum);
    reply.header('Cache-Control', 'no-store');
  });
  server.setErrorHandler((error, request, reply) => sendError(options.services, error, request, reply));
  server.setNotFoundHandler((request) => {
    throw unknownRoute(request);
  });
  addApidoc(server, document);
  const description = describedOnce(options.version);
  server.get('/openapi.json', description);
  await server.register(swaggerOf(description));
  await server.register(swaggerUi, { routePrefix: '/docs', theme: { title: 'Chainboot API' } });
  for (const operation of OPERATIONS) addOperation(server, operation, options);
}

/** Clients read the document and ask whether it is still the same; people are shown pages instead of Apipie's. */
function addApidoc(server: FastifyInstance, { text, checksum }: Apidoc): void {
  const sendJson = (reply: FastifyReply, json: string) =>
    reply.type('application/json; charset=utf-8').send(json);
  server.get<{ Params: { file: string } }>('/apidoc/:file', (request, reply) => {
    const { file } = request.params;
    // Of whatever language they ask for: `v2.en.json`.
    if (/^v2(\.[\w-]+)?\.json$/.test(file)) return sendJson(reply, text);
    if (/^apipie_checksum(\.json)?$/.test(file)) return sendJson(reply, JSON.stringify({ checksum }));
    if (file === '' || /^v2(\.[\w-]+)?(\.html)?$/.test(file)) return reply.redirect('/docs');
    throw unknownRoute(request);
  });
  for (const path of ['/apidoc', '/apidoc/v2/*'])
    server.get(path, (_request, reply) => reply.redirect('/docs'));
}

function unknownRoute({ method, url }: FastifyRequest): ChainbootError {
  return new ChainbootError('ROUTE_UNKNOWN', { method, path: url.split('?')[0] ?? '' });
}

/** Made when somebody asks for the first time: it takes longer than all the rest of the start of the API. */
function describedOnce(version: string): () => ReturnType<typeof openapi> {
  let description: ReturnType<typeof openapi> | undefined;
  return () => (description ??= openapi(OPERATIONS, version));
}

/** What the pages ask @fastify/swagger for, which would make a document of its own of the routes. */
function swaggerOf(description: () => ReturnType<typeof openapi>) {
  return plugin(
    async (server) => {
      server.decorate('swagger', (asked?: { readonly yaml?: boolean }) =>
        asked?.yaml ? stringify(description()) : description(),
      );
    },
    { name: '@fastify/swagger' },
  );
}

/** Without a body where there need not be one: clients send the content type all the same. */
function parseJson(server: FastifyInstance, { depthLimit }: ApiOptions): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    '*',
    { parseAs: 'string' },
    async ({ headers }: FastifyRequest, text: string | Buffer) => {
      if (text.length === 0) return {};
      throw new ChainbootError('MEDIA_TYPE_UNSUPPORTED', { type: headers['content-type'] ?? 'nothing' });
    },
  );
  server.addContentTypeParser(
    'application/json',
    { parseAs: 'string' },
    async (_request: FastifyRequest, text: string | Buffer) => {
      if (text.length === 0) return {};
      refuseDeepJson(String(text), depthLimit);
      try {
        return JSON.parse(String(text)) as unknown;
      } catch (error) {
        throw new ChainbootError('BODY_MALFORMED', { reason: (error as Error).message }, [], error);
      }
    },
  );
}

function addOperation(server: FastifyInstance, operation: Operation, options: ApiOptions): void {
  for (const path of operation.paths)
    server.route({
      // Rails takes either for a change, and so do clients.
      method: operation.method === 'PUT' ? ['PUT', 'PATCH'] : operation.method,
      url: `/api${path}`,
      // Before the body is read: nobody has the server take in and parse one who may not.
      onRequest: async (request) => {
        // The command line may have revoked a token a moment ago.
        await options.services.inventory.refresh();
        const principal = await callerOf(operation, request, options);
        if (principal !== undefined) callers.set(request, principal);
      },
      handler: (request, reply) => answer(operation, request, reply, options),
    });
}

/** Who makes the requests that are being answered. */
const callers = new WeakMap<FastifyRequest, Principal>();

/** Undefined where no login is needed. Rejects with UNAUTHENTICATED, FORBIDDEN, CSRF_MISSING or RATE_LIMITED. */
async function callerOf(
  { role }: Operation,
  request: FastifyRequest,
  { services }: ApiOptions,
): Promise<Principal | undefined> {
  if (role === 'public') return undefined;
  const principal = await services.auth.authenticate(authRequest(request));
  if (roleAllows(principal.role, role)) return principal;
  throw new ChainbootError('FORBIDDEN', { login: principal.user.login, role });
}

async function answer(
  operation: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
  options: ApiOptions,
): Promise<FastifyReply> {
  const result = await operation.handle(callOf(operation, request, options, callers.get(request)));
  if (result instanceof Reply) return sendReply(reply, result);
  return reply
    .code(operation.status ?? 200)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(result));
}

function authRequest({ method, headers, ip }: FastifyRequest): AuthRequest {
  return { method, headers, remote: unmapIpv4(ip) };
}

function sendReply(reply: FastifyReply, { status, headers, body }: Reply): FastifyReply {
  return reply
    .code(status)
    .headers(headers)
    .send(typeof body === 'string' ? body : Readable.from(body));
}

function callOf(
  operation: Operation,
  request: FastifyRequest,
  { services, shipped }: ApiOptions,
  principal: Principal | undefined,
): Call {
  const { inventory } = services;
  const view = new View(inventory.site, shipped, services.now(), principal);
  const body =
    operation.body === undefined
      ? {}
      : parsed(
          unwrapped(request.body, operation.body.root, operation.body.params.shape),
          operation.body.params,
        );
  const actor: Actor = {
    via: 'api',
    remote: unmapIpv4(request.ip),
    ...(principal !== undefined && { user: principal.user.login }),
    ...commentOf(body),
  };
  const given = isObject(request.body) ? request.body : {};
  const query = { ...given, ...ofQuery(request.query as Readonly<Record<string, unknown>>) };
  const call: Omit<Call, keyof View> = {
    path: request.params as Readonly<Record<string, string>>,
    query: operation.query === undefined ? {} : parsed(query, operation.query),
    body,
    actor,
    services,
    request: authRequest(request),
    change: (plan) => changeRecords(inventory, actor, (site) => plan(view.on(site))),
  };
  return Object.assign(view, call);
}

async function sendError(
  { log }: Services,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const error = known(thrown, request);
  if (error.code === 'INTERNAL')
    log('error', error.message, {
      method: request.method,
      path: request.url.split('?')[0],
      stack: thrown instanceof Error ? thrown.stack : undefined,
    });
  if (error.status === 401) reply.header('WWW-Authenticate', 'Basic realm="Chainboot"');
  const retry = error.values.retry_after;
  if (retry !== undefined) reply.header('Retry-After', String(retry));
  const path = request.routeOptions.url ?? '';
  return reply
    .code(error.status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(errorBody(error, fieldNamesOf(path.split('/')[2] ?? ''))));
}

/** fastify's own errors, in the words of the catalogue. */
function known(thrown: unknown, request: FastifyRequest): ChainbootError {
  const code = (thrown as { readonly code?: string }).code;
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new ChainbootError('MEDIA_TYPE_UNSUPPORTED', {
      type: request.headers['content-type'] ?? 'nothing',
    });
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new ChainbootError('BODY_TOO_LARGE', {});
  if (code?.startsWith('FST_ERR_CTP') || code === 'FST_ERR_BAD_URL')
    return new ChainbootError('BODY_MALFORMED', { reason: (thrown as Error).message });
  return asError(thrown);
}
