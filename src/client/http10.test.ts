import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { fetchHttp10 } from './http10.ts';

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server = undefined;
});

/** A server that answers every request with these bytes; the requests it was sent. */
async function answering(...pieces: readonly string[]) {
  const requests: string[] = [];
  const listening = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', async (request) => {
      requests.push(request.toString('latin1'));
      for (const piece of pieces) await new Promise<unknown>((resolve) => socket.write(piece, resolve));
      socket.end();
    });
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}/a?b=c`, requests };
}

const fetch = (url: string, signal = new AbortController().signal) =>
  fetchHttp10(url, 4, { userAgent: 'Syslinux/6.04', tell: () => {}, signal });

describe('HTTP/1.0', () => {
  it('asks as lpxelinux.0 does, and keeps the start of what comes', async () => {
    const { url, requests } = await answering('HTTP/1.1 200 OK\r\nContent-Le', 'ngth: 6\r\n\r\nab', 'cdef');
    expect(await fetch(url)).toMatchObject({ url, bytes: 6, head: Uint8Array.from(Buffer.from('abcd')) });
    const host = new URL(url).host;
    expect(requests).toEqual([
      `GET /a?b=c HTTP/1.0\r\nHost: ${host}\r\nUser-Agent: Syslinux/6.04\r\nConnection: close\r\n\r\n`,
    ]);
  });

  it('takes a body without a length up to its end', async () => {
    const { url } = await answering('HTTP/1.0 200 OK\r\n\r\n', 'abc');
    expect((await fetch(url)).bytes).toBe(3);
  });

  it.each([
    ['404', 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n', 'http-status'],
    ['a body that is too short', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc', 'http-broken'],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 'http-broken'],
    ['no HTTP', 'SSH-2.0-x\r\n\r\n', 'http-broken'],
    ['nothing', '', 'http-broken'],
    ['a head without an end', 'x'.repeat(20_000), 'http-broken'],
  ])('names %s', async (_, answer, code) => {
    const { url } = await answering(answer);
    await expect(fetch(url)).rejects.toMatchObject({ code });
  });

  it('gives up when it is told to, and when nobody listens', async () => {
    const { url } = await answering('HTTP/1.1 200 OK\r\n\r\n');
    await expect(fetch(url, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
    server?.close();
    await expect(fetch('http://127.0.0.1:1/')).rejects.toMatchObject({ code: 'http-broken' });
  });
});
