/** Keys of Kea that a site has no field for, and why nothing is lost by that, or who has to look. */

type Fate = { readonly outcome: 'left' | 'human'; readonly why: string };

const left = (why: string): Fate => ({ outcome: 'left', why });
const human = (why: string): Fate => ({ outcome: 'human', why });

const LEASE = left('every client gets lease_time, renews at a half and rebinds at seven eighths of it');
const DDNS = left('Chainboot writes no DNS records');
const CLASS = human('depends on the class of the client; here a subnet is for whoever is on its wire');

const FATES: ReadonlyMap<string, Fate> = new Map(
  Object.entries({
    'interfaces-config': left('links of the configuration say where DHCP is answered'),
    interface: left('links of the configuration say where DHCP is answered'),
    'next-server': left('Chainboot serves the loaders itself'),
    'server-hostname': left('Chainboot serves the loaders itself'),
    'hooks-libraries': human('hooks have no counterpart'),
    'hosts-database': human('reservations in a database are not read'),
    'hosts-databases': human('reservations in a database are not read'),
    'config-control': human('configuration in a database is not read'),
    'renew-timer': LEASE,
    'rebind-timer': LEASE,
    'min-valid-lifetime': LEASE,
    'max-valid-lifetime': LEASE,
    't1-percent': LEASE,
    't2-percent': LEASE,
    'calculate-tee-times': LEASE,
    'dhcp-ddns': DDNS,
    'client-class': CLASS,
    'client-classes': CLASS,
    'require-client-classes': human('depends on the class of the client'),
    'evaluate-additional-classes': human('depends on the class of the client'),
    '4o6-interface': human('DHCPv4 over DHCPv6 has no counterpart'),
    '4o6-interface-id': human('DHCPv4 over DHCPv6 has no counterpart'),
    '4o6-subnet': human('DHCPv4 over DHCPv6 has no counterpart'),
    'echo-client-id': left('the client identifier always comes back (RFC 6842)'),
    'match-client-id': left('clients are told apart by their MAC address'),
    'Control-agent': left('use the API of Chainboot'),
    DhcpDdns: DDNS,
    NetConf: left('use the API of Chainboot'),
    Logging: left('Chainboot logs in its own way'),
    'pd-pools': left('Chainboot gives no IPv6 addresses by DHCP'),
  }),
);

const OTHER = left('has no counterpart here, and needs none');

export function fateOf(key: string): Fate {
  return FATES.get(key) ?? (key.startsWith('ddns-') ? DDNS : OTHER);
}
