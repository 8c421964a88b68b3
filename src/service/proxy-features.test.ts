import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { proxyFeatures } from './proxy-features.ts';

let server: Server | undefined;
afterEach(
  () => new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve))),
);

async function answering(answers: Readonly<Record<string, string>>): Promise<string> {
  const made = createServer(({ url = '' }, response) => {
    const text = answers[url];
    response.writeHead(text === undefined ? 404 : 200).end(text);
  });
  server = made;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
}

/** As the Smart Proxy 3.11 of Debian's Ruby answers. */
const MODULES = {
  tftp: { state: 'running' },
  httpboot: { state: 'running' },
  dhcp: { state: 'failed' },
  odd: { state: 'running' },
};

it('names the modules that run', async () => {
  expect(await proxyFeatures(await answering({ '/v2/features': JSON.stringify(MODULES) }))).toEqual([
    'HTTPBoot',
    'TFTP',
  ]);
});

it('asks older proxies as they are used to', async () => {
  expect(await proxyFeatures(await answering({ '/features': '["templates","logs"]' }))).toEqual([
    'Logs',
    'Templates',
  ]);
});

it.each([['{"a":'], ['']])('says what is wrong with an answer of %j', async (text) => {
  await expect(proxyFeatures(await answering({ '/v2/features': text }))).rejects.toMatchObject({
    code: 'PROXY_UNREACHABLE',
  });
});

it('says that nobody answers', async () => {
  await expect(proxyFeatures('http://127.0.0.1:1')).rejects.toMatchObject({ code: 'PROXY_UNREACHABLE' });
});
