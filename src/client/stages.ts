/** The programs a machine runs one after the other: ROM, loader, iPXE, PXELINUX. Each ends in a kernel or elsewhere. */

import { formatIpv4 } from '../net/ip.ts';
import { startIpxe } from './drivers.ts';
import { BootFailure } from './failure.ts';
import { type Fetched, KEEP_SCRIPT } from './fetched.ts';
import { runGrub } from './grub/run.ts';
import { cpuOf, isEfi, looksLikeText } from './image.ts';
import type { IpxeEnd, IpxeWorld, RunResult } from './ipxe/machine.ts';
import { Ipxe } from './ipxe/run.ts';
import type { Machine } from './machine.ts';
import { cpuOfPersona } from './personas.ts';
import { runPxelinux } from './pxelinux/run.ts';

/** Where a chain of programs ends. */
export type Ending =
  | Extract<IpxeEnd, { kind: 'kernel' | 'local' | 'person' | 'reboot' }>
  | { readonly kind: 'ended'; readonly why: string };

/** A program that was fetched and is now run. */
export type Program = { readonly name: string; readonly file: Fetched; readonly args?: string };

export type Next =
  | Ending
  | { readonly kind: 'program'; readonly program: Program }
  | { readonly kind: 'ipxe'; readonly commands: string };

/** A real chain has two or three; a loader that gets itself again and again has more. */
const MAX_PROGRAMS = 6;

export async function powerOn(machine: Machine): Promise<Ending> {
  const { persona } = machine.options;
  machine.tell({ kind: 'power-on', text: `${persona.summary}, ${machine.options.mac}` });
  let next: Next = persona.starts === 'ipxe' ? { kind: 'ipxe', commands: 'autoboot' } : await runRom(machine);
  const seen: string[] = [];
  while (next.kind === 'program' || next.kind === 'ipxe') {
    if (seen.length >= MAX_PROGRAMS) {
      throw new BootFailure('loader-loop', `programs load each other in a circle: ${seen.join(' → ')}`);
    }
    seen.push(next.kind === 'ipxe' ? 'iPXE' : next.program.name);
    next =
      next.kind === 'ipxe' ? await runIpxe(machine, next.commands) : await runProgram(machine, next.program);
  }
  return next;
}

/** A ROM without iPXE: DHCP, then one file by TFTP or HTTP. */
async function runRom(machine: Machine): Promise<Next> {
  const { persona, mac } = machine.options;
  const lease = await machine.dhcp(persona.firmware.dhcp, mac);
  const filename = persona.loader ?? lease.filename;
  const nextServer = formatIpv4(lease.nextServer || (persona.loader === undefined ? 0 : lease.server));
  const url = romUrl(filename, nextServer, persona.starts === 'http');
  const file = await machine.fetch(persona.firmware, url, KEEP_SCRIPT, persona.starts === 'http');
  return { kind: 'program', program: { name: filename, file } };
}

function romUrl(filename: string, nextServer: string, http: boolean): string {
  if (filename === '') throw new BootFailure('dhcp-nothing-to-boot', 'DHCP gave an address but no boot file');
  if (http) {
    if (/^https?:/i.test(filename)) return filename;
    throw new BootFailure('url-unsupported', `UEFI HTTP boot was given "${filename}", which is no URL`);
  }
  if (/^https?:/i.test(filename)) {
    throw new BootFailure(
      'url-unsupported',
      `a PXE ROM was given the URL ${filename}; it asks TFTP for a file of that name`,
    );
  }
  if (nextServer === '0.0.0.0') {
    throw new BootFailure(
      'dhcp-nothing-to-boot',
      `DHCP named ${filename} but no server (siaddr) that has it`,
    );
  }
  return `tftp://${nextServer}/${filename}`;
}

/** What the firmware makes of a file it was told to run, and what that program does. */
function runProgram(machine: Machine, program: Program): Promise<Next> | Next {
  const { persona } = machine.options;
  const { head, url, bytes } = program.file;
  if (bytes === 0) throw new BootFailure('not-executable', `${url} is empty`);
  if (persona.platform === 'efi' && !isEfi(head)) {
    throw new BootFailure('not-executable', `${url} is no EFI program (it does not start with MZ)`);
  }
  const cpu = persona.platform === 'efi' ? cpuOf(head) : undefined;
  if (cpu !== undefined && cpu !== cpuOfPersona(persona)) {
    throw new BootFailure(
      'wrong-cpu',
      `${url} is for ${cpu}, and this is a machine of ${cpuOfPersona(persona)}: its firmware says "Unsupported"`,
    );
  }
  if (persona.platform === 'pcbios' && (looksLikeText(head) || isEfi(head))) {
    const what = isEfi(head) ? 'an EFI program' : 'text';
    throw new BootFailure(
      'machine-code',
      `${url} is ${what}: a BIOS machine runs it as machine code and hangs`,
    );
  }
  machine.tell({ kind: 'loader', text: `runs ${program.name}`, url, bytes });
  const name = program.name.split(/[?#]/, 1)[0]!.split('/').pop()!.toLowerCase();
  if (/^(?:l?pxelinux|gpxelinuxk?)\.0$/.test(name)) return runPxelinux(machine, program);
  if (/^(shim|boot|grub)[^/]*\.efi(\.signed)?$/.test(name)) return runGrub(machine, program);
  if (/^(ipxe|undionly|snponly)[^/]*$/.test(name)) return startIpxe(machine, name, program.args);
  throw new BootFailure(
    'loader-unknown',
    `${program.name} is a program this client does not know how to play`,
  );
}

async function runIpxe(machine: Machine, commands: string): Promise<Next> {
  const ipxe = new Ipxe(worldOf(machine));
  try {
    return concluded(ipxe, await ipxe.runCommandLine(commands));
  } finally {
    machine.console.push(...ipxe.console);
    machine.scripts.push(...ipxe.scripts);
  }
}

function worldOf(machine: Machine): IpxeWorld {
  const { persona, uuid, cards } = machine.options;
  return {
    platform: persona.platform,
    buildarch: persona.buildarch,
    uuid,
    macs: cards.map((card) => card?.mac),
    dhcp: (nic) => machine.dhcp(persona.ipxe.dhcp, nic),
    fetch: (url, keep) => machine.fetch(persona.ipxe, url, keep),
    sleep: machine.sleep,
    tell: machine.tell,
    signal: machine.signal,
  };
}

function concluded(ipxe: Ipxe, result: RunResult): Next {
  if (result.kind === 'final') return fromEnd(result.end);
  if (result.kind === 'failed') {
    if (result.failure.code !== 'script-exit') throw result.failure;
    return { kind: 'local', how: result.failure.message };
  }
  if (ipxe.lastExited) return { kind: 'local', how: 'the script said exit 0' };
  return { kind: 'ended', why: 'the script came to its end without booting anything' };
}

function fromEnd(end: IpxeEnd): Next {
  if (end.kind !== 'program') return end;
  const { name, file, args } = end.image;
  return { kind: 'program', program: { name, file, args } };
}
