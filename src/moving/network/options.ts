/** Options of a scope to the fields that a site has for them. */

import type { PxeLoader } from '../../inventory/types.ts';
import { broadcast, type Cidr, contains, formatCidr } from '../../net/cidr.ts';
import { formatIpv4, parseIpv4 } from '../../net/ip.ts';
import { loaderOf } from '../loader.ts';
import { domainName } from '../names.ts';
import type { Report } from '../report.ts';
import type { DraftBoot, DraftOption, DraftOptions } from './drafts.ts';
import { hexBytes, type OptionValue, routesOf, siteOption } from './option-value.ts';

export const CODE = {
  mask: 1,
  routers: 3,
  dns: 6,
  hostName: 12,
  domain: 15,
  mtu: 26,
  broadcast: 28,
  vendorClass: 60,
  bootfile: 67,
  routes: 121,
} as const;

/** What Chainboot says by itself. */
const OWN: Readonly<Record<number, string>> = {
  50: 'is the client’s to say',
  51: 'the lease time of the subnet says it',
  52: 'the exchange itself uses it',
  53: 'the exchange itself uses it',
  54: 'is the address of Chainboot',
  55: 'is the client’s to say',
  56: 'the exchange itself uses it',
  57: 'the exchange itself uses it',
  58: 'is a half of the lease time',
  59: 'is seven eighths of the lease time',
  61: 'is the client’s to say',
  82: 'is the relay’s to say',
};

export type SiteOptions = Record<string, OptionValue>;

/** `dhcp_options`, or none; what is no value of its type is refused. */
export function plainOptions(options: Iterable<DraftOption>, report: Report): SiteOptions | undefined {
  const entries = [...options].flatMap((option) => {
    const said = plainOption(option, report);
    return said === undefined ? [] : [[said.name, said.value] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function plainOption(option: DraftOption, report: Report): ReturnType<typeof siteOption> {
  const { place, called, code, type, words } = option;
  const subject = `option ${called}`;
  const own = OWN[code];
  if (own !== undefined) {
    report.left(place, subject, own);
    return undefined;
  }
  if (code === CODE.vendorClass && /^(PXE|HTTP)Client/.test(words[0] ?? '')) {
    report.left(place, subject, 'Chainboot says it to the firmware that needs it');
    return undefined;
  }
  const said = (code === CODE.routes && writtenRoutes(option)) || siteOption(code, type, words);
  if (said === undefined) report.refused(place, subject, `${words.join(', ')} is no value of it`);
  else report.taken(place, subject, `dhcp_options: ${said.name}`);
  return said;
}

/** Some servers have classless routes as bytes only. */
function writtenRoutes({ code, type, words }: DraftOption): ReturnType<typeof siteOption> {
  const bytes = type === 'bytes' ? words.map(Number) : type === 'hex' ? hexBytes(words.join(':')) : undefined;
  const routes = bytes === undefined ? undefined : routesOf(bytes);
  return routes === undefined ? undefined : siteOption(code, 'routes', routes);
}

export type SubnetFields = {
  readonly gateway?: string;
  readonly dns_primary?: string;
  readonly dns_secondary?: string;
  readonly domain?: string;
  readonly mtu?: number;
  readonly dhcp_options?: SiteOptions;
};

/** Those with a field of their own in subnets, then the rest. */
export function subnetFields(options: DraftOptions, cidr: Cidr, report: Report): SubnetFields {
  const rest = new Map(options);
  rest.delete(CODE.mask);
  if (options.get(CODE.broadcast)?.words[0] === formatIpv4(broadcast(cidr))) rest.delete(CODE.broadcast);
  const fields = {
    ...gatewayField(rest, cidr, report),
    ...dnsFields(rest, report),
    ...domainField(rest, report),
    ...mtuField(rest, report),
  };
  const dhcp_options = plainOptions(rest.values(), report);
  return { ...fields, ...(dhcp_options && { dhcp_options }) };
}

function gatewayField(rest: Map<number, DraftOption>, cidr: Cidr, report: Report): SubnetFields {
  const option = rest.get(CODE.routers);
  const first = parseIpv4(option?.words[0] ?? '');
  if (option === undefined || first === undefined || !contains(cidr, first)) return {};
  if (option.words.length === 1) rest.delete(CODE.routers);
  report.taken(option.place, `option ${option.called}`, `gateway of the subnet ${formatCidr(cidr)}`);
  return { gateway: formatIpv4(first) };
}

function dnsFields(rest: Map<number, DraftOption>, report: Report): SubnetFields {
  const option = rest.get(CODE.dns);
  if (option === undefined || !option.words.every((word) => parseIpv4(word) !== undefined)) return {};
  const [dns_primary, dns_secondary, ...more] = option.words;
  if (more.length === 0) rest.delete(CODE.dns);
  report.taken(option.place, `option ${option.called}`, 'dns_primary and dns_secondary of its subnets');
  return { ...(dns_primary && { dns_primary }), ...(dns_secondary && { dns_secondary }) };
}

function domainField(rest: Map<number, DraftOption>, report: Report): { readonly domain?: string } {
  const option = rest.get(CODE.domain);
  const domain = domainName(option?.words[0] ?? '');
  if (option === undefined || domain === undefined) return {};
  rest.delete(CODE.domain);
  report.taken(option.place, `option ${option.called}`, 'domain of its subnets');
  return { domain };
}

function mtuField(rest: Map<number, DraftOption>, report: Report): SubnetFields {
  const option = rest.get(CODE.mtu);
  const mtu = Number(option?.words[0]);
  if (option === undefined || !Number.isInteger(mtu) || mtu < 68 || mtu > 65535) return {};
  rest.delete(CODE.mtu);
  report.taken(option.place, `option ${option.called}`, 'mtu of its subnets');
  return { mtu };
}

/** Option 67 says what is booted as well; what the header of the answer says counts. */
export function withBootOption(
  options: DraftOptions,
  boot: DraftBoot | undefined,
): { readonly options: DraftOptions; readonly boot: DraftBoot | undefined } {
  const option = options.get(CODE.bootfile);
  if (option === undefined) return { options, boot };
  const rest = new Map(options);
  rest.delete(CODE.bootfile);
  return { options: rest, boot: boot ?? { place: option.place, filename: option.words[0] ?? '' } };
}

export type BootFields = { readonly pxe_loader?: PxeLoader; readonly bootfile?: DraftOption };

/** The file that a scope boots: a loader by Foreman's name, or option 67 for what is none of ours. */
export function bootFields(boot: DraftBoot | undefined, ofOneHost: boolean, report: Report): BootFields {
  if (boot === undefined || boot.filename === '') return {};
  const { filename, place } = boot;
  const subject = `boot file ${filename}`;
  const loader = loaderOf(filename);
  if (loader !== undefined && !ofOneHost) {
    report.left(place, subject, 'Chainboot picks the loader that suits the firmware that asks');
    return {};
  }
  if (loader !== undefined) {
    report.taken(place, subject, `pxe_loader: ${loader}`);
    return { pxe_loader: loader };
  }
  if (/^(https?|tftp):|\.ipxe$|\.php$/i.test(filename)) {
    report.human(place, subject, 'is a script of yours; here an iPXE template renders one for each host');
    return {};
  }
  report.human(
    place,
    subject,
    'is no loader known here; kept as option bootfile-name for machines that Chainboot does not boot',
  );
  const code = CODE.bootfile;
  return { bootfile: { place, called: 'bootfile-name', code, type: 'text', words: [filename] } };
}
