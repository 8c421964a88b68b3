/** An address a client holds; kept by dhcp/, asked by whoever must know which machine is behind an address. */

import type { Ipv4 } from '../net/ip.ts';
import type { Mac } from '../net/mac.ts';

export type Lease = {
  readonly ip: Ipv4;
  readonly mac: Mac;
  /** Option 61 in hex, when the client sent one. */
  readonly clientId?: string;
  /** Epoch milliseconds. */
  readonly expires: number;
  readonly hostname?: string;
  /** `declined`: somebody else answers at this address; nobody gets it until it expires. */
  readonly state: 'bound' | 'released' | 'declined';
};

/** Which MAC holds an address now; undefined when we did not hand it out or it has expired. */
export type LeaseLookup = (address: string) => Mac | undefined;
