/** Kea: the parts of "Dhcp4", as JSON with comments, which Kea reads. */

import {
  archNames,
  holds,
  type LoaderRule,
  type Outline,
  type OutlinedHost,
  type OutlinedSubnet,
} from './outline.ts';

type Said = { readonly comment: string } & Readonly<Record<string, unknown>>;

export type KeaClass = {
  /** For people; Kea itself keeps it as a part of the user context. */
  readonly comment: string;
  /** Begins with `chainboot-`. */
  readonly name: string;
  readonly test: string;
  readonly 'next-server'?: string;
  readonly 'boot-file-name'?: string;
  readonly 'option-data'?: readonly Readonly<Record<string, string | number | boolean>>[];
};

const IPXE = "(option[175].exists or substring(option[77].hex, 0, 4) == 'iPXE')";

export function keaConfig(outline: Outline): string {
  const { hosts, subnets } = outline;
  const inNoSubnet = hosts.filter(({ ip }) => !subnets.some((subnet) => holds(subnet, ip)));
  return [
    '// Kea: machines boot from Chainboot. Merge this into "Dhcp4" of /etc/kea/kea-dhcp4.conf, or include it there:',
    '//     "Dhcp4": { "interfaces-config": …, <?include "/etc/kea/chainboot.json"?> }',
    '// then: kea-dhcp4 -t /etc/kea/kea-dhcp4.conf && systemctl restart kea-dhcp4-server',
    '',
    '// Who asks, most particular first: of two classes with a boot file, the first one counts.',
    `"client-classes": ${list(keaClasses(outline))}`,
    ...(subnets.length > 0
      ? [
          ',',
          '// The subnets with their hosts; leave them out (--no-subnets) where they are declared already.',
          `"subnet4": ${list(subnets.map((subnet, i) => subnetOf(subnet, i + 1, hosts)))}`,
        ]
      : []),
    ...(inNoSubnet.length > 0
      ? [
          ',',
          '// Hosts, wherever they ask: the subnets they are in are not declared here.',
          '"reservations-global": true,',
          '"reservations-in-subnet": true,',
          `"reservations": ${list(inNoSubnet.map((host) => ({ comment: host.name, ...reservation(host) })))}`,
        ]
      : []),
    '',
  ].join('\n');
}

/** Hosts whose PXE loader is `None`: no class names a boot file for them. */
const LEFT_ALONE = 'chainboot-left-alone';

/** Who gets which boot file. Of several that match, the first one counts: keep their order. */
export function keaClasses({ server, script, rules, hosts }: Outline): readonly KeaClass[] {
  const alone = hosts.filter(({ own }) => own?.loader === 'None');
  // A class cannot take a boot file away, so those that name one have to look.
  const more = alone.length > 0 ? ` and not member('${LEFT_ALONE}')` : '';
  return [
    {
      comment: 'An iPXE runs a script, which finds the host; this is what breaks the chainload loop.',
      name: 'chainboot-ipxe',
      test: IPXE,
      'next-server': server,
      'boot-file-name': script,
      // 176, no-pxedhcp: it need not wait for a proxy.
      'option-data': [{ code: 175, space: 'dhcp4', 'csv-format': false, data: 'B00101' }],
    },
    ...(alone.length > 0 ? [leftAlone(alone)] : []),
    ...hosts.flatMap((host) => ownClasses(host, server)),
    ...rules.map((rule, i) => loaderClass(`chainboot-loader-${i + 1}`, archNames(rule), rule, server, more)),
  ];
}

function leftAlone(hosts: readonly OutlinedHost[]): KeaClass {
  const names = hosts.map(({ name }) => name).join(', ');
  return {
    comment: `PXE loader None: ${names}`,
    name: LEFT_ALONE,
    test: hosts.map(({ mac }) => isMac(mac)).join(' or '),
  };
}

function isMac(mac: string): string {
  return `pkt4.mac == 0x${mac.replaceAll(':', '')}`;
}

function loaderClass(
  name: string,
  comment: string,
  rule: LoaderRule,
  server: string,
  more: string,
): KeaClass {
  const vendor = rule.http ? 'HTTPClient' : 'PXEClient';
  const wanted = `substring(option[60].hex, 0, ${vendor.length}) == '${vendor}'`;
  return {
    comment,
    name,
    test: `not ${IPXE} and ${wanted} and (${archTest(rule)})${more}`,
    'next-server': server,
    'boot-file-name': rule.file,
    // OVMF ignores an answer that does not say so.
    ...(rule.http && {
      'option-data': [{ name: 'vendor-class-identifier', data: vendor, 'always-send': true }],
    }),
  };
}

function ownClasses({ name, mac, own }: OutlinedHost, server: string): readonly KeaClass[] {
  return (own?.rules ?? []).map((rule, i) =>
    loaderClass(
      `chainboot-host-${name}-${i + 1}`,
      `${name}: PXE loader ${own?.loader}`,
      rule,
      server,
      ` and ${isMac(mac)}`,
    ),
  );
}

/** Old ROMs send no option 93: they are BIOS. */
function archTest({ arches }: LoaderRule): string {
  const tests = arches.map(({ code }) => `option[93].hex == 0x${code.toString(16).padStart(4, '0')}`);
  const old = arches.some(({ code }) => code === 0) ? ['not option[93].exists'] : [];
  return [...tests, ...old].join(' or ');
}

function subnetOf(subnet: OutlinedSubnet, id: number, hosts: readonly OutlinedHost[]): Said {
  const { name, cidr, range, gateway, dns, domain, leaseTime } = subnet;
  const options = [
    ...(gateway ? [{ name: 'routers', data: gateway }] : []),
    ...(dns.length > 0 ? [{ name: 'domain-name-servers', data: dns.join(', ') }] : []),
    ...(domain ? [{ name: 'domain-name', data: domain }] : []),
  ];
  return {
    comment: name,
    id,
    subnet: cidr,
    'valid-lifetime': leaseTime,
    ...(range && { pools: [{ pool: `${range.from} - ${range.to}` }] }),
    ...(options.length > 0 && { 'option-data': options }),
    reservations: hosts.filter(({ ip }) => holds(subnet, ip)).map(reservation),
  };
}

function reservation({ name, mac, ip }: OutlinedHost) {
  return { hostname: name, 'hw-address': mac, 'ip-address': ip };
}

/** Kea takes `comment` as a key of its own ("user-context"), but a line above reads better. */
function list(entries: readonly Said[]): string {
  const told = entries.map(({ comment, ...entry }) => {
    const json = JSON.stringify(entry, null, 2).replaceAll('\n', '\n  ');
    return `  // ${comment}\n  ${json}`;
  });
  return `[\n${told.join(',\n')}\n]`;
}
