import type { Command } from 'commander';
import type { Neighbour } from '../boot/neighbour.ts';
import { loadConfig, neighboursFile } from '../config/load.ts';
import { loadNeighbours } from '../store/neighbours.ts';
import { clock, printJson, printLine, printTable } from './output.ts';
import { globals } from './verbs.ts';

const AFTER = `
The running server hears them: broadcast answers (with CAP_NET_RAW), relays, servers that machines name, and whoever
answers a DISCOVER of its own (watch.probe_minutes). Answers that a switch passes to their machine alone are not heard.`;

export function neighboursVerb(program: Command): void {
  program
    .command('neighbours')
    .description(
      'other DHCP servers, proxies and relays on the served links, and whom they get in the way of',
    )
    .addHelpText('after', AFTER)
    .action((_options: object, command: Command) => {
      const { config: file, json } = globals(command);
      const found = loadNeighbours(neighboursFile(loadConfig(file)));
      if (json) return printJson(found);
      if (found.length === 0) return printLine('Nobody else was heard.');
      const header = ['LINK', 'ADDRESS', 'MAC', 'ROLE', 'OFFERS', 'LAST HEARD', 'COUNT', 'CONFLICT'];
      printTable(header, found.map(row));
    });
}

function row({
  link,
  address,
  mac,
  vendor,
  role,
  offers,
  lastSeen,
  count,
  conflicts,
}: Neighbour): readonly string[] {
  const card = vendor === undefined ? (mac ?? '') : `${mac} ${vendor}`;
  const offered = [offers.address, offers.bootFile, offers.nextServer && `next ${offers.nextServer}`];
  const told = offered.filter(Boolean).join(', ');
  return [link, address, card, role, told, clock(lastSeen), String(count), conflicts ?? ''];
}
