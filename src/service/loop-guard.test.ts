import { describe, expect, it } from 'vitest';
import { host, NOW, nic, site } from '../../test/fixtures.ts';
import type { Answered, Question } from '../boot/answer.ts';
import type { Facts } from '../boot/facts.ts';
import { because } from '../boot/reason.ts';
import type { Step } from '../boot/step.ts';
import { ChainbootError } from '../errors.ts';
import type { Host } from '../inventory/types.ts';
import { archOf } from '../net/arch.ts';
import { memoryInventory } from '../store/memory/inventory.ts';
import type { InventoryStore } from '../store/types.ts';
import { buildHost, heldMachines, hostBuilt, releaseMachine } from './hosts.ts';
import { Inventory } from './inventory.ts';
import { LoopGuard, MAX_HELD_MACHINES } from './loop-guard.ts';

const MAC = '52:54:00:77:00:10';
const STRANGER = '52:54:00:99:99:99';
const NAME = 'web01.example.org';
const MINUTE = 60_000;
const LIMITS = { chains: 5, chainMs: 20 * MINUTE, installs: 3, installMs: 360 * MINUTE };

class Rig {
  readonly logged: string[] = [];
  now = NOW;
  inventory!: Inventory;
  guard!: LoopGuard;
  private xid = 0;

  static async open(hosts: readonly Host[] = [host()], store = memoryInventory()): Promise<Rig> {
    const rig = new Rig();
    rig.inventory = await Inventory.open(store, {});
    const records = site(hosts);
    await rig.inventory.change(() => ({
      changes: [
        ...records.list('subnets').map((record) => ({ op: 'put', collection: 'subnets', record }) as const),
        ...records
          .list('operatingsystems')
          .map((record) => ({ op: 'put', collection: 'operatingsystems', record }) as const),
        ...records.list('media').map((record) => ({ op: 'put', collection: 'media', record }) as const),
        ...hosts.map((record) => ({ op: 'put', collection: 'hosts', record }) as const),
      ],
      result: undefined,
    }));
    rig.guard = new LoopGuard({
      inventory: rig.inventory,
      bootOf: (mac) => `boot of ${mac}`,
      now: () => rig.now,
      log: (level, message) => rig.logged.push(`${level} ${message}`),
    });
    rig.guard.configure({ limits: LIMITS, hasLoader: (file) => file === 'grub2/grubx64.efi' });
    return rig;
  }

  async step(changes: Partial<Step>): Promise<void> {
    this.guard.observe({
      at: this.now,
      kind: 'dhcp.ack',
      via: 'dhcp',
      because: because('rom-asks'),
      ...changes,
    });
    await this.guard.close();
  }

  /** A ROM is given a loader. */
  async rom(changes: Partial<Step> = {}): Promise<void> {
    this.now += 15_000;
    await this.step({ mac: MAC, stage: 'rom', what: 'undionly-ipxe.0', xid: ++this.xid, ...changes });
  }

  async fetches(what: string, changes: Partial<Step> = {}): Promise<void> {
    const reason = because('transfer-complete', { bytes: 1 });
    await this.step({ kind: 'tftp.file', via: 'tftp', because: reason, what, mac: MAC, ...changes });
  }

  /** A script is asked for; true when it is answered anew. */
  script(
    code: 'script-build' | 'script-local' = 'script-build',
    question: Partial<Question> = {},
  ): Promise<boolean> {
    this.now += 15_000;
    const claims = { address: '10.77.0.50', macs: [] };
    const answered: Answered = {
      ok: true,
      text: '',
      template: 't',
      because: because(code),
      identity: because('by-lease'),
      host: NAME,
      mac: MAC,
    };
    const asked: Question = { kind: 'iPXE', claims, bootstrap: false, base: 'http://10.77.0.1', ...question };
    return this.guard.answered(asked, answered);
  }

  async kernel(): Promise<void> {
    await this.step({
      kind: 'http.file',
      via: 'http',
      because: because('boot-file'),
      bytes: 8_000_000,
      detail: { status: 200 },
      mac: MAC,
      host: NAME,
    });
  }

  get host(): Host {
    return this.inventory.site.get('hosts', NAME)!;
  }

  verdict(changes: Partial<Facts> = {}) {
    const facts: Facts = { mac: MAC, arch: archOf(0), stage: 'rom', via: 'dhcp', ...changes };
    const known = this.inventory.site.hostByMac(facts.mac)?.host;
    return this.guard.verdict(facts, known, undefined);
  }
}

/** Everything it needs is there. */
const BUILDING = { actor: { via: 'cli' }, check: async () => ({ errors: [], warnings: [] }) } as const;
const tokens = { random: () => 'new', now: () => NOW, durationMinutes: 60 };

describe('a host whose loader goes round', () => {
  it('is held in the store, with the evidence, and said once', async () => {
    const rig = await Rig.open();
    for (let i = 0; i < 8; i++) await rig.rom();
    expect(rig.host.hold).toEqual({
      loop: 'loader',
      at: NOW + 75_000,
      since: NOW + 15_000,
      count: 5,
      file: 'undionly-ipxe.0',
      boot: `boot of ${MAC}`,
    });
    expect(rig.logged.filter((line) => line.startsWith('warn a machine is held'))).toHaveLength(1);
    expect(rig.verdict().hold).toEqual(rig.host.hold);
    expect(heldMachines(rig.inventory.site)).toMatchObject([{ machine: NAME, hold: { count: 5 } }]);
  });

  it('is let go by name, by MAC and by build mode, and counted from nothing', async () => {
    const rig = await Rig.open();
    const ways = [
      () => releaseMachine(rig.inventory, NAME),
      () => releaseMachine(rig.inventory, '52-54-00-77-00-11'),
      () => buildHost(rig.inventory, NAME, { ...BUILDING, tokens: () => tokens }),
    ];
    for (const release of ways) {
      for (let i = 0; i < 5; i++) await rig.rom();
      expect(rig.host.hold?.loop).toBe('loader');
      await release();
      expect(rig.host.hold).toBeUndefined();
      expect(rig.verdict().hold).toBeUndefined();
    }
    await expect(releaseMachine(rig.inventory, NAME)).rejects.toMatchObject({ code: 'NOT_HELD' });
    await expect(releaseMachine(rig.inventory, 'nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is still held by the next process', async () => {
    const store: InventoryStore = memoryInventory();
    const rig = await Rig.open([host()], store);
    for (let i = 0; i < 5; i++) await rig.rom();
    const after = await Inventory.open(store, {});
    expect(after.site.get('hosts', NAME)?.hold?.count).toBe(5);
  });

  it('counts what TFTP shows where DHCP is not ours, and knows the host by its address', async () => {
    const rig = await Rig.open();
    for (let i = 0; i < 5; i++) {
      rig.now += 10_000;
      await rig.fetches('undionly.kpxe', { mac: undefined, address: '10.77.0.50', host: NAME });
    }
    expect(rig.host.hold).toMatchObject({ loop: 'loader', file: 'undionly.kpxe' });
  });

  it('is a disguise when option 175 gives the ROM away', async () => {
    const rig = await Rig.open();
    for (let i = 0; i < 5; i++) await rig.rom({ disguised: true });
    expect(rig.host.hold?.loop).toBe('disguise');
  });

  it('can be shown why by a GRUB, where there is one for it', async () => {
    const rig = await Rig.open([host({ hold: { loop: 'loader', at: 1, since: 0, count: 5 } })]);
    expect(rig.verdict({ arch: archOf(7) }).shows).toMatchObject({ file: 'grub2/grubx64.efi' });
    expect(rig.verdict({ arch: archOf(11) }).shows).toBeUndefined();
    expect(rig.verdict({ arch: archOf(0) }).shows).toBeUndefined();
  });

  it('is not held while the guard is off', async () => {
    const rig = await Rig.open([host({ hold: { loop: 'loader', at: 1, since: 0, count: 5 } })]);
    rig.guard.configure({ limits: undefined, hasLoader: () => false });
    for (let i = 0; i < 9; i++) await rig.rom();
    expect(rig.verdict().hold).toBeUndefined();
  });

  it('goes on when the store cannot be written, which is said', async () => {
    const store = memoryInventory();
    const rig = await Rig.open([host()], store);
    store.transact = () =>
      Promise.reject(new ChainbootError('STORE_UNAVAILABLE', { file: 'x', reason: 'full' }));
    for (let i = 0; i < 5; i++) await rig.rom();
    expect(rig.host.hold).toBeUndefined();
    expect(rig.logged).toEqual(['error machines that go in circles could not be held']);
  });
});

describe('a machine that no host is declared for', () => {
  it('is held and let go by its MAC, else by its address', async () => {
    const rig = await Rig.open();
    for (let i = 0; i < 5; i++) await rig.rom({ mac: STRANGER });
    for (let i = 0; i < 5; i++)
      await rig.fetches('undionly.kpxe', { mac: undefined, address: '192.0.2.77', at: rig.now });
    expect(heldMachines(rig.inventory.site).map(({ machine }) => machine)).toEqual([STRANGER, '192.0.2.77']);
    expect(rig.verdict({ mac: STRANGER }).hold?.count).toBe(5);
    await releaseMachine(rig.inventory, '52-54-00-99-99-99');
    await releaseMachine(rig.inventory, '192.0.2.77');
    expect(rig.inventory.site.list('holds')).toEqual([]);
    await expect(releaseMachine(rig.inventory, STRANGER)).rejects.toMatchObject({ code: 'NOT_HELD' });
  });

  it('is held for itself no longer once it is declared', async () => {
    const rig = await Rig.open();
    for (let i = 0; i < 5; i++) await rig.rom({ mac: STRANGER });
    const declared = host({ id: 2, name: 'new.example.org', interfaces: [nic({ mac: STRANGER })] });
    await rig.inventory.change(() => ({
      changes: [{ op: 'put', collection: 'hosts', record: declared }],
      result: undefined,
    }));
    expect(rig.verdict({ mac: STRANGER }).hold).toBeUndefined();
    expect(heldMachines(rig.inventory.site)).toEqual([]);
  });

  it('takes the place of the one held longest, so that made-up MACs fill nothing, a few a minute', async () => {
    const rig = await Rig.open();
    const mac = (i: number) =>
      `02:00:00:00:${(i >> 8).toString(16).padStart(2, '0')}:${(i & 255).toString(16).padStart(2, '0')}`;
    for (let i = 0; i < MAX_HELD_MACHINES + 50; i++) {
      if (i % 25 === 0) rig.now += MINUTE;
      for (let round = 0; round < 5; round++)
        await rig.step({ mac: mac(i), stage: 'rom', what: 'a.0', xid: round });
    }
    const held = rig.inventory.site.list('holds');
    expect(held).toHaveLength(MAX_HELD_MACHINES);
    expect(Math.max(...held.map(({ id }) => id))).toBe(MAX_HELD_MACHINES);
    expect(rig.inventory.site.get('holds', mac(0))).toBeUndefined();
    expect(rig.inventory.site.get('holds', mac(MAX_HELD_MACHINES + 49))).toBeDefined();
    const before = held.length;
    await releaseMachine(rig.inventory, held[0]!.machine);
    for (let i = 1000; i < 1100; i++)
      for (let round = 0; round < 5; round++)
        await rig.step({ mac: mac(i), stage: 'rom', what: 'a.0', xid: round });
    expect(rig.inventory.site.list('holds').filter(({ at }) => at === rig.now).length).toBeLessThanOrEqual(
      30,
    );
    expect(before).toBe(MAX_HELD_MACHINES);
  });
});

describe('an installation', () => {
  it('that fails and starts over is held at the fourth script, and not before', async () => {
    const rig = await Rig.open();
    for (let i = 0; i < 3; i++) {
      await rig.rom();
      expect(await rig.script()).toBe(false);
      await rig.kernel();
      rig.now += 10 * MINUTE;
    }
    expect(rig.host.hold).toBeUndefined();
    expect(await rig.script()).toBe(true);
    expect(rig.host.hold).toMatchObject({ loop: 'install', count: 3 });
  });

  it('that reports built, and is asked for again by a human, never is', async () => {
    const rig = await Rig.open();
    for (let i = 0; i < 8; i++) {
      await buildHost(rig.inventory, NAME, {
        ...BUILDING,
        tokens: () => ({ ...tokens, now: () => rig.now }),
      });
      await rig.rom();
      expect(await rig.script()).toBe(false);
      await rig.kernel();
      await rig.step({ kind: 'http.built', via: 'http', mac: MAC, host: NAME });
      await hostBuilt(rig.inventory, NAME, { now: rig.now });
      expect(await rig.script('script-local')).toBe(false);
    }
    expect(rig.host.hold).toBeUndefined();
  });

  it('is let go when it reports built after all', async () => {
    const rig = await Rig.open([host({ hold: { loop: 'install', at: 1, since: 0, count: 3 } })]);
    await hostBuilt(rig.inventory, NAME, { now: NOW });
    expect(rig.host.hold).toBeUndefined();
  });
});

describe('a script', () => {
  it('that is fetched again and again is held at the sixth time', async () => {
    const rig = await Rig.open();
    for (let i = 0; i < 5; i++) expect(await rig.script()).toBe(false);
    expect(await rig.script()).toBe(true);
    expect(rig.host.hold?.loop).toBe('script');
  });

  it('that tries its kernel again is none, nor is one for every card', async () => {
    const rig = await Rig.open();
    for (let i = 0; i < 20; i++) expect(await rig.script('script-build', { retry: true })).toBe(false);
    for (let i = 0; i < 20; i++) expect(await rig.script('script-build', { kind: 'provision' })).toBe(false);
  });

  it('that leads to the disk again and again makes the server say so, and hold nobody', async () => {
    const rig = await Rig.open([host({ build: false })]);
    for (let i = 0; i < 5; i++)
      expect(rig.guard.cameBack(rig.host) ?? (await rig.script('script-local'))).toBe(false);
    expect(rig.guard.cameBack(rig.host)).toMatchObject({ loop: 'local', count: 5 });
    for (let i = 0; i < 20; i++) expect(await rig.script('script-local')).toBe(false);
    expect(rig.guard.cameBack(rig.host)?.count).toBe(25);
    expect(rig.host.hold).toBeUndefined();
    expect(rig.logged).toEqual(['warn a machine comes back from its own disk again and again']);
  });
});

describe('the other iPXE', () => {
  it('is offered to a ROM whose iPXE was fetched and never heard of, and remembered when it works', async () => {
    const rig = await Rig.open();
    expect(rig.verdict().driver).toBeUndefined();
    await rig.rom();
    await rig.fetches('undionly-ipxe.0');
    expect(rig.verdict().driver).toEqual({ driver: 'own', why: 'other' });
    await rig.rom({ what: 'ipxe.pxe' });
    await rig.fetches('ipxe.pxe');
    expect(rig.verdict().driver).toBeUndefined();
    await rig.step({ mac: MAC, stage: 'ipxe', what: 'http://10.77.0.1/unattended/iPXE' });
    expect(rig.verdict().driver).toEqual({ driver: 'own', why: 'worked' });
    expect(rig.logged).toContain('info the other iPXE brought the link up; it is offered first from now on');
  });

  it('is not offered after an iPXE that asked, by DHCP or for its script, or that asks as a ROM', async () => {
    for (const heard of [
      { stage: 'ipxe' },
      { kind: 'http.script', via: 'http' },
      { stage: 'rom', disguised: true },
    ] as const) {
      const rig = await Rig.open();
      await rig.fetches('undionly-ipxe.0');
      await rig.step({ mac: MAC, ...heard });
      expect(rig.verdict().driver).toBeUndefined();
    }
  });

  it('is offered through PXELINUX as well, where the address alone is known too', async () => {
    const rig = await Rig.open([host({ pxe_loader: 'PXELinux BIOS' })]);
    expect(rig.guard.driverOfChain({ host: rig.host, mac: MAC }, 'own')).toBeUndefined();
    // The configuration was asked for under the MAC, the loader from the same address.
    await rig.fetches('pxelinux.cfg/01-52-54-00-77-00-10', { address: '192.0.2.7' });
    await rig.fetches('ipxe.lkrn', { mac: undefined, address: '192.0.2.7' });
    expect(rig.guard.driverOfChain({ host: rig.host, mac: MAC }, 'own')).toEqual({
      driver: 'rom',
      why: 'other',
    });
  });

  it('is offered beside another DHCP server as well', async () => {
    const rig = await Rig.open();
    rig.guard.learn('192.0.2.8', MAC);
    await rig.fetches('undionly-ipxe.0', { mac: undefined, address: '192.0.2.8' });
    expect(rig.verdict().driver).toEqual({ driver: 'own', why: 'other' });
  });

  it('is the declared one first', async () => {
    const rig = await Rig.open([host({ ipxe_driver: 'own' })]);
    expect(rig.verdict().driver).toEqual({ driver: 'own', why: 'configured' });
    expect(rig.guard.driverOfChain({ host: rig.host, mac: MAC }, 'own')).toEqual({
      driver: 'own',
      why: 'configured',
    });
    await rig.fetches('ipxe.pxe');
    expect(rig.verdict().driver).toEqual({ driver: 'rom', why: 'other' });
  });
});
