/** dnsmasq.leases: `expiry mac address name client-id`, one lease a line; those of IPv6 behind a line with the server's DUID. */

import { parseIpv4 } from '../../net/ip.ts';
import { parseMac } from '../../net/mac.ts';
import type { OutsideLease } from '../types.ts';

export function leasesOf(text: string): readonly OutsideLease[] {
  return text.split('\n').flatMap((line) => {
    const [expiry = '', mac = '', ip = '', name = '*'] = line.trim().split(/\s+/);
    const parsed = parseMac(mac.replace(/^0?1-(?=..:)/, ''));
    if (parsed === undefined || parseIpv4(ip) === undefined || !/^\d+$/.test(expiry)) return [];
    // 0: for ever.
    const ends = Number(expiry) * 1000;
    return [{ mac: parsed, ip, ...(name !== '*' && { hostname: name }), ...(ends > 0 && { ends }) }];
  });
}
