/**
 * The DHCP servers people use, each set up for the same job: a pool of 260000 addresses on s0, leases of ten
 * minutes, no ping before an offer, a boot file, nothing logged for a packet.
 */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NETWORK, SERVER_ADDRESS, SERVER_DEVICE } from './cable.mjs';

const LEASE_SECONDS = 600;
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** Name, and how to start it: `prepare` writes its files into a directory of its own and returns the command. */
export const SERVERS = [
  { name: 'Chainboot', durable: 'fdatasync', prepare: chainboot },
  { name: 'Kea, 2 threads', durable: 'no', prepare: kea },
  { name: 'ISC dhcpd', durable: 'fsync', prepare: dhcpd },
  { name: 'dnsmasq', durable: 'fsync', prepare: dnsmasq },
];

function chainboot(directory) {
  const config = join(directory, 'chainboot.yaml');
  const site = join(directory, 'site.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      database: join(directory, 'chainboot.db'),
      links: [{ interface: SERVER_DEVICE, mode: 'server' }],
      log: { level: 'warn' },
    }),
  );
  writeFileSync(
    site,
    JSON.stringify({
      subnets: [
        {
          name: 'bench',
          network: `${NETWORK.address}/${NETWORK.prefix}`,
          gateway: SERVER_ADDRESS,
          dns_primary: SERVER_ADDRESS,
          from: NETWORK.first,
          to: NETWORK.last,
          lease_time: LEASE_SECONDS,
        },
      ],
    }),
  );
  execFileSync(process.execPath, [MAIN, 'apply', '-f', site, '--config', config], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return { command: [process.execPath, MAIN, 'serve', '--config', config] };
}

function kea(directory) {
  const config = join(directory, 'kea.json');
  writeFileSync(
    config,
    JSON.stringify({
      Dhcp4: {
        'interfaces-config': { interfaces: [SERVER_DEVICE], 'dhcp-socket-type': 'udp' },
        'multi-threading': { 'enable-multi-threading': true, 'thread-pool-size': 2, 'packet-queue-size': 64 },
        'lease-database': {
          type: 'memfile',
          persist: true,
          name: join(directory, 'kea.csv'),
          'lfc-interval': 0,
        },
        'valid-lifetime': LEASE_SECONDS,
        'boot-file-name': 'pxelinux.0',
        'next-server': SERVER_ADDRESS,
        subnet4: [
          {
            subnet: `${NETWORK.address}/${NETWORK.prefix}`,
            pools: [{ pool: `${NETWORK.first} - ${NETWORK.last}` }],
            'option-data': [{ name: 'routers', data: SERVER_ADDRESS }],
          },
        ],
        loggers: [{ name: 'kea-dhcp4', severity: 'ERROR', output_options: [{ output: 'stderr' }] }],
      },
    }),
  );
  const env = { KEA_PIDFILE_DIR: directory, KEA_LOCKFILE_DIR: directory };
  return { command: ['kea-dhcp4', '-c', config], env };
}

function dhcpd(directory) {
  const [config, leases] = [join(directory, 'dhcpd.conf'), join(directory, 'dhcpd.leases')];
  writeFileSync(leases, '');
  writeFileSync(
    config,
    `authoritative; ping-check false; log-facility local7;
     default-lease-time ${LEASE_SECONDS}; max-lease-time ${LEASE_SECONDS};
     subnet ${NETWORK.address} netmask ${NETWORK.mask} {
       # Enough for what it manages in the time; a larger pool only makes it slower.
       range ${NETWORK.first} 10.96.64.255;
       option routers ${SERVER_ADDRESS}; next-server ${SERVER_ADDRESS}; filename "pxelinux.0";
     }\n`,
  );
  const pid = join(directory, 'dhcpd.pid');
  return { command: ['dhcpd', '-4', '-f', '-q', '-cf', config, '-lf', leases, '-pf', pid, SERVER_DEVICE] };
}

function dnsmasq(directory) {
  return {
    command: [
      ...['dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--port=0', '--user=root', '--no-ping'],
      ...['--quiet-dhcp', '--dhcp-authoritative', '--dhcp-lease-max=300000', `--interface=${SERVER_DEVICE}`],
      `--dhcp-range=${NETWORK.first},${NETWORK.last},${NETWORK.mask},${LEASE_SECONDS}`,
      `--dhcp-leasefile=${join(directory, 'dnsmasq.leases')}`,
      ...[`--dhcp-boot=pxelinux.0,,${SERVER_ADDRESS}`, `--pid-file=${join(directory, 'dnsmasq.pid')}`],
    ],
  };
}
