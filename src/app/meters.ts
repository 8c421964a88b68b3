/** What `/metrics` tells, put together from what is running; it outlives a reload of the servers. */

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Registry, type Sample } from '../ops/metrics.ts';
import type { Inventory } from '../service/inventory.ts';
import { type BootMeters, bootMeters } from '../service/meters.ts';

export type Meters = BootMeters & {
  readonly registry: Registry;
  /** Gauges of servers that may be opened anew: the newest one is read. */
  readonly source: (name: string, read: () => readonly Sample[]) => void;
  close(): void;
};

/** Gauges that a server gives while it runs. */
const OF_SERVERS = [
  [
    'chainboot_dhcp_packets_total',
    'DHCP packets by what came of them, since the servers were opened.',
    'counter',
  ],
  [
    'chainboot_neighbours',
    'Other DHCP servers, proxies and relays that were heard, by link, role and conflict.',
    'gauge',
  ],
  [
    'chainboot_syslog_lines_total',
    'Lines of syslog that arrived, by what became of them, since the servers were opened.',
    'counter',
  ],
  [
    'chainboot_smart_proxy_hosts',
    'Hosts with something on a smart proxy that this server drives, by proxy and by how far it is.',
    'gauge',
  ],
  ['chainboot_dhcp_server_up', 'Whether a DHCP server that is kept in step is so.', 'gauge'],
  [
    'chainboot_dhcp_server_changes_total',
    'What was changed at DHCP servers that are kept in step.',
    'counter',
  ],
  ['chainboot_smart_proxy_up', 'Whether a smart proxy that this server drives takes orders.', 'gauge'],
] as const;

export function openMeters(inventory: Inventory): Meters {
  const registry = new Registry();
  const sources = new Map<string, () => readonly Sample[]>();
  const boots = bootMeters(registry);
  for (const [name, help, type] of OF_SERVERS)
    registry.gauge(name, help, () => sources.get(name)?.() ?? [], type);
  inventoryGauges(registry, inventory);
  const stop = processGauges(registry);
  return { ...boots, registry, source: (name, read) => sources.set(name, read), close: stop };
}

function inventoryGauges(registry: Registry, { site }: Inventory): void {
  registry.gauge('chainboot_hosts', 'Hosts by whether they are in build mode.', () => {
    const hosts = site.list('hosts');
    let building = 0;
    for (const { build } of hosts) if (build) building++;
    return [
      { labels: { build: 'true' }, value: building },
      { labels: { build: 'false' }, value: hosts.length - building },
    ];
  });
  registry.gauge(
    'chainboot_held_machines',
    'Machines without a host that are held for going in circles.',
    () => [{ value: site.list('holds').length }],
  );
}

/** Under the names that every exporter uses. */
function processGauges(registry: Registry): () => void {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const one = (value: number): readonly Sample[] => [{ value }];
  registry.gauge('process_resident_memory_bytes', 'Memory that is in use.', () =>
    one(process.memoryUsage.rss()),
  );
  registry.gauge(
    'process_cpu_seconds_total',
    'User and system time.',
    () => {
      const { user, system } = process.cpuUsage();
      return one((user + system) / 1e6);
    },
    'counter',
  );
  registry.gauge('process_start_time_seconds', 'Seconds since 1970.', () =>
    one(Math.round(performance.timeOrigin / 1000)),
  );
  registry.gauge(
    'nodejs_eventloop_lag_p99_seconds',
    'How long answers had to wait, since the last scrape.',
    () => {
      const value = delay.percentile(99) / 1e9;
      delay.reset();
      return one(value);
    },
  );
  return () => delay.disable();
}

/** One sample a key. */
export function samples(label: string, counts: Readonly<Record<string, number>>): readonly Sample[] {
  return Object.entries(counts).map(([key, value]) => ({ labels: { [label]: key }, value }));
}
