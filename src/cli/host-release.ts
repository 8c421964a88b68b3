import type { Command } from 'commander';
import { holdReason } from '../boot/hold.ts';
import { sentence } from '../boot/reason.ts';
import { heldMachines, type Released, releaseMachine } from '../service/hosts.ts';
import { withInventory } from './open.ts';
import { clock, printJson, printLine, printTable } from './output.ts';
import { globals } from './verbs.ts';

/** `host held`: machines that the loop guard holds. */
export function heldVerb(host: Command): void {
  host
    .command('held')
    .description('the machines that are held because they boot in circles, and why')
    .action(async (_options, command: Command) => {
      const { config, json } = globals(command);
      const held = await withInventory(config, async ({ inventory }) => heldMachines(inventory.site));
      if (json) return printJson(held.map(told));
      printTable(['MACHINE', 'SINCE', 'WHY'], held.map(row));
    });
}

/** `host release NAME`: the other way out is `host build`. */
export function releaseVerb(host: Command): void {
  host
    .command('release <name>')
    .description('let a held machine go: a host, or a MAC or IP address that no host has')
    .action(async (name: string, _options, command: Command) => {
      const { config, json } = globals(command);
      const released = await withInventory(config, ({ inventory }) => releaseMachine(inventory, name));
      if (json) return printJson(told(released));
      printLine(`${released.machine} is let go; it goes on by itself within minutes, or at its next boot`);
    });
}

function told({ machine, hold }: Released) {
  return { machine, ...hold, sentence: sentence(holdReason(hold, machine)) };
}

function row({ machine, hold }: Released): readonly string[] {
  return [machine, clock(hold.at), sentence(holdReason(hold, machine))];
}
