import { describe, expect, it } from 'vitest';
import { host, NOW, site, TOKEN } from '../../test/fixtures.ts';
import { ChainbootError } from '../errors.ts';
import { COLLECTIONS, type Host } from '../inventory/types.ts';
import { memoryInventory } from '../store/memory/inventory.ts';
import { type BuildCheck, lack } from './build/lacks.ts';
import { type BuildOptions, buildHost, cancelHost, expireTokens, hostBuilt, hostFailed } from './hosts.ts';
import { Inventory } from './inventory.ts';

const NAME = 'web01.example.org';
const ANN = { via: 'api', user: 'ann', remote: '10.77.0.9' } as const;

async function opened(hosts: readonly Host[] = [host()]): Promise<Inventory> {
  const store = memoryInventory();
  await store.transact(0, () =>
    COLLECTIONS.flatMap((collection) =>
      site(hosts)
        .list(collection)
        .filter(({ id }) => id > 0)
        .map((record) => ({ op: 'put', collection, record }) as never),
    ),
  );
  return Inventory.open(store, {});
}

const finding = (check: Partial<BuildCheck> = {}): BuildOptions => ({
  actor: ANN,
  tokens: () => ({ random: () => 'fresh', now: () => NOW + 5000, durationMinutes: 1 }),
  check: async () => ({ errors: [], warnings: [], ...check }),
});
const stored = (inventory: Inventory) => inventory.site.get('hosts', NAME)!;

describe('build mode', () => {
  it('is entered with a new token; earlier errors and the end of the last build are forgotten', async () => {
    const inventory = await opened([
      host({ build: false, build_errors: 'no disk', build_end: { how: 'failed', at: NOW } }),
    ]);
    const { host: entered } = await buildHost(inventory, 'WEB01.example.org', finding());
    expect(entered).toMatchObject({ build: true, initiated_at: NOW + 5000 });
    expect(entered.token).toEqual({ value: 'fresh', expires_at: NOW + 65_000 });
    expect(stored(inventory)).toMatchObject(entered);
    expect(entered).not.toHaveProperty('build_errors');
    expect(entered).not.toHaveProperty('build_end');
    expect(inventory.site.hostByToken(TOKEN)).toBeUndefined();
  });

  it('is left by the report of the machine, once', async () => {
    const inventory = await opened();
    const reporter = { now: NOW + 9000, remote: '10.77.0.50' };
    expect(await hostBuilt(inventory, NAME, reporter)).toEqual({ changed: true });
    expect(await hostBuilt(inventory, NAME, { now: NOW + 9999 })).toEqual({ changed: false });
    expect(stored(inventory)).toMatchObject({
      build: false,
      installed_at: NOW + 9000,
      build_end: { how: 'built', at: NOW + 9000, by: '10.77.0.50' },
    });
    expect(inventory.site.hostByToken(TOKEN)).toBeUndefined();
  });

  it('keeps what the installer said of its failure, and who took a build back', async () => {
    const inventory = await opened();
    await hostFailed(inventory, NAME, 'x'.repeat(70_000), { now: NOW + 1, remote: '10.77.0.50' });
    expect(stored(inventory).build_errors).toHaveLength(65_535);
    expect(stored(inventory).build_end).toEqual({ how: 'failed', at: NOW + 1, by: '10.77.0.50' });
    await buildHost(inventory, NAME, finding());
    await cancelHost(inventory, NAME, { actor: ANN, now: () => NOW + 2 });
    expect(stored(inventory).build_end).toEqual({ how: 'cancelled', at: NOW + 2, by: 'ann' });
    expect(stored(inventory)).not.toHaveProperty('token');
    await cancelHost(inventory, NAME, { actor: ANN, now: () => NOW + 3 });
    expect(stored(inventory).build_end?.at).toBe(NOW + 2);
  });

  it('is refused with everything that is missing, and entered anyway when forced', async () => {
    const inventory = await opened([host({ build: false, token: undefined } as never)]);
    const errors = [
      lack('no-disk-layout', 'ptable', { os: 'Debian 12' }),
      lack('password-short', 'root_pass', { least: 8 }),
    ];
    const error = await buildHost(inventory, NAME, finding({ errors })).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ChainbootError);
    expect((error as ChainbootError).code).toBe('HOST_UNBOOTABLE');
    expect((error as ChainbootError).problems).toMatchObject([
      { path: 'ptable', code: 'no-disk-layout' },
      { path: 'root_pass', code: 'password-short' },
    ]);
    expect(stored(inventory).build).toBe(false);
    const { warnings } = await buildHost(inventory, NAME, { ...finding({ errors }), force: true });
    expect(warnings.map(({ code }) => code)).toEqual(['no-disk-layout', 'password-short']);
    expect(stored(inventory).build).toBe(true);
  });

  it('cannot be forced upon a host whose records are wrong by themselves', async () => {
    const inventory = await opened([host({ build: false, token: undefined } as never)]);
    const errors = [lack('no-operatingsystem', 'operatingsystem')];
    await expect(buildHost(inventory, NAME, { ...finding({ errors }), force: true })).rejects.toMatchObject({
      code: 'HOST_UNBOOTABLE',
    });
    await expect(buildHost(inventory, 'nobody', finding())).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('a token that ran out is recorded once, and the host stays in build mode', async () => {
    const until = NOW + 3_600_000;
    const inventory = await opened([
      host(),
      host({ id: 2, name: 'other.example.org', interfaces: [], token: { value: 'o' } }),
    ]);
    expect(await expireTokens(inventory, [1, 2, 3], until - 1)).toEqual([]);
    expect(await expireTokens(inventory, [1, 2, 3], until + 5)).toMatchObject([{ name: NAME }]);
    expect(stored(inventory)).toMatchObject({ build: true, build_end: { how: 'expired', at: until } });
    expect(await expireTokens(inventory, [1, 2, 3], until + 6)).toEqual([]);
    // A machine that is late reports all the same.
    await hostBuilt(inventory, NAME, { now: until + 7 });
    expect(stored(inventory)).toMatchObject({ build: false, build_end: { how: 'built' } });
  });

  it('tells the audit who did what, and from where', async () => {
    const inventory = await opened([host({ build: false, token: undefined } as never)]);
    await buildHost(inventory, NAME, finding());
    await cancelHost(inventory, NAME, { actor: ANN, now: () => NOW });
    await buildHost(inventory, NAME, finding());
    await hostFailed(inventory, NAME, 'no disk', { now: NOW, remote: '10.77.0.50' });
    await buildHost(inventory, NAME, finding());
    await expireTokens(inventory, [1], NOW + 3_600_000);
    await hostBuilt(inventory, NAME, { now: NOW, remote: '10.77.0.50' });
    const { audits } = await inventory.audits({ collection: 'hosts', name: NAME, limit: 20 });
    expect(audits.toReversed().map(({ via, user, remote }) => [via, user, remote])).toEqual([
      ['api', 'ann', '10.77.0.9'],
      ['api', 'ann', '10.77.0.9'],
      ['api', 'ann', '10.77.0.9'],
      ['boot', undefined, '10.77.0.50'],
      ['api', 'ann', '10.77.0.9'],
      ['clock', undefined, undefined],
      ['boot', undefined, '10.77.0.50'],
    ]);
    expect(audits[0]!.changes).toMatchObject({ build: [true, false], token: ['[redacted]', null] });
    expect(audits[3]!.changes).toMatchObject({ build_errors: [null, 'no disk'] });
  });

  it('is left by a report, whatever is wrong with the record meanwhile', async () => {
    const inventory = await opened([host({ medium: 'gone' })]);
    expect(await hostBuilt(inventory, NAME, { now: NOW })).toEqual({ changed: true });
  });
});
