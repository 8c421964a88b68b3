/** Finds what PXELINUX would pass over or misread. It never refuses a file: unknown lines are simply not there. */

import { nearest } from '../../inventory/nearest.ts';
import { type FormatFinding, findings, linesOf, orRather, type Report } from '../finding.ts';

const GLOBAL = [
  'allowoptions',
  'append',
  'console',
  'default',
  'display',
  'font',
  'implicit',
  'include',
  'ipappend',
  'kbdmap',
  'label',
  'menu',
  'nocomplete',
  'noescape',
  'nohalt',
  'onerror',
  'ontimeout',
  'path',
  'prompt',
  'say',
  'sendcookies',
  'serial',
  'sysappend',
  'text',
  'timeout',
  'totaltimeout',
  'ui',
  ...Array.from({ length: 12 }, (_, i) => `f${i + 1}`),
];
/** Each says what the entry boots. */
const KERNELS = ['kernel', 'linux', 'boot', 'bss', 'pxe', 'fdimage', 'com32', 'config', 'localboot'];
const IN_LABEL = [...KERNELS, 'initrd', 'fdt', 'fdtdir', 'fdtmap', 'devicetree'];
const NEEDS_VALUE = new Set([
  'default',
  'label',
  'kernel',
  'linux',
  'initrd',
  'config',
  'com32',
  'ontimeout',
]);
const NUMBERS = new Set(['timeout', 'totaltimeout', 'prompt', 'nohalt']);

/** Of the x86 kernels' command line; PXELINUX cuts a longer one off. */
const MAX_APPEND = 2047;

type Label = { readonly name: string; readonly offset: number; bootable: boolean };

export function checkPxelinux(text: string): readonly FormatFinding[] {
  return findings((report) => {
    const labels: Label[] = [];
    let help: number | undefined;
    for (const line of linesOf(text)) {
      const [, indent = '', keyword = '', value = ''] = /^(\s*)(\S+)\s*(.*?)\s*$/.exec(line.text) ?? [];
      const word = keyword.toLowerCase();
      if (help !== undefined) {
        if (word === 'endtext') help = undefined;
      } else if (word === 'text' && /^help$/i.test(value)) {
        help = line.offset + indent.length;
      } else if (word !== '' && !word.startsWith('#')) {
        checkLine({ word, value, offset: line.offset + indent.length }, labels, report);
      }
    }
    if (help !== undefined) report(help, 'error', 'TEXT HELP is never closed: ENDTEXT is missing');
    checkLabels(labels, report);
  });
}

type Statement = { readonly word: string; readonly value: string; readonly offset: number };

function checkLine(statement: Statement, labels: Label[], report: Report): void {
  const { word, value, offset } = statement;
  const label = labels.at(-1);
  if (word === 'label') {
    labels.push({ name: value, offset, bootable: false });
  } else if (IN_LABEL.includes(word)) {
    if (label === undefined) report(offset, 'error', `${word.toUpperCase()} belongs below a LABEL`);
    else if (KERNELS.includes(word)) label.bootable = true;
  } else if (!GLOBAL.includes(word)) {
    const known = nearest(word, [...GLOBAL, ...IN_LABEL]);
    report(offset, 'error', `there is no keyword "${word}", so the line is passed over${orRather(known)}`);
    return;
  }
  if (NEEDS_VALUE.has(word) && value === '') report(offset, 'error', `${word.toUpperCase()} needs a value`);
  if (NUMBERS.has(word) && !/^\d+$/.test(value))
    report(offset, 'error', `${word.toUpperCase()} needs a number`);
  if (word === 'append' && value.length > MAX_APPEND)
    report(offset, 'warning', `PXELINUX cuts command lines off after ${MAX_APPEND} characters`);
}

function checkLabels(labels: readonly Label[], report: Report): void {
  const seen = new Set<string>();
  for (const { name, offset, bootable } of labels) {
    if (name === '') continue;
    const key = name.toLowerCase();
    if (seen.has(key))
      report(offset, 'warning', 'there is another LABEL of this name; the first one is booted');
    seen.add(key);
    if (!bootable) report(offset, 'warning', 'this LABEL names no KERNEL, so its name is loaded as a file');
  }
}
