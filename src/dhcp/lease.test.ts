import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Lease } from '../boot/lease.ts';
import type { SubnetRange } from '../inventory/site.ts';
import { parseCidr } from '../net/cidr.ts';
import { formatIpv4, type Ipv4, parseIpv4 } from '../net/ip.ts';
import { type Client, HOLD_MS, LeaseTable } from './lease.ts';

const LEASE_SECONDS = 600;

function subnet(network: string, from?: string, to?: string): SubnetRange {
  return {
    subnet: {
      id: 1,
      name: 'lan',
      network,
      gateway: '10.0.0.1',
      boot_mode: 'DHCP',
      lease_time: LEASE_SECONDS,
      parameters: {},
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    },
    cidr: parseCidr(network)!,
  };
}

const ip = (text: string): Ipv4 => parseIpv4(text)!;
const client = (n: number, reserved?: string): Client => ({
  mac: `52:54:00:00:00:${n.toString(16).padStart(2, '0')}`,
  ...(reserved !== undefined && { reserved: ip(reserved), host: `h${n}` }),
});

const LAN = subnet('10.0.0.0/29', '10.0.0.0', '10.0.0.7');
const none = () => false;
const addressOf = (offer: { lease?: Lease }) => offer.lease && formatIpv4(offer.lease.ip);

/** DISCOVER to ACK; undefined when there was no address. */
function acquire(table: LeaseTable, who: Client, range: SubnetRange, now: number): Lease | undefined {
  const { lease } = table.offer(who, range, undefined, now);
  if (lease === undefined) return undefined;
  const grant = table.request(who, range, lease.ip, 'selecting', now);
  if (grant.kind !== 'lease' || !table.confirm(grant.lease)) throw new Error('an offer was not honoured');
  return grant.lease;
}

describe('lease table', () => {
  it('never offers network, broadcast or gateway, and says when nothing is left', () => {
    const table = new LeaseTable(none);
    const offers = [1, 2, 3, 4, 5, 6].map((n) => table.offer(client(n), LAN, undefined, 0));
    expect(offers.map(addressOf)).toEqual([
      '10.0.0.2',
      '10.0.0.3',
      '10.0.0.4',
      '10.0.0.5',
      '10.0.0.6',
      undefined,
    ]);
    expect(offers[0]!.because.code).toBe('lease-free');
    expect(offers[5]!.because.code).toBe('lease-exhausted');
  });

  it('offers a client the same address again, by its MAC alone', () => {
    const table = new LeaseTable(none);
    const first = acquire(table, client(1), LAN, 0)!;
    const again = table.offer({ ...client(1), clientId: '01525400000001' }, LAN, undefined, 1000);
    expect([again.lease!.ip, again.because.code]).toEqual([first.ip, 'lease-renewed']);
    const later = table.offer(client(1), LAN, undefined, LEASE_SECONDS * 5000);
    expect(later.lease!.ip).toBe(first.ip);
  });

  it('follows the wish of a client if the address is free', () => {
    const table = new LeaseTable(none);
    expect(addressOf(table.offer(client(1), LAN, ip('10.0.0.5'), 0))).toBe('10.0.0.5');
    expect(addressOf(table.offer(client(2), LAN, ip('10.0.0.5'), 0))).toBe('10.0.0.2');
    expect(addressOf(table.offer(client(3), LAN, ip('10.0.0.1'), 0))).toBe('10.0.0.3');
    expect(addressOf(table.offer(client(4), LAN, ip('192.0.2.9'), 0))).toBe('10.0.0.4');
  });

  it('holds an offer for a minute, then gives it to who needs it', () => {
    const table = new LeaseTable(none);
    for (const n of [1, 2, 3, 4, 5]) table.offer(client(n), LAN, undefined, 0);
    expect(table.offer(client(6), LAN, undefined, HOLD_MS - 1).lease).toBeUndefined();
    expect(addressOf(table.offer(client(6), LAN, undefined, HOLD_MS))).toBe('10.0.0.2');
  });

  it('reuses the address that is unused for the longest time', () => {
    const table = new LeaseTable(none);
    for (const n of [1, 2, 3, 4, 5]) acquire(table, client(n), LAN, n * 1000);
    const expired = (LEASE_SECONDS + 3) * 1000;
    expect(addressOf(table.offer(client(6), LAN, undefined, expired))).toBe('10.0.0.2');
    expect(addressOf(table.offer(client(7), LAN, undefined, expired))).toBe('10.0.0.3');
    expect(addressOf(table.offer(client(8), LAN, undefined, expired))).toBe('10.0.0.4');
    expect(table.offer(client(9), LAN, undefined, expired).lease).toBeUndefined();
  });

  it('gives a host its reserved address, in or outside of the pool, and nobody else', () => {
    const reserved = new Set([ip('10.0.0.2'), ip('10.0.0.4')]);
    const table = new LeaseTable((address) => reserved.has(address));
    const small = subnet('10.0.0.0/29', '10.0.0.2', '10.0.0.3');
    expect(addressOf(table.offer(client(1), small, ip('10.0.0.2'), 0))).toBe('10.0.0.3');
    const offer = table.offer(client(2, '10.0.0.2'), small, undefined, 0);
    expect([addressOf(offer), offer.because.code]).toEqual(['10.0.0.2', 'lease-reserved']);
    expect(addressOf(table.offer(client(4, '10.0.0.4'), small, undefined, 0))).toBe('10.0.0.4');
    const grant = table.request(client(3), small, ip('10.0.0.4'), 'renewing', 0);
    expect([grant.kind, grant.because.code]).toEqual(['refused', 'lease-taken']);
  });

  it('moves a client to a reservation made while it held another address', () => {
    const table = new LeaseTable(none);
    const before = acquire(table, client(1), LAN, 0)!;
    const reserved = client(1, '10.0.0.5');
    const grant = table.request(reserved, LAN, before.ip, 'renewing', 1000);
    expect([grant.kind, grant.because.code]).toEqual(['refused', 'lease-reserved']);
    expect(addressOf(table.offer(reserved, LAN, undefined, 1000))).toBe('10.0.0.5');
  });

  it('keeps a reserved address from its host while another machine still has it', () => {
    const reservations = new Set<Ipv4>();
    const table = new LeaseTable((address) => reservations.has(address));
    const held = acquire(table, client(1), LAN, 0)!;
    reservations.add(held.ip);
    const owner = client(2, formatIpv4(held.ip));
    expect(table.offer(owner, LAN, undefined, 1000).lease!.ip).not.toBe(held.ip);
    expect(table.request(client(1), LAN, held.ip, 'renewing', 1000).because.code).toBe('lease-taken');
    expect(table.offer(owner, LAN, undefined, LEASE_SECONDS * 1000).lease!.ip).toBe(held.ip);
  });

  it('hands a reservation outside of the pool to the new card of its host at once', () => {
    const table = new LeaseTable((address) => address === ip('10.0.0.6'));
    const small = subnet('10.0.0.0/29', '10.0.0.2', '10.0.0.3');
    acquire(table, client(1, '10.0.0.6'), small, 0);
    expect(addressOf(table.offer(client(2, '10.0.0.6'), small, undefined, 1000))).toBe('10.0.0.6');
  });

  it('serves reserved hosts in a subnet without a pool', () => {
    const table = new LeaseTable((address) => address === ip('10.0.0.4'));
    const bare = subnet('10.0.0.0/29');
    expect(addressOf(table.offer(client(1, '10.0.0.4'), bare, undefined, 0))).toBe('10.0.0.4');
    expect(table.offer(client(2), bare, undefined, 0).because.code).toBe('lease-exhausted');
  });

  it.each([
    ['an address of another network', '192.0.2.5', 'init-reboot', 'refused', 'lease-wrong-network'],
    ['the gateway', '10.0.0.1', 'renewing', 'refused', 'lease-taken'],
    ['a free address after a restart', '10.0.0.4', 'selecting', 'lease', 'lease-free'],
    ['a free address it renews', '10.0.0.4', 'renewing', 'lease', 'lease-free'],
    ['a free address nobody remembers giving it', '10.0.0.4', 'init-reboot', 'silent', 'lease-unknown'],
  ] as const)('%s', (_, wanted, claim, kind, code) => {
    const grant = new LeaseTable(none).request(client(1), LAN, ip(wanted), claim, 0);
    expect([grant.kind, grant.because.code]).toEqual([kind, code]);
  });

  it('gives the reason of the offer for the lease, and of the lease for a renewal', () => {
    const table = new LeaseTable(none);
    const { lease } = table.offer(client(1), LAN, undefined, 0);
    const grant = table.request(client(1), LAN, lease!.ip, 'selecting', 0);
    expect(grant.because.code).toBe('lease-free');
    if (grant.kind === 'lease') table.confirm(grant.lease);
    expect(table.request(client(1), LAN, lease!.ip, 'renewing', 1).because.code).toBe('lease-renewed');
  });

  it('refuses an address that another client has', () => {
    const table = new LeaseTable(none);
    const taken = acquire(table, client(1), LAN, 0)!;
    expect(table.request(client(2), LAN, taken.ip, 'selecting', 0).because.code).toBe('lease-taken');
  });

  it('knows the MAC behind an address from the commit to the end of the lease', () => {
    const table = new LeaseTable(none);
    const { lease } = table.offer(client(1), LAN, undefined, 0);
    const address = formatIpv4(lease!.ip);
    const grant = table.request(client(1), LAN, lease!.ip, 'selecting', 0);
    expect(table.macOf(address, 0)).toBeUndefined();
    if (grant.kind === 'lease') table.confirm(grant.lease);
    expect(table.macOf(address, LEASE_SECONDS * 1000 - 1)).toBe(client(1).mac);
    expect(table.macOf(address, LEASE_SECONDS * 1000)).toBeUndefined();
    expect(table.macOf('nonsense', 0)).toBeUndefined();
  });

  it('confirms no lease that was lost while it was written', () => {
    const table = new LeaseTable(none);
    const one = subnet('10.0.0.0/29', '10.0.0.2', '10.0.0.2');
    const grant = table.request(client(1), one, ip('10.0.0.2'), 'selecting', 0);
    table.offer(client(2), one, undefined, HOLD_MS);
    expect(grant.kind === 'lease' && table.confirm(grant.lease)).toBe(false);
  });

  it('confirms no renewal that the client gave back while it was written', () => {
    const table = new LeaseTable(none);
    const held = acquire(table, client(1), LAN, 0)!;
    const grant = table.request(client(1), LAN, held.ip, 'renewing', 1000);
    table.release(client(1).mac, held.ip, 1000);
    expect(grant.kind === 'lease' && table.confirm(grant.lease)).toBe(false);
  });

  it('frees what it offered when the client asks for another address', () => {
    const table = new LeaseTable(none);
    const two = subnet('10.0.0.0/29', '10.0.0.2', '10.0.0.3');
    table.offer(client(1), two, undefined, 0);
    expect(table.request(client(1), two, ip('10.0.0.3'), 'selecting', 0).kind).toBe('lease');
    expect(addressOf(table.offer(client(2), two, undefined, 0))).toBe('10.0.0.2');
  });

  it('does not remember a client whose address went to another', () => {
    const table = new LeaseTable(none);
    const one = subnet('10.0.0.0/29', '10.0.0.2', '10.0.0.2');
    const held = acquire(table, client(1), one, 0)!;
    table.release(client(1).mac, held.ip, 1);
    acquire(table, client(2), one, 2);
    table.release(client(2).mac, held.ip, 3);
    expect(table.request(client(1), one, held.ip, 'init-reboot', 4).because.code).toBe('lease-unknown');
  });

  it('frees a released address for others, and only its holder can release it', () => {
    const table = new LeaseTable(none);
    const one = subnet('10.0.0.0/29', '10.0.0.2', '10.0.0.2');
    const held = acquire(table, client(1), one, 0)!;
    expect(table.release(client(2).mac, held.ip, 1)).toBeUndefined();
    expect(table.release(client(1).mac, held.ip, 1)).toMatchObject({ state: 'released' });
    expect(table.macOf('10.0.0.2', 2)).toBeUndefined();
    expect(addressOf(table.offer(client(2), one, undefined, 2))).toBe('10.0.0.2');
  });

  it('keeps a declined address from everybody for a lease time', () => {
    const table = new LeaseTable(none);
    const one = subnet('10.0.0.0/29', '10.0.0.2', '10.0.0.2');
    const held = acquire(table, client(1), one, 0)!;
    expect(table.decline(client(2).mac, one, held.ip, 0)).toBeUndefined();
    expect(table.decline(client(1).mac, one, held.ip, 0)).toMatchObject({ state: 'declined' });
    for (const n of [1, 2]) expect(table.offer(client(n), one, held.ip, 1000).lease).toBeUndefined();
    expect(table.request(client(1), one, held.ip, 'selecting', 1000).because.code).toBe('lease-taken');
    const later = table.request(client(1), one, held.ip, 'init-reboot', LEASE_SECONDS * 1000);
    expect(later.because.code).toBe('lease-unknown');
    expect(addressOf(table.offer(client(1), one, undefined, LEASE_SECONDS * 1000))).toBe('10.0.0.2');
  });

  it('remembers what the store remembers', () => {
    const table = new LeaseTable(none);
    const lease = (n: number, address: string, state: Lease['state'], expires: number): Lease => ({
      mac: client(n).mac,
      ip: ip(address),
      state,
      expires,
    });
    table.load(
      [
        lease(1, '10.0.0.4', 'bound', 5000),
        lease(2, '10.0.0.5', 'declined', 5000),
        lease(3, '10.0.0.3', 'released', 0),
        lease(4, '10.0.0.6', 'bound', 10),
      ],
      1000,
    );
    expect(table.macOf('10.0.0.4', 1000)).toBe(client(1).mac);
    expect(addressOf(table.offer(client(1), LAN, undefined, 1000))).toBe('10.0.0.4');
    expect(addressOf(table.offer(client(4), LAN, undefined, 1000))).toBe('10.0.0.6');
    const others = [10, 11, 12].map((n) => addressOf(table.offer(client(n), LAN, undefined, 1000)));
    expect(others).toEqual(['10.0.0.2', '10.0.0.3', undefined]);
  });

  it('takes a changed pool over with what is held in it', () => {
    const table = new LeaseTable(none);
    const held = acquire(table, client(1), subnet('10.0.0.0/29', '10.0.0.2', '10.0.0.2'), 0)!;
    const wider = subnet('10.0.0.0/29', '10.0.0.2', '10.0.0.3');
    expect(table.offer(client(1), wider, undefined, 1).lease!.ip).toBe(held.ip);
    expect(addressOf(table.offer(client(2), wider, undefined, 1))).toBe('10.0.0.3');
    expect(table.offer(client(3), wider, undefined, 1).lease).toBeUndefined();
  });

  it('finds an address again whose reservation is gone, a minute after it ran out', () => {
    const reserved = new Set([ip('10.0.0.2')]);
    const table = new LeaseTable((address) => reserved.has(address));
    const one = subnet('10.0.0.0/29', '10.0.0.2', '10.0.0.2');
    expect(table.offer(client(1), one, undefined, 0).lease).toBeUndefined();
    reserved.clear();
    expect(table.offer(client(1), one, undefined, 1000).lease).toBeUndefined();
    expect(addressOf(table.offer(client(1), one, undefined, 61_000))).toBe('10.0.0.2');
  });

  it('forgets an offer when the client chose another server', () => {
    const table = new LeaseTable(none);
    const one = subnet('10.0.0.0/29', '10.0.0.2', '10.0.0.2');
    table.offer(client(1), one, undefined, 0);
    table.forget(client(1).mac, one, 0);
    expect(addressOf(table.offer(client(2), one, undefined, 0))).toBe('10.0.0.2');
  });

  it('costs the same on a full /16 as on an empty one', () => {
    const table = new LeaseTable(none);
    const wide = subnet('10.0.0.0/16', '10.0.0.2', '10.0.255.254');
    const size = 65_533;
    const leases = Array.from({ length: size }, (_, i): Lease => {
      const mac = `02:00:00:${((i >> 16) & 255).toString(16)}:${(i >> 8) & 255}:${i & 255}`;
      return { ip: ip('10.0.0.2') + i, mac, expires: 1e9, state: 'bound' };
    });
    table.load(leases, 0);
    table.offer(client(1), wide, undefined, 0);
    const started = performance.now();
    for (let i = 0; i < 20_000; i++) table.offer({ mac: `new ${i}` }, wide, undefined, 1);
    // A scan of 65 533 addresses a packet would take minutes.
    expect(performance.now() - started).toBeLessThan(25_000);
  });
});

describe('lease table against a model', () => {
  type Event =
    | { readonly kind: 'discover'; readonly who: number; readonly wish: number }
    | { readonly kind: 'request'; readonly who: number; readonly last: number; readonly commit: boolean }
    | { readonly kind: 'release' | 'decline'; readonly who: number; readonly last: number }
    | { readonly kind: 'wait'; readonly seconds: number };

  const who = fc.integer({ min: 1, max: 8 });
  const last = fc.integer({ min: 0, max: 7 });
  const event: fc.Arbitrary<Event> = fc.oneof(
    fc.record({ kind: fc.constant('discover' as const), who, wish: last }),
    {
      arbitrary: fc.record({ kind: fc.constant('request' as const), who, last, commit: fc.boolean() }),
      weight: 3,
    },
    fc.record({ kind: fc.constantFrom('release' as const, 'decline' as const), who, last }),
    fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: LEASE_SECONDS }) }),
  );
  const network = ip('10.0.0.0');
  /** Client 1 has a reservation in the pool; 10.0.0.3 belongs to a host that never speaks. */
  const reservations = new Map([
    [ip('10.0.0.2'), 1],
    [ip('10.0.0.3'), 99],
  ]);

  it('never gives one address to two clients, nor one that is reserved, declined or nobody’s', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const table = new LeaseTable((address) => reservations.has(address));
        const held = new Map<Ipv4, { who: number; until: number }>();
        let now = 0;
        const check = (address: Ipv4, n: number) => {
          expect(['10.0.0.0', '10.0.0.1', '10.0.0.7']).not.toContain(formatIpv4(address));
          if (reservations.has(address)) expect(reservations.get(address)).toBe(n);
          const holder = held.get(address);
          if (holder !== undefined && holder.until > now) expect(holder.who).toBe(n);
        };
        for (const step of events) {
          if (step.kind === 'wait') {
            now += step.seconds * 1000;
            continue;
          }
          const me = client(step.who, step.who === 1 ? '10.0.0.2' : undefined);
          if (step.kind === 'discover') {
            const { lease } = table.offer(me, LAN, network + step.wish, now);
            if (lease !== undefined) check(lease.ip, step.who);
          } else if (step.kind === 'request') {
            const grant = table.request(me, LAN, network + step.last, 'selecting', now);
            if (grant.kind !== 'lease') continue;
            check(grant.lease.ip, step.who);
            if (!step.commit) continue;
            expect(table.confirm(grant.lease)).toBe(true);
            held.set(grant.lease.ip, { who: step.who, until: grant.lease.expires });
          } else if (step.kind === 'release') {
            if (table.release(me.mac, network + step.last, now)) held.delete(network + step.last);
          } else {
            const lease = table.decline(me.mac, LAN, network + step.last, now);
            if (lease !== undefined) held.set(lease.ip, { who: -1, until: lease.expires });
          }
        }
        for (const [address, holder] of held) {
          const expected = holder.who > 0 && holder.until > now ? client(holder.who).mac : undefined;
          expect(table.macOf(formatIpv4(address), now)).toBe(expected);
        }
      }),
      { numRuns: 400 },
    );
  });
});
