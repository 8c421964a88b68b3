/**
 * Whether a host in build mode would boot and install: everything it lacks, at once. The same for `host build`, the API,
 * declared hosts and previews. What the records say is looked at first; then its templates are rendered as the machine
 * would get them, and the files of its medium are asked for.
 */

import { companionsOf, defaultLoaderFiles, loaderFileOf, loaderKindOf } from '../boot/loaders.ts';
import { otherChain } from '../boot/select.ts';
import { type BaseUrl, mediumUrl } from '../boot/urls.ts';
import { ChainbootError } from '../errors.ts';
import { findPtable, findTemplate, osOf, suits, userDataKind } from '../inventory/association.ts';
import { bootFiles, normalUrl } from '../inventory/bootfiles.ts';
import { type EffectiveHost, effectiveHost } from '../inventory/hostgroup.ts';
import { type Site, subnetOfInterface } from '../inventory/site.ts';
import {
  type Host,
  type Interface,
  type Medium,
  type OperatingSystem,
  type OsFamily,
  osTitle,
  type PartitionTable,
  type ProvisioningTemplate,
  provisionInterface,
  type TemplateKind,
} from '../inventory/types.ts';
import { fileBelow } from '../media/file-below.ts';
import { reach } from '../media/reach.ts';
import { contains, parseCidr } from '../net/cidr.ts';
import type { Ipv4 } from '../net/ip.ts';
import type { RenderPool } from '../template/pool.ts';
import { renderFor } from './answers.ts';
import { type BuildCheck, type Lack, lack } from './build-lacks.ts';
import type { BuildChecker } from './hosts.ts';

export type BuildCheckDeps = {
  /** Without one, templates are looked for and not rendered. */
  readonly pool?: Pick<RenderPool, 'render'> | undefined;
  /** The boot plane, as templates are to name it. */
  readonly base: () => BaseUrl;
  /** Root certificate of our HTTPS, PEM. */
  readonly root: () => string | undefined;
  /** Whether a boot loader of this name is installed. */
  readonly hasLoader: (file: string) => boolean;
  readonly links: () => readonly CheckedLink[];
  /** Whether a web server has a file; over the network unless given. */
  readonly reach?: typeof reach;
  readonly now: () => number;
};

/** `server`: nobody else hands out addresses there. */
export type CheckedLink = { readonly address: Ipv4; readonly mode: 'server' | 'proxy' | 'off' };

/** A web server that does not answer in this time is taken for unreachable. */
const REACH_MS = 2000;
/** Foreman's least length of a root password. */
const LEAST_PASSWORD = 8;

/** Found of one aspect: `errors` are what installations fail of, `warnings` what they may fail of. */
type Found = { readonly errors?: readonly Lack[]; readonly warnings?: readonly Lack[] };

export function buildChecker(given: BuildCheckDeps): BuildChecker {
  const deps = { ...given, reach: remembering(given.reach ?? reach, given.now) };
  return async (site, declared) => {
    const host = effectiveHost(site, declared);
    const os = osOf(site, host);
    const found = [
      machineLacks(host),
      addressLacks(deps, site, host),
      passwordLacks(site, host),
      ...(os === undefined
        ? [{ errors: [lack('no-operatingsystem', 'operatingsystem')] }]
        : await systemLacks(deps, site, host, os)),
    ];
    return gathered(found);
  };
}

/** What a web server said a moment ago is not asked again: racks are put into build mode at once, from one mirror. */
const REMEMBER_MS = 10_000;
const MOST_REMEMBERED = 1000;

function remembering(ask: typeof reach, now: () => number): typeof reach {
  const known = new Map<string, { readonly at: number; readonly answer: ReturnType<typeof reach> }>();
  return (url, timeoutMs) => {
    const before = known.get(url);
    if (before !== undefined && now() - before.at < REMEMBER_MS) return before.answer;
    if (known.size >= MOST_REMEMBERED) known.clear();
    const answer = ask(url, timeoutMs);
    known.set(url, { at: now(), answer });
    return answer;
  };
}

/** Hosts looked at together, so that no thread waits while a web server thinks. */
const TOGETHER = 8;

/** The same for many hosts, in their order. */
export async function checkHosts(
  check: BuildChecker,
  site: Site,
  hosts: readonly Host[],
): Promise<readonly { readonly host: Host; readonly found: BuildCheck }[]> {
  const checked: { host: Host; found: BuildCheck }[] = [];
  for (let i = 0; i < hosts.length; i += TOGETHER) {
    const some = hosts.slice(i, i + TOGETHER);
    checked.push(
      ...(await Promise.all(some.map(async (host) => ({ host, found: await check(site, host) })))),
    );
  }
  return checked;
}

function gathered(found: readonly Found[]): BuildCheck {
  return {
    errors: found.flatMap(({ errors = [] }) => errors),
    warnings: found.flatMap(({ warnings = [] }) => warnings),
  };
}

function provisionField(host: Host, field: keyof Interface): string {
  const nic = provisionInterface(host);
  return nic === undefined ? 'interfaces' : `interfaces.${host.interfaces.indexOf(nic)}.${field}`;
}

/** A bond or a bridge is known by the cards it is made of, a VLAN by the one it is on. */
function machineLacks(host: Host): Found {
  const nic = provisionInterface(host);
  const below = host.interfaces.filter(
    ({ identifier }) =>
      identifier !== undefined &&
      (identifier === nic?.attached_to || nic?.attached_devices?.includes(identifier)),
  );
  if ([nic, ...below].some((each) => each?.mac !== undefined)) return {};
  return { errors: [lack('no-mac', provisionField(host, 'mac'))] };
}

/** Beside another DHCP server, that one gives the address. */
function addressLacks({ links }: BuildCheckDeps, site: Site, host: Host): Found {
  const nic = provisionInterface(host);
  if (nic === undefined || nic.ip !== undefined || nic.ip6 !== undefined) return {};
  const subnet = subnetOfInterface(site, nic);
  const none = (reason: string): Found => ({
    errors: [lack('no-address', provisionField(host, 'ip'), { reason })],
  });
  if (subnet?.boot_mode === 'Static')
    return none(`hosts of the subnet ${subnet.name} have addresses of their own`);
  const served = links();
  if (served.some(({ mode }) => mode !== 'server')) return {};
  if (subnet !== undefined)
    return subnet.from === undefined ? none(`the subnet ${subnet.name} has no pool`) : {};
  const pools = site.list('subnets').filter(({ from }) => from !== undefined);
  const reached = pools.some(({ network, relay, shared_network }) => {
    const cidr = parseCidr(network);
    const here = cidr !== undefined && served.some(({ address }) => contains(cidr, address));
    return here || relay !== undefined || shared_network !== undefined;
  });
  if (reached) return {};
  const elsewhere = { warnings: none('no subnet of a served link has a pool').errors! };
  return pools.length > 0 ? elsewhere : none('no subnet has a pool');
}

const PASSWORDLESS: readonly OsFamily[] = ['Coreos', 'Fcos', 'Rhcos', 'Talos', 'Rancheros'];
/** crypt(5): `$6$salt$hash` and its like, or the thirteen characters of DES. */
const CRYPT = /^(?:\$[\w-]+\$.+|[./0-9A-Za-z]{13})$/;

function passwordLacks(site: Site, host: EffectiveHost): Found {
  const os = osOf(site, host);
  const setting = site.get('settings', 'root_pass')?.value;
  const password = host.root_pass ?? (typeof setting === 'string' ? setting : undefined);
  if (os === undefined || PASSWORDLESS.includes(os.family)) return {};
  if (password === undefined || password === '') return { warnings: [lack('no-password', 'root_pass')] };
  // Windows takes the password itself, in base64.
  if (CRYPT.test(password) || os.family === 'Windows' || os.password_hash?.startsWith('Base64')) return {};
  if (password.length < LEAST_PASSWORD)
    return { errors: [lack('password-short', 'root_pass', { least: LEAST_PASSWORD })] };
  return { warnings: [lack('password-plain', 'root_pass')] };
}

async function systemLacks(
  deps: BuildCheckDeps,
  site: Site,
  host: EffectiveHost,
  os: OperatingSystem,
): Promise<readonly Found[]> {
  const [templates, medium] = await Promise.all([
    templateLacks(deps, site, host, os),
    mediumLacks(deps, site, host, os),
  ]);
  return [architectureLacks(host, os), loaderLacks(deps, host), medium, templates, diskLacks(site, host, os)];
}

function architectureLacks({ architecture }: EffectiveHost, os: OperatingSystem): Found {
  const { architectures } = os;
  if (architectures.length === 0 || architectures.includes(architecture)) return {};
  const values = { os: osTitle(os), architecture, architectures: architectures.join(', ') };
  return { warnings: [lack('architecture-foreign', 'architecture', values)] };
}

/** Images and boot disks need nothing of the network's loaders. */
function bootsFromNetwork({ provision_method }: Host): boolean {
  return provision_method === undefined || provision_method === 'build';
}

function loaderLacks({ hasLoader }: BuildCheckDeps, host: EffectiveHost): Found {
  const { pxe_loader: loader, architecture } = host;
  if (!bootsFromNetwork(host)) return {};
  if (loader === 'None') return { warnings: [lack('no-loader', 'pxe_loader')] };
  if (loader !== undefined) {
    const file = loaderFileOf(loader, architecture);
    if (file === undefined) return {};
    const missing = (name: string): Lack => lack('loader-missing', 'pxe_loader', { file: name, loader });
    if (!hasLoader(file)) return { errors: [missing(file)] };
    const companions = companionsOf(file).filter((name) => !hasLoader(name));
    return { warnings: companions.map(missing) };
  }
  const files = defaultLoaderFiles(architecture);
  if (files.length === 0) return { warnings: [lack('loader-unknown', 'architecture', { architecture })] };
  // Machines whose ROM is iPXE, as virtual ones have, are given none.
  if (files.some(hasLoader)) return {};
  const values = { file: files.join(', '), loader: 'chosen for the firmware' };
  return { warnings: [lack('loader-missing', 'pxe_loader', values)] };
}

/** Families that ask for a disk layout in their answers. */
const LAID_OUT: readonly OsFamily[] = ['Debian', 'Redhat', 'Suse', 'Windows', 'Altlinux'];

/** Without one, the answers of the template have a gap there, which installers ask about on the console. */
function diskLacks(site: Site, host: EffectiveHost, os: OperatingSystem): Found {
  if (!LAID_OUT.includes(os.family) || host.disk || host.provision_method === 'image') return {};
  const ptable = findPtable(site, host);
  if (ptable !== undefined) return foreignTable(ptable, os);
  const found = [lack('no-disk-layout', 'ptable', { os: osTitle(os) })];
  const answers = findTemplate(site, os, 'provision', host);
  // Templates of the site may bring a layout of their own.
  return answers?.template.includes('diskLayout') ? { errors: found } : { warnings: found };
}

/** A table that says nothing of systems is for all of its family. */
function foreignTable(ptable: PartitionTable, os: OperatingSystem): Found {
  const { name, os_family = os.family, oses = [] } = ptable;
  const fits =
    os.ptables.includes(name) || suits(ptable, os) || (oses.length === 0 && os_family === os.family);
  if (fits) return {};
  const ptables = os.ptables.length === 0 ? 'those made for it' : os.ptables.join(', ');
  return { warnings: [lack('ptable-foreign', 'ptable', { ptable: name, os: osTitle(os), ptables })] };
}

async function mediumLacks(
  deps: BuildCheckDeps,
  site: Site,
  host: EffectiveHost,
  os: OperatingSystem,
): Promise<Found> {
  if (host.provision_method === 'image') return {};
  const title = host.medium ?? os.media[0];
  const medium = title === undefined ? undefined : site.get('media', title);
  const media = os.media.length === 0 ? 'none' : os.media.join(', ');
  if (medium === undefined) {
    const needed = bootFiles(os, { name: '', path: '' }, host.architecture, '')?.kernel.uri !== undefined;
    return needed ? { errors: [lack('no-medium', 'medium', { os: osTitle(os), media })] } : {};
  }
  if (os.media.length > 0 && !os.media.includes(medium.name))
    return { errors: [lack('medium-foreign', 'medium', { medium: medium.name, os: osTitle(os), media })] };
  return filesLacks(deps, medium, host, os);
}

/** Kernel, initrd and what the family needs besides. */
async function filesLacks(
  deps: BuildCheckDeps,
  medium: Medium,
  { architecture }: EffectiveHost,
  os: OperatingSystem,
): Promise<Found> {
  const served = mediumUrl(deps.base(), medium.name);
  const files = bootFiles(os, medium, architecture, served);
  if (files === undefined) return {};
  const wanted = [files.kernel, files.initrd, ...Object.values(files.others)];
  const lacks = wanted.map(({ name, uri }) =>
    uri === undefined ? {} : fileLacks(deps, medium, { file: name, uri, served }),
  );
  return gathered(await Promise.all(lacks));
}

type MediumFile = { readonly file: string; readonly uri: string; readonly served: string };

async function fileLacks(
  { reach: ask = reach }: BuildCheckDeps,
  medium: Medium,
  { file, uri, served }: MediumFile,
): Promise<Found> {
  const root = `${normalUrl(served)}/`;
  const below = medium.path.startsWith('/') && uri.startsWith(root) ? uri.slice(root.length) : undefined;
  if (below !== undefined) {
    const found = await fileBelow(medium.path, below, 'inside');
    const values = { medium: medium.name, file, place: `${medium.path}/${below}` };
    return found === undefined ? { errors: [lack('file-missing', 'medium', values)] } : {};
  }
  const answer = await ask(uri, REACH_MS);
  const values = { medium: medium.name, file, place: uri };
  if (answer.kind === 'missing') return { errors: [lack('file-missing', 'medium', values)] };
  if (answer.kind === 'there') return {};
  return { warnings: [lack('medium-unreachable', 'medium', { ...values, reason: answer.reason })] };
}

/** Those without which nothing installs come first; the others only matter where a machine asks for them. */
const BY_THE_WAY: readonly TemplateKind[] = ['finish', 'script'];

async function templateLacks(
  deps: BuildCheckDeps,
  site: Site,
  host: EffectiveHost,
  os: OperatingSystem,
): Promise<Found> {
  const boot = bootTemplates(site, host, os);
  const answers = answerTemplates(site, host, os);
  const later = BY_THE_WAY.flatMap((kind) => findTemplate(site, os, kind, host) ?? []);
  const renderings = [...boot.templates, ...answers.templates, ...later].map(async (template) => {
    const found = await renderLack(deps, site, host, template);
    if (found === undefined) return {};
    return later.includes(template) ? { warnings: [found] } : { errors: [found] };
  });
  return gathered([boot, answers, ...(await Promise.all(renderings))]);
}

type Templates = Found & { readonly templates: readonly ProvisioningTemplate[] };

/** What its loader reads, and what that goes on with. */
function bootTemplates(site: Site, host: EffectiveHost, os: OperatingSystem): Templates {
  const kind = bootsFromNetwork(host) ? loaderKindOf(host.pxe_loader) : undefined;
  if (kind === undefined) return { templates: [] };
  const first = findTemplate(site, os, kind, host);
  if (first === undefined) return { templates: [], errors: [noTemplate(kind, os)] };
  if (otherChain(first.name) === undefined) return { templates: [first] };
  const next = findTemplate(site, os, 'iPXE', host);
  return next === undefined
    ? { templates: [first], errors: [noTemplate('iPXE', os)] }
    : { templates: [first, next] };
}

function noTemplate(kind: TemplateKind, os: OperatingSystem): Lack {
  return lack('no-template', 'operatingsystem', { kind, os: osTitle(os) });
}

/** What tells the installer what to do. */
function answerTemplates(site: Site, host: EffectiveHost, os: OperatingSystem): Templates {
  const kinds: readonly TemplateKind[] = ['provision', userDataKind(site, host)];
  const templates = kinds.flatMap((kind) => findTemplate(site, os, kind, host) ?? []);
  if (templates.length > 0) return { templates };
  const values = { os: osTitle(os), kinds: kinds.join(' or ') };
  return { templates, errors: [lack('no-answers', 'operatingsystem', values)] };
}

async function renderLack(
  { pool, base, root, now }: BuildCheckDeps,
  site: Site,
  host: Host,
  template: ProvisioningTemplate,
): Promise<Lack | undefined> {
  if (pool === undefined) return undefined;
  const { kind, name } = template;
  const mac = provisionInterface(host)?.mac;
  const outcome = await renderFor(
    { site: () => site, pool, now, root },
    // With its text: whoever looks at a change has templates that no machine can be given yet.
    { name, text: template.template },
    { kind, host, base: base(), mac, preview: true },
  );
  if (!(outcome instanceof ChainbootError)) return undefined;
  const values = { kind, template: name, host: host.name, reason: String(outcome.values.reason) };
  return lack('template-fails', 'operatingsystem', values);
}
