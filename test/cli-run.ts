/** A verb of the command line in this process, with what it says and how it ends. */

import { join } from 'node:path';
import { vi } from 'vitest';
import { run } from '../src/cli/program.ts';

export type Ran = { readonly status: number; readonly out: string; readonly err: string };

/** With the `config.yaml` of the directory, whose path is left out of what is said. */
export async function runCli(directory: string, words: readonly string[]): Promise<Ran> {
  const said = { out: '', err: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      said[stream === 'stdout' ? 'out' : 'err'] += String(text);
      return true;
    }),
  );
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await run(['node', 'chainboot', '--config', join(directory, 'config.yaml'), ...words], '0');
    const without = (text: string) => text.replaceAll(`${directory}/`, '');
    return { status: Number(process.exitCode), out: without(said.out), err: without(said.err) };
  } finally {
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
  }
}
