import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { linkOf } from './links.ts';
import { loadNative, type Native } from './native.ts';
import { openNativePort } from './native-port.ts';
import type { Outgoing, UdpPort } from './types.ts';

const failed = (code: string) => Object.assign(new Error(`sendmmsg ${code}`), { code });
const found = await loadNative();

describe.skipIf(found === undefined)('a native port (needs Linux and koffi)', () => {
  let native: Native;
  const opened: UdpPort[] = [];
  beforeAll(() => {
    native = found!;
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    for (const port of opened.splice(0)) await port.close();
  });

  /** `fault` is what the next send answers with, if anything. */
  function pair(fault: (count: number) => Error | number | undefined) {
    const answer = (fd: number, count: number) => {
      const result = fault(count);
      if (result instanceof Error) throw result;
      return native.send(fd, result ?? count);
    };
    const client = openNativePort({ ...native, send: answer }, linkOf('lo'), 0, {});
    const server = openNativePort(native, linkOf('lo'), 0, {});
    opened.push(client, server);
    const lengths: number[] = [];
    server.onBatch((batch) => lengths.push(...batch.map(({ bytes }) => bytes.length)));
    const errors: (readonly [string, number | undefined])[] = [];
    client.onError((error, refused) => errors.push([error.message, refused?.port]));
    const to = (length: number, segment?: number): Outgoing => ({
      bytes: new Uint8Array(length).fill(1),
      address: 0x7f000001,
      port: server.port,
      ...(segment !== undefined && { segment }),
    });
    return { client, lengths, errors, to };
  }

  it.each(['EIO', 'EINVAL', 'EMSGSIZE'])(
    'sends datagrams one by one after %s, and such a size for a minute',
    async (code) => {
      const counts: number[] = [];
      let refusals = 1;
      const { client, lengths, errors, to } = pair((count) => {
        counts.push(count);
        return refusals-- > 0 ? failed(code) : undefined;
      });
      client.send([to(2500, 1000), to(7)]);
      client.send([to(3000, 1000)]);
      client.send([to(300, 100)]);
      await expect.poll(() => lengths).toEqual([1000, 1000, 500, 7, 1000, 1000, 1000, 100, 100, 100]);
      expect(counts).toEqual([2, 4, 3, 1]);
      expect(errors).toEqual([]);
    },
  );

  it('waits while the buffer of the kernel is full, and loses nothing', async () => {
    let full = 3;
    const { client, lengths, errors, to } = pair((count) => {
      if (full-- > 0) return failed('EAGAIN');
      return count > 1 ? 1 : undefined;
    });
    const bytes = new Uint8Array(5).fill(1);
    client.send([to(2500, 1000), { ...to(5), bytes }]);
    bytes.fill(0);
    client.send([to(9)]);
    await expect.poll(() => lengths).toEqual([1000, 1000, 500, 5, 9]);
    expect(errors).toEqual([]);
  });

  it('says whom it could not send to', async () => {
    let sends = 0;
    const { client, lengths, errors, to } = pair(() => (sends++ === 0 ? failed('EPERM') : undefined));
    client.send([to(1), to(2)]);
    await expect.poll(() => lengths).toEqual([2]);
    expect(errors).toEqual([['sendmmsg EPERM', to(1).port]]);
  });
});
