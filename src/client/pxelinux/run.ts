/** PXELINUX 6.04 as far as a boot without a person goes: its module, its configuration, the entry it boots. */

import { chooseEntry, type Entry, parseConfig } from '../../formats/pxelinux/config.ts';
import { latin1 } from '../../net/bytes.ts';
import { formatIpv4 } from '../../net/ip.ts';
import { bootif } from '../../net/mac.ts';
import { swapUuid } from '../../net/uuid.ts';
import { startIpxe } from '../drivers.ts';
import { BootFailure } from '../failure.ts';
import { type Fetched, KEEP_MAGIC, KEEP_SCRIPT } from '../fetched.ts';
import { firstLine, isBzImage } from '../image.ts';
import type { Image } from '../ipxe/machine.ts';
import type { Machine } from '../machine.ts';
import { PXELINUX_TFTP, type Speaker } from '../personas.ts';
import type { Next, Program } from '../stages.ts';
import { configNames } from './search.ts';

const SYSAPPEND = { ip: 1, bootif: 2, uuid: 4 } as const;

export async function runPxelinux(machine: Machine, program: Program): Promise<Next> {
  const pxelinux = new Pxelinux(machine, program);
  // Its core module comes first, from beside it and of the same version.
  await pxelinux.fetch('ldlinux.c32', KEEP_MAGIC);
  const text = await pxelinux.config();
  const config = parseConfig(text);
  if (config.waits) return { kind: 'person', what: 'the boot: prompt of PXELINUX' };
  const entry = chooseEntry(config);
  if (entry === undefined)
    throw new BootFailure('config-unusable', 'the PXELINUX configuration has no entry');
  machine.tell({ kind: 'command', text: `PXELINUX boots "${entry.label}"` });
  return pxelinux.boot(entry);
}

const PATH_PREFIX = 210;

/** From where everything is fetched (RFC 5071 §5.1). */
function pathPrefix(machine: Machine): string | undefined {
  const value = machine.lease?.options.get(PATH_PREFIX);
  return value === undefined ? undefined : latin1(value);
}

class Pxelinux {
  private readonly machine: Machine;
  /** Directory of pxelinux.0, where relative names start. */
  private readonly base: string;
  private readonly speaker: Speaker;

  /** lpxelinux.0 and the gPXE in gpxelinux.0 speak HTTP, pxelinux.0 takes a URL for the name of a file. */
  private readonly web: boolean;

  constructor(machine: Machine, { name, file: { url } }: Program) {
    this.machine = machine;
    this.web = /(?:^|\/)[lg]pxelinux/i.test(name);
    this.base = pathPrefix(machine) ?? url.slice(0, url.lastIndexOf('/') + 1);
    this.speaker = {
      dhcp: machine.options.persona.firmware.dhcp,
      tftp: PXELINUX_TFTP,
      userAgent: 'Syslinux/6.04',
      http10: true,
    };
  }

  fetch(name: string, keep: number): Promise<Fetched> {
    const url = /^[a-z]+:\/\//i.test(name) ? name : this.base + name;
    if (!this.web && /^http:/i.test(url))
      throw new BootFailure('url-unsupported', `${url}: pxelinux.0 has no HTTP, lpxelinux.0 has`);
    return this.machine.fetch(this.speaker, url, keep);
  }

  async config(): Promise<string> {
    const { uuid, mac } = this.machine.options;
    const names = configNames(uuid, mac, this.machine.lease?.ip ?? 0);
    for (const name of names) {
      const file = await this.tryFetch(name);
      if (file !== undefined) return new TextDecoder().decode(file.head);
    }
    throw new BootFailure('config-missing', `there is no PXELINUX configuration, not even ${names.at(-1)}`);
  }

  /** A file that is not there leads to the next name; a server that does not answer ends the search. */
  private async tryFetch(name: string): Promise<Fetched | undefined> {
    try {
      return await this.fetch(name, KEEP_SCRIPT);
    } catch (error) {
      if (error instanceof BootFailure && (error.code === 'tftp-error' || error.code === 'http-status')) {
        return undefined;
      }
      throw error;
    }
  }

  async boot(entry: Entry): Promise<Next> {
    if (entry.localBoot) return { kind: 'local', how: `PXELINUX: LOCALBOOT of ${entry.label}` };
    if (entry.kernel === undefined) {
      throw new BootFailure('config-unusable', `the PXELINUX entry ${entry.label} has no KERNEL`);
    }
    if (/(?:^|\/)chain\.c32$/i.test(entry.kernel))
      return { kind: 'local', how: `PXELINUX: chain.c32 ${entry.append}` };
    const file = await this.fetch(entry.kernel, KEEP_SCRIPT);
    const cmdline = this.commandLine(entry);
    const name = entry.kernel.split('/').at(-1)!.toLowerCase();
    if (/ipxe[^/]*\.lkrn$/.test(name)) return startIpxe(this.machine, name, cmdline);
    // The suffix says what it is (Syslinux: doc/syslinux.txt): .0 is a boot program of its own.
    if (/\.(0|bin)$/i.test(entry.kernel)) return { kind: 'program', program: { name: entry.kernel, file } };
    return this.linux(entry, file, cmdline);
  }

  private async linux(entry: Entry, file: Fetched, cmdline: string): Promise<Next> {
    if (!isBzImage(file.head)) {
      throw new BootFailure(
        'kernel-format',
        `${file.url} is no Linux kernel (no HdrS at 0x202; it starts "${firstLine(file.head)}")`,
      );
    }
    const initrds: Image[] = [];
    for (const name of entry.initrds) {
      initrds.push({ name, file: await this.fetch(name, KEEP_MAGIC), args: '' });
    }
    return { kind: 'kernel', kernel: { name: entry.kernel ?? '', file, args: cmdline }, initrds };
  }

  private commandLine(entry: Entry): string {
    const { uuid, mac } = this.machine.options;
    const extra: string[] = [];
    if (entry.sysAppend & SYSAPPEND.ip) extra.push(this.ipParameter());
    if (entry.sysAppend & SYSAPPEND.bootif) extra.push(`BOOTIF=${bootif(mac)}`);
    if (entry.sysAppend & SYSAPPEND.uuid) extra.push(`SYSUUID=${swapUuid(uuid)}`);
    return [entry.append, ...extra].filter((part) => part !== '').join(' ');
  }

  /** client:server:gateway:netmask */
  private ipParameter(): string {
    const lease = this.machine.lease;
    const router = lease?.options.get(3) ?? new Uint8Array(4);
    const addresses = [lease?.ip ?? 0, lease?.nextServer ?? 0].map(formatIpv4);
    return `ip=${[...addresses, router.slice(0, 4).join('.'), formatIpv4(lease?.netmask ?? 0)].join(':')}`;
  }
}
