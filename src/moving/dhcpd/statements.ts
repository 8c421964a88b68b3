/** Statements of dhcpd.conf that a site has no field for, and why nothing is lost by that, or who has to look. */

type Word = { readonly outcome: 'left' | 'human'; readonly why: string };

const left = (why: string): Word => ({ outcome: 'left', why });
const human = (why: string): Word => ({ outcome: 'human', why });

const OWN = left('Chainboot needs no such setting');
const DDNS = left('Chainboot writes no DNS records');

const WORDS: ReadonlyMap<string, Word> = new Map(
  Object.entries({
    'next-server': left('Chainboot serves the loaders itself'),
    'server-name': left('Chainboot serves the loaders itself'),
    'max-lease-time': left('every client gets lease_time'),
    'min-lease-time': left('every client gets lease_time'),
    'dynamic-bootp-lease-length': left('BOOTP clients get no addresses from pools'),
    'dynamic-bootp-lease-cutoff': left('BOOTP clients get no addresses from pools'),
    'ping-check': left('Chainboot looks whether somebody has an address before it gives it (links, probe)'),
    'ping-timeout': left('Chainboot looks whether somebody has an address before it gives it (links, probe)'),
    'ddns-update-style': DDNS,
    'ddns-updates': DDNS,
    'ddns-hostname': DDNS,
    'ddns-domainname': DDNS,
    'ddns-rev-domainname': DDNS,
    'ddns-ttl': DDNS,
    'ddns-guard-id-must-match': DDNS,
    'update-static-leases': DDNS,
    'update-optimization': DDNS,
    'update-conflict-detection': DDNS,
    'do-forward-updates': DDNS,
    zone: human('Chainboot writes no DNS records'),
    key: left('there is no OMAPI here and nothing writes DNS records: the key is needed no more'),
    'omapi-port': left('there is no OMAPI here: use the API of Chainboot'),
    'omapi-key': left('there is no OMAPI here: use the API of Chainboot'),
    failover: human('Chainboot has no failover protocol'),
    'use-host-decl-names': left('hosts are always told their names'),
    'get-lease-hostnames': left('hosts are always told their names'),
    'log-facility': OWN,
    'server-identifier': left('is the address of the link'),
    'local-address': left('links of the configuration say where it listens'),
    'always-broadcast': left('is tried with firmware that hears nothing else'),
    'always-reply-rfc1048': OWN,
    'one-lease-per-client': OWN,
    'stash-agent-options': OWN,
    'infinite-is-reserved': OWN,
    'adaptive-lease-time-threshold': OWN,
    'lease-file-name': OWN,
    'pid-file-name': OWN,
    'min-secs': OWN,
    'delayed-ack': OWN,
    'max-ack-delay': OWN,
    'db-time-format': OWN,
    'abandon-lease-time': OWN,
    'authoring-byte-order': OWN,
    'server-duid': OWN,
    'vendor-option-space': left('options in spaces of their own are not taken'),
    'site-option-space': left('options in spaces of their own are not taken'),
    range6: left('Chainboot gives no IPv6 addresses by DHCP'),
    prefix6: left('Chainboot gives no IPv6 addresses by DHCP'),
    on: human('commands at events have no counterpart'),
    execute: human('commands at events have no counterpart'),
    set: human('variables of dhcpd have no counterpart'),
    spawn: human('variables of dhcpd have no counterpart'),
    log: left('is not needed: chainboot boots shows what happened'),
    switch: human('depends on what the client sends; hosts and subnets do not, here'),
    subclass: human('classes have no counterpart: give the machines a hostgroup'),
    interface: left('links of the configuration say where it listens'),
  }),
);

const PERMITS: ReadonlyMap<string, Word> = new Map(
  Object.entries({
    'client-updates': DDNS,
    booting: human('machines that must not be answered: set enabled: false on their hosts'),
    'unknown-clients': human('here whoever asks on a subnet with a pool gets an address of it'),
    'known-clients': human('here whoever asks on a subnet with a pool gets an address of it'),
    bootp: left('BOOTP clients get no addresses from pools'),
    'dynamic bootp clients': left('BOOTP clients get no addresses from pools'),
    leasequery: left('Chainboot answers no lease queries'),
    declines: left('declined addresses rest for a lease time'),
    duplicates: left('a machine is its MAC address here'),
  }),
);

const UNKNOWN = human('has no counterpart here');

/** `words` of the statement without the semicolon. */
export function fateOf(words: readonly string[]): Word {
  const [first = '', ...rest] = words;
  if (/^(allow|deny|ignore)$/.test(first)) {
    const permit = PERMITS.get(rest.join(' ')) ?? UNKNOWN;
    return first === 'allow' && permit !== UNKNOWN ? left(permit.why) : permit;
  }
  return WORDS.get(first) ?? UNKNOWN;
}
