import type { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import { examine } from '../doctor/doctor.ts';
import type { Finding } from '../doctor/finding.ts';
import { EXIT, printJson, printLine } from './output.ts';
import { globals } from './verbs.ts';

const AFTER = `
Nothing is changed: each finding names the command that mends it. As root it sees more: whose a port is, and the rules of
the packet filter. The server may be running. Exit status: 0 without an error, 1 with one.`;

const MARKS = { error: 'ERROR', warning: 'warning', ok: 'ok', unknown: '?' } as const;

export function doctorVerb(program: Command): void {
  program
    .command('doctor')
    .description(
      'look at this machine for what keeps others from booting from it, with the commands that mend it',
    )
    .addHelpText('after', AFTER)
    .action(async (_options: object, command: Command) => {
      const { config: file, json } = globals(command);
      const findings = await examine(loadConfig(file));
      const ok = findings.every(({ level }) => level !== 'error');
      if (json) printJson({ ok, findings });
      else for (const finding of findings) print(finding);
      if (!ok) process.exitCode = EXIT.failed;
    });
}

function print({ level, code, message, commands }: Finding): void {
  printLine(`${MARKS[level].padEnd(8)} ${message}${level === 'ok' ? '' : ` [${code}]`}`);
  for (const command of commands) printLine(`           ${command}`);
}
