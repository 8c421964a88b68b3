import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { askProxy, factsOf } from './client.ts';

let server: Server | undefined;
afterEach(async () => {
  const open = server;
  server = undefined;
  open?.closeAllConnections();
  await new Promise((resolve) => (open === undefined ? resolve(undefined) : open.close(resolve)));
});

async function listening(handle: RequestListener): Promise<string> {
  const made = createServer(handle);
  server = made;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
}

const answering = (answers: Readonly<Record<string, unknown>>) =>
  listening(({ url = '' }, response) => {
    const found = answers[url];
    response
      .writeHead(found === undefined ? 404 : 200)
      .end(typeof found === 'string' ? found : (JSON.stringify(found) ?? ''));
  });

/** As the Smart Proxy 3.11 answers. */
const V2 = {
  tftp: {
    http_enabled: false,
    https_enabled: true,
    settings: { tftp_servername: null },
    state: 'running',
    capabilities: [],
  },
  httpboot: { settings: { http_port: 8000, https_port: '8443' }, state: 'running' },
  templates: { settings: { template_url: 'http://edge.example:8000/' }, state: 'running' },
  dhcp: { settings: { use_provider: 'dhcp_isc' }, state: 'disabled' },
};

it('tells features, ports, and where machines are sent', async () => {
  const url = await answering({ '/v2/features': V2, '/tftp/serverName': '{"serverName":"192.0.2.10"}' });
  expect(await factsOf(url)).toEqual({
    features: ['HTTPBoot', 'TFTP', 'Templates'],
    serverName: '192.0.2.10',
    templateServer: 'http://edge.example:8000',
    httpPort: 8000,
    httpsPort: 8443,
    addresses: ['127.0.0.1'],
  });
});

it.each([
  [
    'of an older one, which knows no more than names',
    { '/features': ['tftp', 'templates', 'odd'] },
    ['TFTP', 'Templates'],
  ],
  [
    'of one that says nothing of use',
    { '/v2/features': { tftp: null, httpboot: { state: 'running', settings: { http_port: -1 } } } },
    ['HTTPBoot'],
  ],
  ['of one without any', {}, []],
])('%s', async (_what, answers, features) => {
  expect(await factsOf(await answering(answers))).toEqual({ features, addresses: ['127.0.0.1'] });
});

it('takes nothing into leases and templates that does not belong there', async () => {
  const url = await answering({
    '/v2/features': V2,
    '/tftp/serverName': { serverName: 'a b; c' },
    '/unattended/templateServer': { templateServer: 'javascript:alert(1)' },
  });
  const facts = await factsOf(url);
  expect([facts.serverName, facts.templateServer]).toEqual([undefined, undefined]);
});

it('asks once more where a connection that was kept has been closed', async () => {
  let asked = 0;
  const url = await listening((message, response) => {
    if (asked++ === 0) message.socket.destroy();
    else response.end('there');
  });
  expect((await askProxy(url, { path: '/version' })).text).toBe('there');
  expect(asked).toBe(2);
});

it('is a form, with names that repeat', async () => {
  let seen = '';
  const url = await listening((message, response) => {
    void (async () => {
      for await (const piece of message) seen += piece.toString();
      seen += ` ${message.headers['content-type']} ${message.headers.accept}`;
      response.end();
    })();
  });
  await askProxy(url, {
    method: 'POST',
    path: '/x',
    form: [
      ['a[]', '1 ä'],
      ['a[]', '2&3'],
    ],
  });
  expect(seen).toBe(
    'a%5B%5D=1+%C3%A4&a%5B%5D=2%263 application/x-www-form-urlencoded application/json,version=2',
  );
});

it.each([
  ['http://127.0.0.1:1', 'PROXY_UNREACHABLE'],
  ['http://127.0.0.1:99999', 'PROXY_UNREACHABLE'],
])('says that %s cannot be asked', async (url, code) => {
  await expect(factsOf(url)).rejects.toMatchObject({ code });
});

it('says that it is not trusted over there', async () => {
  const url = await listening((_message, response) =>
    response.writeHead(403).end('Untrusted client  x.example\n'),
  );
  await expect(factsOf(url)).rejects.toMatchObject({
    code: 'PROXY_DISTRUSTED',
    message: expect.stringContaining('Untrusted client x.example'),
  });
});
