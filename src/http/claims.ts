/** What a request says of the machine it comes from (Foreman: unattended_installation/host_finder). */

import type { Claims } from '../boot/identify.ts';
import { type Mac, parseMac } from '../net/mac.ts';
import type { BootRequest, Headers } from './request.ts';

/** Anaconda's `inst.ks.sendmac`: `X-RHN-Provisioning-MAC-0: eth0 52:54:00:77:00:10`, numbered without gaps. */
const MAC_HEADER = 'x-rhn-provisioning-mac-';
const MAX_MACS = 64;

export function claimsOf(request: BootRequest): Claims {
  // Junos adds the suffix of the file type it expects.
  const token = request.query.get('token')?.replace(/\.slax$/, '');
  const reported = request.query.getAll('mac').map(parseMac);
  const all = [...headerMacs(request.headers), ...reported].filter((mac) => mac !== undefined);
  // The card that asks comes first, and again in the list of all cards.
  const macs = [...new Set(all)];
  return { address: request.remote.address, macs: macs.slice(0, MAX_MACS), ...(token && { token }) };
}

function headerMacs(headers: Headers): readonly (Mac | undefined)[] {
  const macs: (Mac | undefined)[] = [];
  for (let i = 0; i < MAX_MACS; i++) {
    const value = headers[`${MAC_HEADER}${i}`];
    if (typeof value !== 'string') break;
    macs.push(parseMac(value.trim().split(/\s+/).at(-1) ?? ''));
  }
  return macs;
}
