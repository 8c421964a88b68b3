import type { Command } from 'commander';
import type { Conversation } from '../capture/events.ts';
import { eventJson, eventLines } from '../capture/words.ts';
import { eventsOf, macOption, readCapture, withMacOption } from './capture-file.ts';
import { printLine, say } from './output.ts';
import { globals } from './verbs.ts';

export function decodeVerb(program: Command): void {
  const decode = program
    .command('decode <file>')
    .description(
      'every DHCP, PXE, TFTP and HTTP message of a capture (pcap, pcapng) in words; --json: one object a line',
    )
    .action((file: string, options: { readonly mac?: string }, command: Command) => {
      const { json } = globals(command);
      const { told, damage } = readCapture(file);
      for (const event of eventsOf(told, macOption(options.mac))) {
        if (json) printLine(JSON.stringify(eventJson(event)));
        else for (const line of eventLines(event, told.began)) printLine(line);
      }
      const others = othersLine(told);
      if (others !== undefined) say(others);
      if (damage !== undefined) throw damage;
    });
  withMacOption(decode);
}

function othersLine({ others }: Conversation): string | undefined {
  if (others.size === 0) return undefined;
  const counts = [...others].map(([what, count]) => `${count} ${what}`);
  return `not shown: ${counts.join(', ')}`;
}
