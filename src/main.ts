#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { run } from './cli/program.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
// A reader that goes away early (`chainboot boots | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
await run(process.argv, version);
