import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KeaChannel, keaChannel } from './channel.ts';
import { keaDriver } from './driver.ts';
import { type JsonMap, listOf, mapOf, parseExact } from './exact-json.ts';

let directory: string;
let server: Server | undefined;
let channel: KeaChannel;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'chainboot-kea-'));
});

afterEach(async () => {
  channel?.close();
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  server = undefined;
  rmSync(directory, { recursive: true });
});

type Respond = (asked: JsonMap) => string | undefined;

/** A stand-in for the control socket of kea-dhcp4: answers each command and closes. Undefined: never answers. */
async function listen(respond: Respond, timeout?: number): Promise<string> {
  const path = join(directory, 'sock');
  server = createServer((socket) => {
    let text = '';
    socket.on('error', () => {});
    socket.on('data', (data) => {
      text += data.toString();
      // Kea, too, answers when the map it is sent is whole.
      if (!text.endsWith('}') || !isWhole(text)) return;
      const said = respond(mapOf(parseExact(text)));
      if (said !== undefined) socket.end(said);
    });
  });
  await new Promise<void>((resolve) => server?.listen(path, resolve));
  channel = keaChannel({ socket: path }, { name: 'kea', ...(timeout !== undefined && { timeout }) });
  return path;
}

function isWhole(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const answer = (result: number, more: object = {}) => JSON.stringify({ result, ...more });

describe('the control socket', () => {
  it('answers arguments, a list among them, or that there is nothing', async () => {
    await listen(({ command }) =>
      command === 'list-commands'
        ? answer(0, { arguments: ['a', 'b'] })
        : command === 'empty'
          ? answer(3, { text: '0 found', arguments: { leases: [] } })
          : answer(0, { arguments: { x: 1 } }),
    );
    expect(await channel.ask('list-commands')).toEqual({ list: ['a', 'b'] });
    expect(await channel.ask('empty')).toEqual({});
    expect(await channel.ask('other', { large: 'x'.repeat(3_000_000) })).toEqual({ x: 1 });
  });

  it.each([1, 2, 4])('hands on the words of an error (result %s)', async (result) => {
    await listen(() => answer(result, { text: 'no such thing' }));
    await expect(channel.ask('config-set')).rejects.toMatchObject({
      code: 'DHCP_SERVER_REFUSED',
      values: { server: 'kea', what: 'config-set', reason: 'no such thing' },
    });
  });

  it.each([
    ['broken off', '{ "result": 0, "argum', /broke off after 21 bytes/],
    ['empty', '', /broke off after 0 bytes/],
    ['of somebody else', '{ "hello": 1 }', /none of Kea/],
    ['no map', '7', /none of Kea/],
  ])('does not take for an answer what is %s', async (_what, text, reason) => {
    await listen(() => text);
    await expect(channel.ask('config-get')).rejects.toMatchObject({
      code: 'DHCP_SERVER_UNREACHABLE',
      values: { server: 'kea', reason: expect.stringMatching(reason) },
    });
  });

  it('is given up where nothing comes, and where nobody is', async () => {
    await listen(() => undefined, 300);
    await expect(channel.ask('config-get')).rejects.toMatchObject({
      code: 'DHCP_SERVER_UNREACHABLE',
      values: { reason: expect.stringContaining('no answer within 0.3 s') },
    });
    const nobody = keaChannel({ socket: join(directory, 'none') }, { name: 'kea' });
    await expect(nobody.ask('config-get')).rejects.toMatchObject({ code: 'DHCP_SERVER_UNREACHABLE' });
  });
});

describe('HTTP', () => {
  it('sends a password, takes the list of an agent, and tells refusals from faults', async () => {
    const seen: unknown[] = [];
    const http = createHttpServer((request, response) => {
      seen.push(request.headers.authorization);
      response.statusCode = Number(request.url?.slice(1));
      response.end('[{ "result": 0, "arguments": { "x": 1.0 } }]');
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const asked = async (path: string) => {
      const agent = keaChannel({ url: url + path, user: 'u', password: 'p' }, { name: 'kea' });
      try {
        return await agent.ask('status-get');
      } finally {
        agent.close();
      }
    };
    try {
      expect(await asked('/200')).not.toEqual({});
      expect(seen).toEqual(['Basic dTpw']);
      await expect(asked('/401')).rejects.toMatchObject({ code: 'DHCP_SERVER_REFUSED' });
      await expect(asked('/503')).rejects.toMatchObject({ code: 'DHCP_SERVER_UNREACHABLE' });
    } finally {
      await new Promise((resolve) => http.close(resolve));
    }
  });
});

/** A stand-in for a Kea with libdhcp_host_cmds.so and a database: Debian's Kea 2.2 comes without that hook. */
class HookedKea {
  readonly stored: JsonMap[] = [];
  readonly commands: string[] = [];
  dhcp4: JsonMap = {
    'hosts-databases': [{ type: 'postgresql' }],
    subnet4: [
      { id: 7, subnet: '10.0.0.0/24', reservations: [] },
      { id: 8, subnet: '10.1.0.0/24', reservations: [] },
    ],
  };
  /** MAC addresses that the database takes no reservation for. */
  readonly refused = new Set<string>();

  respond({ command, arguments: said }: JsonMap): string {
    const args = mapOf(said);
    this.commands.push(String(command));
    switch (command) {
      case 'list-commands':
        return answer(0, { arguments: ['reservation-add', 'reservation-del', 'reservation-get-all'] });
      case 'config-get':
        return answer(0, { arguments: { Dhcp4: this.dhcp4 } });
      case 'config-set':
        this.dhcp4 = mapOf(args.Dhcp4);
        return answer(0);
      case 'reservation-get-all': {
        const hosts = this.stored.filter((each) => each['subnet-id'] === args['subnet-id']);
        return hosts.length === 0 ? answer(3, { text: '0 hosts' }) : answer(0, { arguments: { hosts } });
      }
      case 'reservation-add': {
        const added = mapOf(args.reservation);
        if (this.refused.has(String(added['hw-address'])))
          return answer(1, { text: 'Database duplicate entry error' });
        this.stored.push(added);
        return answer(0, { text: 'Host added.' });
      }
      case 'reservation-del': {
        const at = this.stored.findIndex(
          (each) => each['hw-address'] === args.identifier && each['subnet-id'] === args['subnet-id'],
        );
        if (at < 0) return answer(3, { text: 'Host not deleted (not found).' });
        this.stored.splice(at, 1);
        return answer(0, { text: 'Host deleted.' });
      }
      default:
        return answer(0);
    }
  }
}

describe('reservations in a database', () => {
  const wanted = (...hosts: readonly { name: string; mac: string; ip: string }[]) => ({
    server: '10.0.0.1',
    script: 'http://10.0.0.1/s',
    rules: [],
    hosts,
    subnets: [],
  });
  const [A, B] = [
    { name: 'a', mac: '52:54:00:00:00:01', ip: '10.0.0.5' },
    { name: 'b', mac: '52:54:00:00:00:02', ip: '10.1.0.6' },
  ];

  it('are added, changed and taken out there, those of others left alone, and those in the configuration move over', async () => {
    const kea = new HookedKea();
    const theirs = {
      'subnet-id': 7,
      'hw-address': '52:54:00:00:00:99',
      'ip-address': '10.0.0.9',
      hostname: 'printer',
    };
    kea.stored.push(theirs);
    const [first, second] = listOf(kea.dhcp4.subnet4).map(mapOf);
    const before = {
      hostname: 'a',
      'hw-address': A.mac,
      'ip-address': '10.0.0.4',
      'user-context': { chainboot: {} },
    };
    kea.dhcp4 = { ...kea.dhcp4, subnet4: [{ ...first, reservations: [before] }, second!] };
    const driver = keaDriver({ name: 'kea', door: { socket: await listen((asked) => kea.respond(asked)) } });
    const keep = async (outline: ReturnType<typeof wanted>) => {
      const plan = driver.plan(outline, await driver.present());
      const names: string[] = [];
      await driver.apply(plan, outline, ({ op, what, name }) => {
        if (what === 'reservation') names.push(`${op} ${name}`);
      });
      return names;
    };
    expect(await keep(wanted(A, B))).toEqual(['change a', 'add b']);
    expect(kea.dhcp4.subnet4).toEqual([{ ...first, reservations: [] }, second]);
    expect(kea.stored).toMatchObject([
      theirs,
      { hostname: 'a', 'subnet-id': 7 },
      { hostname: 'b', 'subnet-id': 8 },
    ]);
    expect(await keep(wanted(A, B))).toEqual([]);
    const moved = { ...B, ip: '10.0.0.7' };
    expect(await keep(wanted(moved))).toEqual(['remove a', 'change b']);
    expect(kea.stored).toMatchObject([theirs, { hostname: 'b', 'subnet-id': 7, 'ip-address': '10.0.0.7' }]);
    const { conflicts } = driver.plan(wanted({ ...A, ip: '10.0.0.9' }), await driver.present());
    expect(conflicts).toMatchObject([{ host: 'a', foreign: { name: 'printer' } }]);
    kea.refused.add('52:54:00:00:00:77');
    await expect(keep(wanted({ ...moved, mac: '52:54:00:00:00:77' }))).rejects.toMatchObject({
      code: 'DHCP_SERVER_REFUSED',
      values: { what: 'reservation-add', reason: 'Database duplicate entry error' },
    });
    expect(kea.stored).toMatchObject([theirs, { hostname: 'b', 'hw-address': B.mac }]);
    await driver.close();
  });
});

describe('changing the configuration', () => {
  /** A stand-in that fails where Kea itself can hardly be made to. */
  async function failing(fails: (command: string, nth: number) => boolean) {
    const counts = new Map<string, number>();
    let dhcp4: JsonMap = { subnet4: [{ id: 1, subnet: '10.0.0.0/24' }] };
    const first = dhcp4;
    const path = await listen(({ command, arguments: args }) => {
      const name = String(command);
      const nth = (counts.get(name) ?? 0) + 1;
      counts.set(name, nth);
      if (fails(name, nth)) return answer(1, { text: `${name} failed` });
      if (name === 'config-get') return answer(0, { arguments: { Dhcp4: dhcp4 } });
      if (name === 'config-set') dhcp4 = mapOf(mapOf(args).Dhcp4);
      return answer(0, name === 'list-commands' ? { arguments: [] } : {});
    });
    const driver = keaDriver({ name: 'kea', door: { socket: path } });
    const outline = {
      server: '10.0.0.1',
      script: 's',
      rules: [],
      hosts: [{ name: 'a', mac: '52:54:00:00:00:01', ip: '10.0.0.5' }],
      subnets: [],
    };
    const applied: string[] = [];
    const plan = driver.plan(outline, await driver.present());
    const done = driver.apply(plan, outline, ({ name }) => applied.push(name));
    return { done, applied, counts, isAsBefore: () => JSON.stringify(dhcp4) === JSON.stringify(first) };
  }

  it('is not begun where the file cannot be written', async () => {
    const { done, applied, counts } = await failing((command) => command === 'config-write');
    await expect(done).rejects.toMatchObject({
      code: 'DHCP_SERVER_REFUSED',
      values: { what: 'config-write' },
    });
    expect(counts.get('config-set')).toBeUndefined();
    expect(applied).toEqual([]);
  });

  it('is taken back where the file cannot be written any more', async () => {
    const { done, applied, isAsBefore } = await failing(
      (command, nth) => command === 'config-write' && nth > 1,
    );
    await expect(done).rejects.toMatchObject({
      code: 'DHCP_SERVER_REFUSED',
      values: { what: 'config-write' },
    });
    expect(isAsBefore()).toBe(true);
    expect(applied).toEqual([]);
  });

  /** A stand-in with the hashes of Kea 2.4 and later; somebody else adds a class whenever it is tested, `times` times. */
  async function contested(times: number) {
    let left = times;
    let dhcp4: JsonMap = { subnet4: [{ id: 1, subnet: '10.0.0.0/24' }], 'client-classes': [] };
    const hash = () => `${JSON.stringify(dhcp4).length}`;
    const path = await listen(({ command, arguments: args }) => {
      switch (command) {
        case 'list-commands':
          return answer(0, { arguments: ['config-hash-get'] });
        case 'config-get':
          return answer(0, { arguments: { Dhcp4: dhcp4, hash: hash() } });
        case 'config-hash-get':
          return answer(0, { arguments: { hash: hash() } });
        case 'config-test': {
          // Kea takes no hash back.
          if (mapOf(args).hash !== undefined) return answer(1, { text: "Unsupported 'hash' parameter." });
          const classes = [...listOf(dhcp4['client-classes']), { name: `theirs-${left}` }];
          if (left-- > 0) dhcp4 = { ...dhcp4, 'client-classes': classes };
          return answer(0);
        }
        case 'config-set':
          dhcp4 = mapOf(mapOf(args).Dhcp4);
          return answer(0);
        default:
          return answer(0);
      }
    });
    const driver = keaDriver({ name: 'kea', door: { socket: path } });
    const outline = { server: '10.0.0.1', script: 's', rules: [], hosts: [], subnets: [] };
    const plan = driver.plan(outline, await driver.present());
    const done = driver.apply(plan, outline, () => {});
    return { done, names: () => listOf(dhcp4['client-classes']).map((each) => mapOf(each).name) };
  }

  it('begins anew where somebody else was faster, and loses nothing of it', async () => {
    const { done, names } = await contested(2);
    await done;
    expect(names()).toEqual(['theirs-2', 'theirs-1', 'chainboot-ipxe']);
  });

  it('is given up where somebody else always is', async () => {
    const { done, names } = await contested(99);
    await expect(done).rejects.toMatchObject({ code: 'DHCP_SERVER_REFUSED', values: { what: 'config-set' } });
    expect(names()).not.toContain('chainboot-ipxe');
  });

  it('is refused where Kea shows stars in place of a password', async () => {
    const Dhcp4 = {
      'lease-database': { type: 'mysql', password: '*****' },
      subnet4: [{ id: 1, subnet: '10.0.0.0/24' }],
    };
    const asked: unknown[] = [];
    const path = await listen(({ command }) => {
      asked.push(command);
      return answer(0, { arguments: command === 'list-commands' ? [] : { Dhcp4 } });
    });
    const driver = keaDriver({ name: 'kea', door: { socket: path } });
    const outline = { server: '10.0.0.1', script: 's', rules: [], hosts: [], subnets: [] };
    const plan = driver.plan(outline, await driver.present());
    await expect(driver.apply(plan, outline, () => {})).rejects.toMatchObject({
      code: 'DHCP_SERVER_REFUSED',
      values: { reason: expect.stringContaining('"password"') },
    });
    expect(asked).not.toContain('config-set');
  });
});
