/** A temporary directory with a lifetime, named after the process so that a later one can sweep it. */

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, onCrash } from './rescue.ts';

const NAME = /^chainboot-lab-(\d+)-/;

export type WorkDirectory = { readonly path: string; remove(): void };

/** Makes an empty directory and removes those of dead processes. */
export function makeWorkDirectory(): WorkDirectory {
  sweep();
  const path = mkdtempSync(join(tmpdir(), `chainboot-lab-${process.pid}-`));
  const erase = () => rmSync(path, { recursive: true, force: true });
  const forget = onCrash(erase);
  return {
    path,
    remove: () => {
      erase();
      forget();
    },
  };
}

function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = NAME.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}
