/** What a host lacks by itself: a card that is known, an address, a password. */

import { osOf } from '../../inventory/association.ts';
import type { EffectiveHost } from '../../inventory/hostgroup.ts';
import { type Site, subnetOfInterface } from '../../inventory/site.ts';
import { type Host, type Interface, type OsFamily, provisionInterface } from '../../inventory/types.ts';
import { contains, parseCidr } from '../../net/cidr.ts';
import type { BuildCheckDeps } from './deps.ts';
import { type Found, lack } from './lacks.ts';

/** Foreman's least length of a root password. */
const LEAST_PASSWORD = 8;

function provisionField(host: Host, field: keyof Interface): string {
  const nic = provisionInterface(host);
  return nic === undefined ? 'interfaces' : `interfaces.${host.interfaces.indexOf(nic)}.${field}`;
}

/** A bond or a bridge is known by the cards it is made of, a VLAN by the one it is on. */
export function machineLacks(host: Host): Found {
  const nic = provisionInterface(host);
  const below = host.interfaces.filter(
    ({ identifier }) =>
      identifier !== undefined &&
      (identifier === nic?.attached_to || nic?.attached_devices?.includes(identifier)),
  );
  if ([nic, ...below].some((each) => each?.mac !== undefined)) return {};
  return { errors: [lack('no-mac', provisionField(host, 'mac'))] };
}

/** Beside another DHCP server, that one gives the address. */
export function addressLacks({ links }: BuildCheckDeps, site: Site, host: Host): Found {
  const nic = provisionInterface(host);
  if (nic === undefined || nic.ip !== undefined || nic.ip6 !== undefined) return {};
  const subnet = subnetOfInterface(site, nic);
  const none = (reason: string): Found => ({
    errors: [lack('no-address', provisionField(host, 'ip'), { reason })],
  });
  if (subnet?.boot_mode === 'Static')
    return none(`hosts of the subnet ${subnet.name} have addresses of their own`);
  const served = links();
  if (served.some(({ mode }) => mode !== 'server')) return {};
  if (subnet !== undefined)
    return subnet.from === undefined ? none(`the subnet ${subnet.name} has no pool`) : {};
  const pools = site.list('subnets').filter(({ from }) => from !== undefined);
  const reached = pools.some(({ network, relay, shared_network }) => {
    const cidr = parseCidr(network);
    const here = cidr !== undefined && served.some(({ address }) => contains(cidr, address));
    return here || relay !== undefined || shared_network !== undefined;
  });
  if (reached) return {};
  const elsewhere = { warnings: none('no subnet of a served link has a pool').errors! };
  return pools.length > 0 ? elsewhere : none('no subnet has a pool');
}

const PASSWORDLESS: readonly OsFamily[] = ['Coreos', 'Fcos', 'Rhcos', 'Talos', 'Rancheros'];
/** crypt(5): `$6$salt$hash` and its like, or the thirteen characters of DES. */
const CRYPT = /^(?:\$[\w-]+\$.+|[./0-9A-Za-z]{13})$/;

export function passwordLacks(site: Site, host: EffectiveHost): Found {
  const os = osOf(site, host);
  const setting = site.get('settings', 'root_pass')?.value;
  const password = host.root_pass ?? (typeof setting === 'string' ? setting : undefined);
  if (os === undefined || PASSWORDLESS.includes(os.family)) return {};
  if (password === undefined || password === '') return { warnings: [lack('no-password', 'root_pass')] };
  // Windows takes the password itself, in base64.
  if (CRYPT.test(password) || os.family === 'Windows' || os.password_hash?.startsWith('Base64')) return {};
  if (password.length < LEAST_PASSWORD)
    return { errors: [lack('password-short', 'root_pass', { least: LEAST_PASSWORD })] };
  return { warnings: [lack('password-plain', 'root_pass')] };
}
