import { describe, expect, it } from 'vitest';
import type { Rendering } from '../store/types.ts';
import { Renderings, type Served } from './renderings.ts';

const served = (at: number, fields: Partial<Served> = {}): Served => ({
  host: 1,
  kind: 'iPXE',
  template: 'a',
  text: `text ${at}`,
  at,
  ...fields,
});

function opened(put: (rows: readonly Rendering[]) => Promise<void>) {
  const logged: string[] = [];
  const renderings = new Renderings(
    { put, of: async () => [] },
    { log: (_level, message) => logged.push(message), bootOf: (mac) => `boot of ${mac}` },
  );
  return { renderings, logged };
}

describe('what hosts received', () => {
  it('is written together, the newest of a host and template only, with the boot it belongs to', async () => {
    const written: (readonly Rendering[])[] = [];
    const { renderings } = opened(async (rows) => void written.push(rows));
    renderings.record(served(1));
    renderings.record(served(2, { mac: '52:54:00:00:00:01' }));
    renderings.record(served(3, { host: 2 }));
    expect(written).toEqual([]);
    await renderings.close();
    const { mac: _mac, ...second } = served(2, { mac: '52:54:00:00:00:01' });
    expect(written).toEqual([[{ ...second, boot: 'boot of 52:54:00:00:00:01' }, served(3, { host: 2 })]]);
  });

  it('goes on when the disk does not, and says so', async () => {
    const { renderings, logged } = opened(() => Promise.reject(new Error('disk full')));
    renderings.record(served(1));
    await renderings.close();
    expect(logged).toEqual(['what hosts received cannot be kept', 'renderings are missing for comparison']);
  });

  it('keeps that a long text was received, without the text', async () => {
    const written: Rendering[] = [];
    const { renderings } = opened(async (rows) => void written.push(...rows));
    renderings.record(served(1, { text: 'x'.repeat((1 << 20) + 1) }));
    await renderings.close();
    expect(written).toEqual([{ host: 1, kind: 'iPXE', template: 'a', at: 1 }]);
  });

  it('drops the oldest rather than fill the memory', async () => {
    const written: Rendering[] = [];
    const { renderings, logged } = opened(async (rows) => void written.push(...rows));
    const text = 'x'.repeat(1 << 20);
    for (let host = 1; host <= 70; host++) renderings.record(served(host, { host, text }));
    await renderings.close();
    expect(written).toHaveLength(64);
    expect(written[0]!.host).toBe(7);
    expect(logged).toEqual(['renderings are missing for comparison']);
  });
});
