import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { declaredDriver } from '../boot/drivers.ts';
import { holdReason } from '../boot/hold.ts';
import { sentence } from '../boot/reason.ts';
import type { Config } from '../config/schema.ts';
import { buildStatus } from '../inventory/build.ts';
import { effectiveHost } from '../inventory/hostgroup.ts';
import { type Host, type IpxeDriver, provisionInterface } from '../inventory/types.ts';
import { buildHost, cancelHost, requireHost, type Tokens } from '../service/hosts.ts';
import { heldVerb, releaseVerb } from './host-release.ts';
import { withInventory } from './open.ts';
import { clock, printJson, printLine, printTable } from './output.ts';
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
      const { config, json } = globals(command);
      const { found, driver } = await withInventory(config, async ({ inventory: { site } }) => {
        const declared = requireHost(site, name);
        return { found: effectiveHost(site, declared), driver: declaredDriver(site, declared, undefined) };
      });
      if (json) return printJson(publicHost(found));
      printHost(found, driver);
    });
  host
    .command('build <name>')
    .description('put a host into build mode: its next network boot installs it')
    .action(async (name: string, _options, command: Command) => {
      const { config, json } = globals(command);
      const changed = await withInventory(config, ({ inventory, config: settings }) =>
        buildHost(inventory, name, tokensOf(settings)),
      );
      if (json) return printJson(publicHost(changed));
      const expires = changed.token?.expires_at;
      printLine(
        `${changed.name} is in build mode${expires === undefined ? '' : ` until ${clock(expires)} UTC`}; boot it from the network`,
      );
    });
  host
    .command('cancel <name>')
    .description('take a host out of build mode: its next network boot goes to its own disk')
    .action(async (name: string, _options, command: Command) => {
      const { config, json } = globals(command);
      const changed = await withInventory(config, ({ inventory }) => cancelHost(inventory, name));
      if (json) return printJson(publicHost(changed));
      printLine(`${changed.name} is not in build mode`);
    });
}

function tokensOf(config: Config): Tokens {
  return { random: randomUUID, now: Date.now, durationMinutes: config.token_duration };
}

/** Passwords stay in the database; only templates read them. */
function publicHost(host: Host) {
  const { root_pass, otp: _otp, ...rest } = host;
  return { ...rest, root_pass_set: root_pass !== undefined, build_status: buildStatus(host, Date.now()) };
}

function row(host: Host): readonly string[] {
  const nic = provisionInterface(host);
  return [
    host.name,
    nic?.mac ?? '',
    nic?.ip ?? nic?.ip6 ?? '',
    host.operatingsystem ?? '',
    host.hold === undefined ? buildStatus(host, Date.now()) : `${buildStatus(host, Date.now())}, held`,
  ];
}

function printHost(host: Host, driver: IpxeDriver | undefined): void {
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
    ['status', buildStatus(host, Date.now())],
    ['held since', host.hold && clock(host.hold.at)],
    ['held because', host.hold && sentence(holdReason(host.hold, host.name))],
    ['held at boot', host.hold?.boot],
    ['build since', host.build ? clock(host.initiated_at) : undefined],
    ['token expires', host.token === undefined ? undefined : clock(host.token.expires_at) || 'never'],
    ['installed at', clock(host.installed_at) || undefined],
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
  for (const [name, value] of Object.entries(host.parameters))
    printLine(`${'parameter'.padEnd(17)} ${name}=${JSON.stringify(value)}`);
}
