/** Hosts and options in the files that dnsmasq.conf names: dhcp-hostsfile, dhcp-optsfile, /etc/ethers. */

import { type Files, included } from '../files.ts';
import type { Report } from '../report.ts';
import { filesAt } from './addresses.ts';
import { ethersLine, type HostLine, hostLine } from './host-line.ts';
import { fieldsOf, type Line, linesOf, type Setting, SOURCE } from './lines.ts';

const ETC_ETHERS = '/etc/ethers';

/** All host lines; those of ethers(5) give a MAC address to hosts that have a name and none. */
export function hostLinesOf(settings: readonly Setting[], files: Files, report: Report): readonly HostLine[] {
  const lines = settings.flatMap((setting) => {
    if (setting.name === 'dhcp-host') return [hostLine(setting.place, setting.text, setting.values)];
    if (setting.name !== 'dhcp-hostsfile' && setting.name !== 'dhcp-hostsdir') return [];
    return linesIn(setting, files).map(({ place, text }) => hostLine(place, text, fieldsOf(text, place)));
  });
  return withEthers(lines, ethersOf(settings, files, report));
}

/** `dhcp-option` settings, and the lines of option files, which are their values. */
export function optionSettingsOf(settings: readonly Setting[], files: Files): readonly Setting[] {
  return settings.flatMap((setting) => {
    if (setting.name === 'dhcp-option' || setting.name === 'dhcp-option-force') return [setting];
    if (setting.name !== 'dhcp-optsfile' && setting.name !== 'dhcp-optsdir') return [];
    return linesIn(setting, files).map(({ place, text }) => {
      const value = text.replace(/^dhcp-option(-force)?\s*=\s*/, '');
      return { place, name: 'dhcp-option', text: value, values: fieldsOf(value, place) };
    });
  });
}

function linesIn({ text, place }: Setting, files: Files): readonly Line[] {
  return filesAt(text, files).flatMap((path) => {
    const found = included(files, path, SOURCE, place, 0);
    return linesOf(found.text, found.file);
  });
}

function ethersOf(settings: readonly Setting[], files: Files, report: Report): readonly HostLine[] {
  const asked = settings.find(({ name }) => name === 'read-ethers');
  if (asked === undefined) return [];
  const text = files.read(ETC_ETHERS);
  if (text === undefined) report.human(asked.place, 'read-ethers', `${ETC_ETHERS} is not there`);
  return linesOf(text ?? '', files.shown(ETC_ETHERS)).map((line) => ethersLine(line.place, line.text));
}

function withEthers(lines: readonly HostLine[], ethers: readonly HostLine[]): readonly HostLine[] {
  const used = new Set<HostLine>();
  const joined = lines.map((line) => {
    if (line.macs.length > 0 || line.clientIds.length > 0) return line;
    const same = ethers.find(
      ({ name, ip }) => (name !== undefined && name === line.name) || (ip !== undefined && ip === line.ip),
    );
    if (same === undefined) return line;
    used.add(same);
    return { ...line, macs: same.macs };
  });
  return [...joined, ...ethers.filter((line) => !used.has(line))];
}
