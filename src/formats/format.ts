/** Which format a rendered text has, and everything that can be said about it without running anything. */

import type { OperatingSystem, OsFamily, TemplateKind } from '../inventory/types.ts';
import { checkAutoyast } from './autoyast.ts';
import { checkCloudConfig } from './cloud-config.ts';
import type { FormatFinding } from './finding.ts';
import { checkGrub } from './grub.ts';
import { checkButane, checkIgnition } from './ignition.ts';
import { checkIpxe } from './ipxe/check.ts';
import { parseJson } from './json.ts';
import { checkKickstart } from './kickstart.ts';
import type { Release } from './kickstart-commands.ts';
import { checkPreseed } from './preseed.ts';
import { checkPxelinux } from './pxelinux/check.ts';
import {
  autoyastParts,
  cloudConfigParts,
  kickstartParts,
  preseedParts,
  type ShellPart,
  scriptPart,
} from './shell.ts';
import { checkTalos } from './talos.ts';
import { checkUnattend } from './unattend.ts';
import { checkXml } from './xml.ts';
import { parseYamlDocuments } from './yaml.ts';

export const FORMATS = [
  'ipxe',
  'pxelinux',
  'grub',
  'kickstart',
  'kickstart part',
  'preseed',
  'autoinstall',
  'cloud-config',
  'autoyast',
  'autoyast part',
  'unattend',
  'ignition',
  'butane',
  'talos',
  'shell',
  'json',
  'yaml',
  'xml',
] as const;
export type Format = (typeof FORMATS)[number];

/** The system a text is for, as far as formats depend on it. */
export type Target = Pick<OperatingSystem, 'name' | 'major' | 'family'>;

/** What of the kind of a template and the system decides; undefined: nothing is known about such texts. */
export function formatOf(
  kind: TemplateKind | 'ptable',
  os: Target | undefined,
  text: string,
): Format | undefined {
  switch (kind) {
    case 'iPXE':
      return 'ipxe';
    case 'PXELinux':
      return 'pxelinux';
    case 'PXEGrub2':
      return 'grub';
    case 'provision':
      return provisionFormat(os, text);
    case 'ptable':
      return ptableFormat(os?.family, text);
    case 'finish':
    case 'script':
    case 'host_init_config':
    case 'registration':
      return text.startsWith('#!') || (os !== undefined && os.family !== 'Windows' && kind === 'finish')
        ? 'shell'
        : undefined;
    case 'user_data':
    case 'cloud-init':
      return userDataFormat(text);
    case 'kexec':
      return 'json';
    default:
      return undefined;
  }
}

function provisionFormat(os: Target | undefined, text: string): Format | undefined {
  switch (os?.family) {
    case 'Redhat':
      return 'kickstart';
    case 'Debian':
      return isCloudConfig(text) || /^autoinstall:/m.test(text) ? 'autoinstall' : 'preseed';
    case 'Suse':
      return 'autoyast';
    case 'Windows':
      return 'unattend';
    case 'Coreos':
    case 'Fcos':
    case 'Rhcos':
      return userDataFormat(text) ?? 'ignition';
    case 'Talos':
      return 'talos';
    case 'Xenserver':
      return 'xml';
    default:
      return undefined;
  }
}

function ptableFormat(family: OsFamily | undefined, text: string): Format | undefined {
  if (/^#!|^#Dynamic\b/.test(text)) return 'shell';
  if (family === 'Redhat') return 'kickstart part';
  // Ubuntu's layouts for autoinstall are YAML whose keys mean something only where it is put.
  const isYaml = /^\s*(-\s|[a-z-]+:(\s|$))/m.test(text) && !/^\s*d-i\s/m.test(text);
  if (family === 'Debian') return isYaml ? 'yaml' : 'preseed';
  return family === 'Suse' ? 'autoyast part' : undefined;
}

function userDataFormat(text: string): Format | undefined {
  if (isCloudConfig(text)) return 'cloud-config';
  if (text.startsWith('#!')) return 'shell';
  if (/^\s*\{/.test(text)) return 'ignition';
  return /^variant:/m.test(text) ? 'butane' : undefined;
}

function isCloudConfig(text: string): boolean {
  return /^\s*#cloud-config\b/.test(text);
}

function releaseOf(os: Target | undefined): Release | undefined {
  const major = Number(os?.major);
  if (os?.family !== 'Redhat' || !Number.isInteger(major)) return undefined;
  return { of: /fedora/i.test(os.name) ? 'fedora' : 'rhel', major };
}

export function checkFormat(format: Format, text: string, os?: Target): readonly FormatFinding[] {
  const release = releaseOf(os);
  switch (format) {
    case 'ipxe':
      return checkIpxe(text);
    case 'pxelinux':
      return checkPxelinux(text);
    case 'grub':
      return checkGrub(text);
    case 'kickstart':
    case 'kickstart part':
      return checkKickstart(text, { fragment: format === 'kickstart part', ...(release && { release }) });
    case 'preseed':
      return checkPreseed(text);
    case 'autoinstall':
    case 'cloud-config':
      return checkCloudConfig(text, format);
    case 'autoyast':
    case 'autoyast part':
      return checkAutoyast(text, { fragment: format === 'autoyast part' });
    case 'unattend':
      return checkUnattend(text);
    case 'ignition':
      return checkIgnition(text);
    case 'butane':
      return checkButane(text);
    case 'talos':
      return checkTalos(text);
    case 'json':
      return jsonFindings(text);
    case 'yaml':
      return parseYamlDocuments(text).findings;
    case 'xml':
      return checkXml(text);
    case 'shell':
      return [];
  }
}

function jsonFindings(text: string): readonly FormatFinding[] {
  const parsed = parseJson(text);
  return parsed.ok ? [] : parsed.findings;
}

/** What of the text a shell will run. */
export function shellParts(format: Format, text: string, os?: Target): readonly ShellPart[] {
  switch (format) {
    case 'shell':
      return scriptPart(text, os?.family);
    case 'kickstart':
    case 'kickstart part':
      return kickstartParts(text);
    case 'preseed':
      return preseedParts(text);
    case 'autoinstall':
    case 'cloud-config':
      return cloudConfigParts(text, os?.family);
    case 'autoyast':
      return autoyastParts(text);
    default:
      return [];
  }
}
