/** Our playbooks against the documentation of the theforeman.foreman collection that is installed. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, it } from 'vitest';
import {
  type Documentation,
  documented,
  MODULES_LEFT_OUT,
  OPTIONS_LEFT_OUT,
  type Uses,
  used,
} from './ansible-coverage.ts';

const inPlaybooks = used(fileURLToPath(new URL('./ansible', import.meta.url)));

/** As the installed collection documents itself; undefined: there is none. */
const collection = existsSync('/usr/bin/ansible-doc') ? documented(dumped()) : undefined;

function dumped(): Documentation {
  const home = mkdtempSync(join(tmpdir(), 'chainboot-ansible-'));
  const { stdout } = spawnSync('ansible-doc', ['--metadata-dump', 'theforeman.foreman'], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: home, LC_ALL: 'C.UTF-8' },
    maxBuffer: 64 * 1024 * 1024,
  });
  rmSync(home, { recursive: true });
  return (JSON.parse(stdout) as { readonly all: { readonly module: Documentation } }).all.module;
}

beforeEach((context) => {
  if (collection === undefined) context.skip('/usr/bin/ansible-doc is missing: apt install ansible');
});

it('is every module of the collection, but for those that are left out for a reason', () => {
  expect(collection!.size).toBeGreaterThan(50);
  const decided = [...inPlaybooks.keys(), ...MODULES_LEFT_OUT.keys()];
  expect(decided.toSorted()).toEqual([...collection!.keys()].toSorted());
});

it('is every option and state of theirs, but for those that are left out for a reason', () => {
  const wanted = new Map([...collection!].filter(([module]) => inPlaybooks.has(module)));
  const leftOut = Object.entries(OPTIONS_LEFT_OUT).flatMap(([module, reasons]) =>
    Object.keys(reasons).map((option) => `${module} ${option}`),
  );
  expect(missing(wanted, inPlaybooks).toSorted()).toEqual(leftOut.toSorted());
});

/** `module option` of what is in one and not in the other. */
function missing(from: Uses, others: Uses): readonly string[] {
  return [...from].flatMap(([module, options]) =>
    [...options].filter((option) => !others.get(module)?.has(option)).map((option) => `${module} ${option}`),
  );
}
