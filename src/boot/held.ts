/**
 * What a held machine is given instead of its script or configuration: why it is held, since when, how to let it go;
 * then it waits and asks again, so that a release needs nobody at the machine. Built in, not a template: a machine
 * goes in circles also because of templates.
 */

import type { TemplateKind } from '../inventory/types.ts';
import { ipxeWords, wrapped } from './console.ts';
import { type Held, holdReason, instant } from './hold.ts';
import { sentence } from './reason.ts';

/** Kinds that say what to boot; others are for installers, which are not disturbed. */
export function tellsOfHold(kind: TemplateKind): boolean {
  return kind === 'iPXE' || kind === 'PXELinux' || kind === 'PXEGrub2';
}

/** Seconds between two questions of a held iPXE: once a minute costs the server nothing. */
const IPXE_WAIT_S = 60;
/** Of PXELINUX and GRUB, which start over or go on with iPXE. */
const MENU_WAIT_S = 300;

/** `url`: where iPXE asks for its script. Without blanks, quotes and line ends; iPXE settings in it are expanded. */
export function heldText(kind: TemplateKind, held: Held, url: string): string {
  if (kind === 'PXELinux') return pxelinuxText(lines(held), url);
  return kind === 'PXEGrub2' ? grubText(lines(held)) : ipxeText(lines(held), url);
}

function lines({ machine, hold }: Held): readonly string[] {
  const boot = hold.boot === undefined ? '' : `, boot ${hold.boot}`;
  return [
    'CHAINBOOT HOLDS THIS MACHINE',
    ...wrapped(`Why: ${sentence(holdReason(hold, machine))}.`),
    ...wrapped(`Held since ${instant(hold.at)}${boot}.`),
    'When the cause is mended, let it go on the server with:',
    `  chainboot host release ${machine}`,
  ];
}

/** `sleep` is in every build (Debian's of 2019 too); it fails when somebody presses Ctrl-C. No prompt: some builds have none, and would ask again at once. */
function ipxeText(text: readonly string[], url: string): string {
  return [
    '#!ipxe',
    'echo',
    ...text.map((line) => `echo ${ipxeWords(line)}`),
    `echo It then goes on by itself: it asks again every ${IPXE_WAIT_S} s. Ctrl-C: iPXE shell.`,
    ':again',
    `sleep ${IPXE_WAIT_S} || shell ||`,
    `chain --replace --autofree ${url} || goto again`,
    '',
  ].join('\n');
}

/** Goes on with an iPXE that has drivers of its own, which asks for the script and is told to wait there. */
function pxelinuxText(text: readonly string[], url: string): string {
  return [
    'DEFAULT again',
    'PROMPT 1',
    `TIMEOUT ${MENU_WAIT_S * 10}`,
    ...text.map((line) => `SAY ${line}`),
    'SAY',
    `SAY   again   ask again with iPXE (happens by itself after ${MENU_WAIT_S} seconds)`,
    'SAY   local   boot from the local disk',
    'LABEL again',
    '  KERNEL ipxe.lkrn',
    `  APPEND ifconf -c dhcp || dhcp && chain ${url}`,
    '  IPAPPEND 2',
    'LABEL local',
    '  LOCALBOOT 0',
    '',
  ].join('\n');
}

/** The menu hides what was echoed, so each line is an entry too; all of them do the same. */
function grubText(text: readonly string[]): string {
  const quoted = text.map((line) => `'${line.replaceAll("'", '"')}'`);
  return [
    'set default=again',
    `set timeout=${MENU_WAIT_S}`,
    ...quoted.map((line) => `echo ${line}`),
    ...quoted.map((line) => `menuentry ${line} {\n  reboot\n}`),
    "menuentry 'Ask again (restarts the machine)' --id again {\n  reboot\n}",
    "menuentry 'Leave to the firmware' --id local {\n  exit 1\n}",
    '',
  ].join('\n');
}

/** Seconds for which a machine that came back from its disk shows why. */
const NOTICE_WAIT_S = 30;

/** The text that sends a machine to its disk, after a word about how often it came back. It never stops a machine. */
export function withNotice(kind: TemplateKind, text: string, words: string, host: string): string {
  const said = [
    'CHAINBOOT SENDS THIS MACHINE TO ITS OWN DISK ONCE MORE',
    ...wrapped(`${words}.`),
    'To install it: put it into build mode on the server with',
    `  chainboot host build ${host}`,
  ];
  if (kind === 'iPXE' && text.startsWith('#!ipxe\n')) {
    const notice = [...said.map((line) => `echo ${ipxeWords(line)}`), `sleep ${NOTICE_WAIT_S} ||`];
    return `#!ipxe\n${notice.join('\n')}\n${text.slice('#!ipxe\n'.length)}`;
  }
  // Of PROMPT and TIMEOUT the last one counts, wherever it stands.
  if (kind === 'PXELinux')
    return `${said.map((line) => `SAY ${line}`).join('\n')}\n${text}\nPROMPT 1\nTIMEOUT ${NOTICE_WAIT_S * 10}\n`;
  if (kind !== 'PXEGrub2') return text;
  const quoted = said.map((line) => `echo '${line.replaceAll("'", '"')}'`);
  return `${quoted.join('\n')}\nsleep ${NOTICE_WAIT_S}\n${text}`;
}
