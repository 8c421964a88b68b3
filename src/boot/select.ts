/**
 * What an identified (or unknown) machine gets for a template kind: the one rule behind /unattended/<kind>,
 * pxelinux.cfg/01-<mac> over TFTP, previews and rehearsals (foreman-compatible, see `Identity`).
 */

import type { ErrorCode, ErrorValues } from '../errors.ts';
import { findTemplate, osOf } from '../inventory/association.ts';
import { isExpired } from '../inventory/build.ts';
import { effectiveHost } from '../inventory/hostgroup.ts';
import { mergedParameters, parameterLayers } from '../inventory/parameters.ts';
import type { Site } from '../inventory/site.ts';
import {
  type Host,
  type IpxeDriver,
  osTitle,
  type ProvisioningTemplate,
  type TemplateKind,
} from '../inventory/types.ts';
import { DRIVER_WORDS, type DriverChoice } from './drivers.ts';
import { tellsOfHold } from './held.ts';
import { type Held, holdReason } from './hold.ts';
import type { Identity } from './identify.ts';
import { because, type Reason } from './reason.ts';

export type Selection =
  | {
      readonly kind: 'template';
      readonly template: ProvisioningTemplate;
      readonly host?: Host;
      readonly because: Reason;
    }
  /** The machine goes round in circles and is told so instead. */
  | { readonly kind: 'held'; readonly held: Held; readonly because: Reason }
  | { readonly kind: 'error'; readonly code: ErrorCode; readonly values: ErrorValues; readonly host?: Host };

export type SelectOptions = {
  readonly now: number;
  /** `?bootstrap=`: an iPXE that nobody manages wants the script that tries every NIC. */
  readonly bootstrap: boolean;
  readonly held?: Held | undefined;
  /** What iPXE to go on with; `first` is the one that a template would start. */
  readonly driver?: (first: IpxeDriver) => DriverChoice | undefined;
};

/** Kinds a machine without an answer of its own still gets something for: name of the global and of the local template. */
const BOOT_KINDS: Partial<Record<TemplateKind, { readonly unknown: string; readonly local: string }>> = {
  iPXE: { unknown: 'iPXE global default', local: 'iPXE default local boot' },
  PXELinux: { unknown: 'PXELinux global default', local: 'PXELinux default local boot' },
  PXEGrub2: { unknown: 'PXEGrub2 global default', local: 'PXEGrub2 default local boot' },
};

export const INTERMEDIATE_SCRIPT = 'iPXE intermediate script';

/** Who gets a template because of its name, whatever the operating system. */
export function servedByName({
  name,
  kind,
}: Pick<ProvisioningTemplate, 'name' | 'kind'>): 'unknown machines' | 'hosts out of build mode' | undefined {
  const names = BOOT_KINDS[kind];
  if (name === names?.unknown || name === INTERMEDIATE_SCRIPT) return 'unknown machines';
  return name === names?.local ? 'hosts out of build mode' : undefined;
}

export function select(
  kind: TemplateKind,
  identity: Identity,
  site: Site,
  options: SelectOptions,
): Selection {
  if (options.bootstrap && kind === 'iPXE') {
    return named(
      site,
      INTERMEDIATE_SCRIPT,
      kind,
      because('script-intermediate', { template: INTERMEDIATE_SCRIPT }),
    );
  }
  if (identity.kind === 'refused') {
    return {
      kind: 'error',
      code: identity.code,
      values: identity.values,
      ...(identity.host && { host: identity.host }),
    };
  }
  const { held } = options;
  if (held !== undefined && tellsOfHold(kind))
    return { kind: 'held', held, because: holdReason(held.hold, held.machine) };
  if (identity.kind === 'unknown') return forUnknown(kind, identity.evidence, site);
  return forHost(kind, identity.host, site, options);
}

function forUnknown(kind: TemplateKind, evidence: string, site: Site): Selection {
  const names = BOOT_KINDS[kind];
  if (names === undefined) return { kind: 'error', code: 'HOST_UNKNOWN', values: { evidence } };
  return named(site, names.unknown, kind, because('script-unknown', { template: names.unknown }));
}

function forHost(kind: TemplateKind, host: Host, site: Site, { now, driver }: SelectOptions): Selection {
  if (!host.build) return notInBuild(kind, host, site);
  if (host.token !== undefined && isExpired(host.token, now)) {
    const expired = new Date(host.token.expires_at ?? now).toISOString();
    return { kind: 'error', code: 'TOKEN_EXPIRED', values: { host: host.name, expired }, host };
  }
  const os = osOf(site, host);
  if (os === undefined) return { kind: 'error', code: 'HOST_NO_OS', values: { host: host.name }, host };
  const template = findTemplate(site, os, kind, effectiveHost(site, host));
  const values = { kind, host: host.name, os: osTitle(os) };
  if (template === undefined) return { kind: 'error', code: 'TEMPLATE_MISSING', values, host };
  const first = CHAINS.find(([, name]) => name === template.name)?.[0];
  const chosen = first && chainOf(site, host, first, driver?.(first));
  if (chosen !== undefined) return chosen;
  return {
    kind: 'template',
    template,
    host,
    because: because('script-build', { host: host.name, template: template.name }),
  };
}

/** The templates by which PXELINUX goes on with iPXE differ in its driver only. */
const CHAINS: readonly (readonly [IpxeDriver, string])[] = [
  ['own', 'PXELinux chain iPXE'],
  ['rom', 'PXELinux chain iPXE UNDI'],
];

/** What a host may be given instead of a template, because of the driver that its iPXE is to use. */
export function otherChain(name: string): string | undefined {
  const [driver] = CHAINS.find(([, chain]) => chain === name) ?? [];
  return driver && CHAINS.find(([other]) => other !== driver)?.[1];
}

const DRIVER_REASONS = {
  configured: 'script-driver',
  other: 'script-driver-other',
  worked: 'script-driver-worked',
} as const;

/** The one with the driver that was chosen; undefined where that is the one it would have been. */
function chainOf(
  site: Site,
  host: Host,
  first: IpxeDriver,
  choice: DriverChoice | undefined,
): Selection | undefined {
  if (choice === undefined || choice.driver === first) return undefined;
  const name = CHAINS.find(([driver]) => driver === choice.driver)![1];
  const template = site.get('provisioning_templates', name);
  if (template === undefined) return undefined;
  const words = { driver: DRIVER_WORDS[choice.driver], tried: DRIVER_WORDS[first] };
  return {
    kind: 'template',
    template,
    host,
    because: because(DRIVER_REASONS[choice.why], { host: host.name, template: name, ...words }),
  };
}

/** Its disk, for a boot loader; nothing for anything that would install. */
function notInBuild(kind: TemplateKind, host: Host, site: Site): Selection {
  const names = BOOT_KINDS[kind];
  if (names === undefined)
    return { kind: 'error', code: 'HOST_NOT_IN_BUILD', values: { host: host.name, kind }, host };
  const parameters = mergedParameters(parameterLayers(site, host));
  // Foreman takes either spelling, the exact one first.
  const override = parameters[`local_boot_${kind}`] ?? parameters[`local_boot_${kind.toLowerCase()}`];
  const name = typeof override === 'string' && override !== '' ? override : names.local;
  return named(site, name, kind, because('script-local', { host: host.name, template: name }), host);
}

function named(site: Site, name: string, kind: TemplateKind, reason: Reason, host?: Host): Selection {
  const template = site.get('provisioning_templates', name);
  if (template === undefined) {
    return {
      kind: 'error',
      code: 'TEMPLATE_MISSING',
      values: { kind, host: host?.name ?? 'unknown machines', os: name },
    };
  }
  return { kind: 'template', template, because: reason, ...(host && { host }) };
}
