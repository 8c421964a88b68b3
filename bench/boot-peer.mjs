/**
 * What a site sets up by hand today: isc-dhcpd with the rule for iPXE, nginx with a script, kernel and initrd.
 * dnsmasq only sends the router advertisement with lifetime 0 that Chainboot sends by itself; without one,
 * iPXE waits 13 s for IPv6 in every DHCP.
 */

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from '../dist/lab/child.js';

const SCRIPT = `#!ipxe
kernel http://10.77.0.1/debian/linux initrd=initrd.gz console=ttyS0 auto=true url=http://10.77.0.1/preseed.cfg netcfg/choose_interface=auto BOOTIF=01-\${netX/mac:hexhyp}
initrd http://10.77.0.1/debian/initrd.gz
boot
`;

const DHCPD = `authoritative;
ping-check false;
option space ipxe;
option ipxe-encap code 175 = encapsulate ipxe;
option ipxe.no-pxedhcp code 176 = unsigned integer 8;
host vm1 { hardware ethernet 52:54:00:77:00:10; fixed-address 10.77.0.50; }
subnet 10.77.0.0 netmask 255.255.255.0 {
  option routers 10.77.0.1;
  option domain-name-servers 10.77.0.1;
  next-server 10.77.0.1;
  option ipxe.no-pxedhcp 1;
  if exists user-class { filename "http://10.77.0.1/boot.ipxe"; } else { filename "undionly.kpxe"; }
}
`;

const nginxConfig = (directory) => `daemon off;
user root;
pid ${directory}/nginx.pid;
error_log stderr;
worker_processes 1;
events { worker_connections 256; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  client_body_temp_path ${directory}/t1; proxy_temp_path ${directory}/t2; fastcgi_temp_path ${directory}/t3;
  uwsgi_temp_path ${directory}/t4; scgi_temp_path ${directory}/t5;
  server { listen 10.77.0.1:80; root ${directory}/www; default_type text/plain; }
}
`;

/**
 * Starts the three in the lab.
 * @param files directory with linux and initrd.gz
 * @returns a function that stops them
 */
export async function startPeers(lab, directory, files) {
  mkdirSync(join(directory, 'www'), { recursive: true });
  symlinkSync(files, join(directory, 'www/debian'));
  writeFileSync(join(directory, 'www/boot.ipxe'), SCRIPT);
  writeFileSync(join(directory, 'dhcpd.conf'), DHCPD);
  writeFileSync(join(directory, 'dhcpd.leases'), '');
  writeFileSync(join(directory, 'nginx.conf'), nginxConfig(directory));
  lab.exec(['ip', 'address', 'add', 'fd77::1/64', 'dev', lab.bridge, 'nodad']);
  const children = await Promise.all(commands(lab, directory).map((command) => startPeer(lab, command)));
  return async () => {
    await Promise.all(children.map((child) => child.stop()));
  };
}

function commands(lab, directory) {
  const file = (name) => join(directory, name);
  const dhcpd = ['-cf', file('dhcpd.conf'), '-lf', file('dhcpd.leases'), '-pf', file('dhcpd.pid')];
  const dnsmasq = ['--keep-in-foreground', '--conf-file=/dev/null', '--port=0', '--user=root', '--enable-ra'];
  const advertisements = ['--dhcp-range=fd77::,ra-only', `--ra-param=${lab.bridge},0,0`];
  return [
    ['dhcpd', '-f', '-4', ...dhcpd, lab.bridge],
    ['nginx', '-e', 'stderr', '-c', file('nginx.conf')],
    ['dnsmasq', ...dnsmasq, ...advertisements, `--pid-file=${file('dnsmasq.pid')}`],
  ];
}

/** A peer that ends at once has a complaint worth reading. */
async function startPeer(lab, command) {
  const said = [];
  const child = await startChild(lab.inside(command), { onErrorLine: (line) => said.push(line) });
  const early = await Promise.race([child.exited, sleep(500)]);
  if (early !== undefined) throw new Error(`${command[0]} ended at once: ${said.join('\n')}`);
  return child;
}
