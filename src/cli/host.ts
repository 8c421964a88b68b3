import type { Command } from 'commander';
import { declaredDriver } from '../boot/drivers.ts';
import { holdReason } from '../boot/hold.ts';
import { sentence } from '../boot/reason.ts';
import { effectiveHost } from '../inventory/hostgroup.ts';
import { buildStatus, globalStatus } from '../inventory/statuses.ts';
import { type BuildEnd, type Host, type IpxeDriver, provisionInterface } from '../inventory/types.ts';
import { requireHost } from '../service/hosts.ts';
import type { Deployment } from '../service/proxies/deployment.ts';
import { buildVerb, cancelVerb } from './host-build.ts';
import { createVerb, deleteVerb } from './host-create.ts';
import { heldVerb, releaseVerb } from './host-release.ts';
import { withInventory } from './open.ts';
import { clock, printJson, printLine, printTable } from './output.ts';
import { deploymentLine, deploymentsOf } from './proxies.ts';
import { publicHost } from './public-host.ts';
import { globals } from './verbs.ts';

export function hostVerb(program: Command): void {
  const host = program.command('host').description('the hosts and their build mode');
  host
    .command('list')
    .description('every host with its address, system and build status')
    .action(async (_options, command: Command) => {
      const { config, json } = globals(command);
      const hosts = await withInventory(config, async ({ inventory: { site } }) =>
        site.list('hosts').map((entry) => effectiveHost(site, entry)),
      );
      if (json) return printJson(hosts.map(publicHost));
      printTable(['NAME', 'MAC', 'IP', 'OPERATING SYSTEM', 'STATUS'], hosts.map(row));
    });
  heldVerb(host);
  releaseVerb(host);
  host
    .command('show <name>')
    .description('everything about one host')
    .action(async (name: string, _options, command: Command) => {
      const { config: file, json } = globals(command);
      const { found, driver, config } = await withInventory(file, async ({ config, inventory: { site } }) => {
        const declared = requireHost(site, name);
        const driver = declaredDriver(site, declared, undefined);
        return { found: effectiveHost(site, declared), driver, config };
      });
      const deployed = await deploymentsOf(config, found.name);
      if (json) return printJson({ ...publicHost(found), ...(deployed && { proxy_deployments: deployed }) });
      printHost(found, driver, deployed ?? []);
    });
  createVerb(host);
  deleteVerb(host);
  buildVerb(host);
  cancelVerb(host);
}

function row(host: Host): readonly string[] {
  const nic = provisionInterface(host);
  return [
    host.name,
    nic?.mac ?? '',
    nic?.ip ?? nic?.ip6 ?? '',
    host.operatingsystem ?? '',
    `${buildStatus(host, Date.now()).label}${host.hold === undefined ? '' : ', held'}`,
  ];
}

function endOf({ how, at, by }: BuildEnd): string {
  return `${how === 'expired' ? 'its token expired' : how} at ${clock(at)}${by === undefined ? '' : ` by ${by}`}`;
}

function printHost(host: Host, driver: IpxeDriver | undefined, deployed: readonly Deployment[]): void {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['name', host.name],
    ['comment', host.comment],
    ['hostgroup', host.hostgroup],
    ['organization', host.organization],
    ['location', host.location],
    ['owner', host.owner],
    ['operating system', host.operatingsystem],
    ['architecture', host.architecture],
    ['medium', host.medium],
    ['partition table', host.ptable],
    ['realm', host.realm],
    ['pxe loader', host.pxe_loader ?? 'chosen for the firmware that asks'],
    ['ipxe driver', driver ?? 'the one that suits the way in'],
    ['status', globalStatus(host, Date.now()).label],
    ['build', buildStatus(host, Date.now()).label],
    ['held since', host.hold && clock(host.hold.at)],
    ['held because', host.hold && sentence(holdReason(host.hold, host.name))],
    ['held at boot', host.hold?.boot],
    ['build since', host.build ? clock(host.initiated_at) : undefined],
    ['token expires', host.token === undefined ? undefined : clock(host.token.expires_at) || 'never'],
    ['installed at', clock(host.installed_at) || undefined],
    ['last build', host.build_end && endOf(host.build_end)],
    ['last failure', host.build_errors],
  ];
  for (const [label, value] of facts) if (value !== undefined) printLine(`${label.padEnd(17)} ${value}`);
  for (const nic of host.interfaces) {
    const roles = [nic.primary && 'primary', nic.provision && 'provision'].filter(Boolean).join(', ');
    const addresses = [nic.mac, nic.ip, nic.ip6].filter((part) => part !== undefined).join(' ');
    printLine(
      `${'interface'.padEnd(17)} ${[nic.identifier, addresses, roles && `(${roles})`].filter(Boolean).join(' ')}`,
    );
  }
  for (const one of deployed) printLine(`${'smart proxy'.padEnd(17)} ${deploymentLine(one)}`);
  for (const [name, value] of Object.entries(host.parameters))
    printLine(`${'parameter'.padEnd(17)} ${name}=${JSON.stringify(value)}`);
}
