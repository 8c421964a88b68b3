/**
 * What a site sets up by hand today: isc-dhcpd with the rule for iPXE, nginx with a script, kernel and initrd.
 * dnsmasq only sends the router advertisement with lifetime 0 that Chainboot sends by itself; without one,
 * iPXE waits 13 s for IPv6 in every DHCP.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
  next-server 10.77.0.1;
  option ipxe.no-pxedhcp 1;
  if exists user-class { filename "http://10.77.0.1/boot.ipxe"; } else { filename "undionly.kpxe"; }
}
`;

const NGINX = (directory) => `daemon off;
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

/** Starts the three in the lab; resolves with a function that stops them. */
export async function startPeers(lab, directory, link) {
  mkdirSync(join(directory, 'www'), { recursive: true });
  link(join(directory, 'www/debian'));
  writeFileSync(join(directory, 'www/boot.ipxe'), SCRIPT);
  writeFileSync(join(directory, 'dhcpd.conf'), DHCPD);
  writeFileSync(join(directory, 'dhcpd.leases'), '');
  writeFileSync(join(directory, 'nginx.conf'), NGINX(directory));
  lab.exec(['ip', 'address', 'add', 'fd77::1/64', 'dev', lab.bridge, 'nodad']);
  const commands = [
    [...['dhcpd', '-f', '-q', '-4', '-cf', `${directory}/dhcpd.conf`], ...['-lf', `${directory}/dhcpd.leases`], ...['-pf', `${directory}/dhcpd.pid`, lab.bridge]],
    ['nginx', '-e', 'stderr', '-c', `${directory}/nginx.conf`],
    [...['dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--port=0', '--user=root'], ...[`--pid-file=${directory}/dnsmasq.pid`, '--enable-ra', '--dhcp-range=fd77::,ra-only'], `--ra-param=${lab.bridge},0,0`],
  ];
  const children = await Promise.all(commands.map((command) => startChild(lab.inside(command), { onErrorLine: console.error })));
  return async () => {
    await Promise.all(children.map((child) => child.stop()));
  };
}
