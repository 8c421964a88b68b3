/** AutoYaST profiles. (SUSE, "AutoYaST guide") */

import { nearest } from '../inventory/nearest.ts';
import { type FormatFinding, orRather, type Report } from './finding.ts';
import { attributeOf, checkXml, descendants, type Element, parseXml } from './xml.ts';

const PROFILE = 'http://www.suse.com/1.0/yast2ns';
const CONFIG = 'http://www.suse.com/1.0/configns';

const TYPES = ['list', 'map', 'boolean', 'integer', 'string', 'symbol', 'disksize'];

const SECTIONS = `
  FCoE add-on audit-laf auth-client auth-server bootloader ca_mgm cio_ignore classes configuration_management dasd deploy_image dhcp-server dns-server drbd
  fcoe-client files firewall firstboot ftp-server general geo-cluster groups hana-firewall haproxy
  host http-server image inetd init iscsi-client iscsi-server kdump kerberos keyboard
  kubic language ldap login_settings mail mouse multipath networking nfs nfs_server nis nis_server ntp-client partitioning
  partitioning_advanced printer proxy registration report rmt rules runlevel s390 samba-client samba-server scripts
  security services-manager software sound squid ssh_import suse_register sysconfig tftp-server timezone
  upgrade user_defaults users virtualization x11 zfcp
`
  .trim()
  .split(/\s+/);

/** `fragment`: a partition table, which is put into a profile. */
export function checkAutoyast(text: string, { fragment = false } = {}): readonly FormatFinding[] {
  if (fragment) return checkFragment(text);
  return checkXml(text, (root, report) => {
    if (root.name !== 'profile' || root.namespace !== PROFILE)
      report(root.offset, 'error', `the root element must be <profile xmlns="${PROFILE}">`);
    checkSections(root, report);
    checkValues(root, report);
  });
}

const OPENING = `<profile xmlns="${PROFILE}" xmlns:config="${CONFIG}">`;

function checkFragment(text: string): readonly FormatFinding[] {
  if (text.trimStart().startsWith('<?xml')) return checkXml(text, checkValues);
  return checkXml(`${OPENING}${text}</profile>`, checkValues).map((finding) => ({
    ...finding,
    offset: Math.min(text.length, Math.max(0, finding.offset - OPENING.length)),
  }));
}

function checkSections(root: Element, report: Report): void {
  const seen = new Set<string>();
  for (const { name, offset } of root.children) {
    if (!SECTIONS.includes(name))
      report(offset, 'warning', `there is no section <${name}>${orRather(nearest(name, SECTIONS))}`);
    if (seen.has(name)) report(offset, 'error', `there are two sections <${name}>`);
    seen.add(name);
  }
}

/** Since SLE 15 SP3 the type may be given as `t`. */
function typeOf(element: Element): string | undefined {
  return attributeOf(element, 'type', CONFIG) ?? attributeOf(element, 't');
}

function checkValues(root: Element, report: Report): void {
  for (const element of descendants(root)) {
    const type = typeOf(element);
    if (type === undefined) continue;
    const { name, offset } = element;
    const value = element.text.trim();
    if (!TYPES.includes(type))
      report(offset, 'error', `there is no type "${type}" of values${orRather(nearest(type, TYPES))}`);
    if (type === 'boolean' && !/^(true|false)$/.test(value))
      report(offset, 'error', `<${name}> must be true or false`);
    if (type === 'integer' && !/^-?\d+$/.test(value))
      report(offset, 'error', `<${name}> must be a whole number`);
  }
}

export type Script = { readonly text: string; readonly offset: number };

/** The scripts that a shell runs; with no `interpreter` a shell does. */
export function autoyastScripts(text: string): readonly Script[] {
  const { root, fault } = parseXml(text);
  if (root === undefined || fault !== undefined) return [];
  const sources = [...descendants(root)].filter(({ children }) =>
    children.some(({ name }) => name === 'source'),
  );
  return sources.flatMap(({ children }) => {
    const interpreter = children.find(({ name }) => name === 'interpreter')?.text.trim() ?? 'shell';
    const source = children.find(({ name }) => name === 'source')!;
    const raw = source.textOffset !== undefined && text.startsWith(source.text, source.textOffset);
    // Where entities stand for characters, places would be wrong.
    return interpreter === 'shell' && raw ? [{ text: source.text, offset: source.textOffset! }] : [];
  });
}
