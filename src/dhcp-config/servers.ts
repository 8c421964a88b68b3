/** The servers that a configuration can be printed for. */

import { dnsmasqConfig } from './dnsmasq.ts';
import { iscConfig } from './isc.ts';
import { keaConfig } from './kea.ts';
import { mikrotikConfig } from './mikrotik.ts';
import { opnsenseConfig } from './opnsense.ts';
import type { Outline } from './outline.ts';
import { windowsConfig } from './windows.ts';

export const SERVERS = {
  isc: iscConfig,
  kea: keaConfig,
  dnsmasq: dnsmasqConfig,
  mikrotik: mikrotikConfig,
  windows: windowsConfig,
  opnsense: opnsenseConfig,
} as const satisfies Readonly<Record<string, (outline: Outline) => string>>;

export type ServerName = keyof typeof SERVERS;
