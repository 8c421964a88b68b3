import type { Command } from 'commander';
import { runDemo } from '../lab/demo.ts';
import { globals } from './verbs.ts';

export function demoVerb(program: Command): void {
  program
    .command('demo')
    .description(
      'boot a machine over the network before your eyes, in a namespace of its own; leaves nothing behind',
    )
    .action(async (_options, command: Command) => {
      const { exitCode } = await runDemo({ stdout: process.stdout, json: globals(command).json === true });
      process.exitCode = exitCode;
    });
}
