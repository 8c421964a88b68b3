import { expect, it } from 'vitest';
import { existingSite } from './existing.ts';

it('makes a site of a network', () => {
  const foreign = [
    { mac: '52:54:00:00:00:01', ip: '192.168.122.5', name: 'web' },
    { mac: '52:54:00:00:00:02', name: '' },
    { mac: 'client-id 01:02', ip: '192.168.122.6', name: 'other' },
  ];
  const { site, notes } = existingSite({
    name: 'default',
    subnet: { network: 0xc0a87a00, prefix: 24 },
    foreign,
  });
  expect(site.subnets).toMatchObject([{ name: 'default', network: '192.168.122.0/24' }]);
  expect(site.hosts).toMatchObject([
    { name: 'web', mac: '52:54:00:00:00:01', ip: '192.168.122.5' },
    { mac: '52:54:00:00:00:02' },
  ]);
  expect(notes.filter(({ outcome }) => outcome === 'refused')).toMatchObject([{ subject: 'host other' }]);
});
