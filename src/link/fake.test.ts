import { describe, expect, it } from 'vitest';
import { createFakeWire, type FakeOptions } from './fake.ts';
import type { Link } from './types.ts';

const link = (n: number, name = 'eth0'): Link => ({
  name,
  address: 0xc0000200 + n,
  prefix: 24,
  mac: Uint8Array.of(2, 0, 0, 0, 0, n),
});

/** What arrives of 1000 numbered datagrams. */
async function carried(options: FakeOptions): Promise<number[]> {
  const wire = createFakeWire(options);
  const [a, b] = [await wire.open(link(1), 67), await wire.open(link(2), 68)];
  const got: number[] = [];
  b.onBatch((batch) => {
    for (const { bytes } of batch) got.push((bytes[0]! << 8) | bytes[1]!);
  });
  for (let n = 0; n < 1000; n++) {
    a.send([{ bytes: Uint8Array.of(n >> 8, n), address: b.link.address, port: 68 }]);
    if (n % 10 === 9) await new Promise((resolve) => setImmediate(resolve));
  }
  await wire.idle();
  return got;
}

describe('the fake wire', () => {
  it('brings all in order when nothing is wrong with it', async () => {
    expect(await carried({})).toEqual(Array.from({ length: 1000 }, (_, n) => n));
  });

  it('loses, doubles and shuffles as asked', async () => {
    expect((await carried({ loss: 0.3 })).length).toSatisfy((n: number) => n > 600 && n < 800);
    expect((await carried({ duplicate: 0.3 })).length).toSatisfy((n: number) => n > 1200 && n < 1400);
    const shuffled = await carried({ reorder: 0.3 });
    expect(shuffled.length).toBe(1000);
    expect(shuffled.filter((n, at) => at > 0 && n < shuffled[at - 1]!).length).toBeGreaterThan(50);
  });

  it('does the same again with the same seed', async () => {
    const weather = { loss: 0.2, duplicate: 0.2, reorder: 0.2 };
    expect(await carried({ ...weather, seed: 7 })).toEqual(await carried({ ...weather, seed: 7 }));
    expect(await carried({ ...weather, seed: 7 })).not.toEqual(await carried({ ...weather, seed: 8 }));
  });

  it('broadcasts on the segment only, and hands frames to their MAC only', async () => {
    const wire = createFakeWire();
    const server = await wire.open(link(1), 67);
    const heard: string[] = [];
    const clients = [link(2), link(3), link(4, 'eth1')];
    for (const client of clients) {
      const port = await wire.open({ ...client, address: 0 }, 68);
      port.onBatch((batch) => heard.push(`${client.mac[5]}:${batch.length}`));
    }
    server.send([{ bytes: Uint8Array.of(1), address: 0xffffffff, port: 68 }]);
    await wire.idle();
    expect(heard.splice(0)).toEqual(['2:1', '3:1']);
    server.send([{ bytes: Uint8Array.of(1), address: 0xc0000237, port: 68, mac: link(3).mac }]);
    await wire.idle();
    expect(heard).toEqual(['3:1']);
  });
});
