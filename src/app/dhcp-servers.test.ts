import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CONFIG_SCHEMA, type Config } from '../config/schema.ts';
import { Inventory } from '../service/inventory.ts';
import { memoryInventory } from '../store/memory/inventory.ts';
import { DhcpServers } from './dhcp-servers.ts';
import { openMeters } from './meters.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'chainboot-dhcp-servers-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

async function opened(server: object): Promise<{ servers: DhcpServers; end: () => Promise<void> }> {
  const config: Config = CONFIG_SCHEMA.parse({
    database: join(directory, 'chainboot.db'),
    links: [{ interface: 'lo', mode: 'off' }],
    dhcp_servers: [server],
  });
  const inventory = await Inventory.open(memoryInventory(), {});
  const meters = openMeters(inventory);
  const servers = new DhcpServers({ core: { inventory, meters }, config: () => config, log: () => {} });
  return {
    servers,
    end: async () => {
      await servers.close();
      meters.close();
    },
  };
}

it('tells of a server whose secret cannot be read, and tries again with the next reload', async () => {
  const file = join(directory, 'password');
  const control = { control: 'http://127.0.0.1:1/', user: 'chainboot', password_file: file };
  const { servers, end } = await opened({ name: 'kea', kind: 'kea', ...control });
  await servers.start();
  expect(servers.states).toMatchObject([{ name: 'kea', ok: false, error: { code: 'CONFIG_UNREADABLE' } }]);
  writeFileSync(file, 'secret\n');
  await servers.start();
  await expect
    .poll(() => servers.states[0]?.error?.code, { timeout: 20_000 })
    .toBe('DHCP_SERVER_UNREACHABLE');
  await end();
});

it('does not begin what has ended', async () => {
  const { servers, end } = await opened({ name: 'office', kind: 'dnsmasq', hosts_directory: directory });
  await end();
  await servers.start();
  expect(servers.states).toEqual([]);
});
