import { describe, expect, it } from 'vitest';
import type { Neighbour, Sighting } from '../boot/neighbour.ts';
import { Neighbours } from './neighbours.ts';

const OTHER: Sighting = { link: 'eth0', address: '10.0.0.9', role: 'dhcp', offers: { address: '10.0.0.50' } };

function watched(mode: 'server' | 'proxy') {
  const news: Neighbour[] = [];
  const onNews = (neighbour: Neighbour) => void news.push(neighbour);
  const neighbours = new Neighbours({ mode: () => mode, vendorOf: () => 'Maker', onNews });
  return { neighbours, news };
}

describe('neighbours', () => {
  it('a server beside ours is in the way, one beside our proxy is what it is for', () => {
    for (const [mode, conflicts] of [
      ['server', 'addresses'],
      ['proxy', undefined],
    ] as const) {
      const { neighbours, news } = watched(mode);
      neighbours.hear(OTHER, 1);
      expect(news).toMatchObject([{ address: '10.0.0.9', conflicts }]);
    }
  });

  it('boot files of others are in the way of both, relays of nobody', () => {
    const { neighbours } = watched('proxy');
    expect(neighbours.hear({ ...OTHER, offers: { bootFile: 'a' } }, 1).conflicts).toBe('boot-files');
    expect(neighbours.hear({ ...OTHER, role: 'proxy-dhcp' }, 1).conflicts).toBe('boot-files');
    expect(neighbours.hear({ ...OTHER, role: 'relay', offers: {} }, 1).conflicts).toBeUndefined();
  });

  it('is told once, and a conflict again after an hour', () => {
    const { neighbours, news } = watched('server');
    for (const at of [1, 2, 1_000_000]) neighbours.hear(OTHER, at);
    expect(news).toHaveLength(1);
    neighbours.hear(OTHER, 4_000_000);
    expect(news).toHaveLength(2);
    expect(neighbours.list()).toMatchObject([{ count: 4, firstSeen: 1, lastSeen: 4_000_000 }]);
  });

  it('keeps what it knew when less is heard', () => {
    const { neighbours } = watched('server');
    neighbours.hear({ ...OTHER, mac: '00:11:22:33:44:55', client: '02:00:00:00:00:01' }, 1);
    neighbours.hear({ ...OTHER, offers: {} }, 2);
    expect(neighbours.list()).toMatchObject([
      { mac: '00:11:22:33:44:55', vendor: 'Maker', lastClient: '02:00:00:00:00:01', offers: OTHER.offers },
    ]);
  });

  it('has an end: who was silent the longest goes', () => {
    const { neighbours } = watched('proxy');
    for (let i = 0; i < 1000; i++) neighbours.hear({ ...OTHER, address: `10.0.${i >> 8}.${i & 255}` }, i);
    expect(neighbours.list()).toHaveLength(256);
    expect(Math.min(...neighbours.list().map(({ lastSeen }) => lastSeen))).toBe(744);
  });
});
