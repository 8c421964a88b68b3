import type { Command } from 'commander';
import { replayHere } from '../app/replay/open.ts';
import { reportLines } from '../capture/report.ts';
import { loadConfig } from '../config/load.ts';
import { macOption, readCapture, withMacOption } from './capture-file.ts';
import { printJson, printLine } from './output.ts';
import { globals } from './verbs.ts';

export function replayVerb(program: Command): void {
  const replay = program
    .command('replay <file>')
    .description('the boot in a capture: its trace, why it failed, and what this server would have answered')
    .option('--link <name>', 'answer as on this configured link (default: the one the addresses belong to)')
    .action(
      async (file: string, options: { readonly mac?: string; readonly link?: string }, command: Command) => {
        const { config: configFile, json } = globals(command);
        const mac = macOption(options.mac);
        const { told, damage } = readCapture(file);
        const report = await replayHere(loadConfig(configFile), told, { link: options.link, mac });
        if (json) printJson(report);
        else for (const line of reportLines(report, told.began)) printLine(line);
        if (damage !== undefined) throw damage;
      },
    );
  withMacOption(replay);
}
