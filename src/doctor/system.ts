/** Files and programs of the system, which need not be there or be for us to read. */

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const PATIENCE_MS = 5000;
const run = promisify(execFile);

export function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** What it prints; undefined when it is missing, fails or is not allowed. */
export async function output(program: string, ...args: readonly string[]): Promise<string | undefined> {
  try {
    const options = { timeout: PATIENCE_MS, maxBuffer: 16 << 20 };
    return (await run(program, [...args], options)).stdout;
  } catch {
    return undefined;
  }
}
