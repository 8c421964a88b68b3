/**
 * Makes a fresh clone ready: Debian packages, node_modules, dist. Does only what is needed and says each thing in
 * one line on stderr. Plain JavaScript on Node's own modules, because it runs before node_modules exists.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environment, provide } from './debian.mjs';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUILT = join(ROOT, 'dist/.built');
/** npm writes its record and package-lock.json one after the other. */
const SLACK_MS = 5000;

export function say(text) {
  process.stderr.write(`${text}\n`);
}

/** @param purpose 'demo', 'test' or 'bench' @returns false when the program cannot be built */
export function setUp(purpose) {
  provide(purpose, say);
  return installDependencies() && build();
}

/** Runs a program of the project with our terminal; true when it succeeded. */
export function runHere(file, args, options = {}) {
  const result = spawnSync(file, args, { cwd: ROOT, stdio: 'inherit', env: environment(), ...options });
  if (result.error !== undefined) say(`${file} did not start: ${result.error.message}`);
  return result.status === 0;
}

/** A program that npm installed, run by this Node. */
export function runTool(name, args, options = {}) {
  return runHere(process.execPath, [toolPath(name), ...args], options);
}

const TOOLS = {
  tsc: 'typescript/bin/tsc',
  biome: '@biomejs/biome/bin/biome',
  knip: 'knip/bin/knip.js',
  vitest: 'vitest/vitest.mjs',
};

export function toolPath(name) {
  return join(ROOT, 'node_modules', TOOLS[name]);
}

function installDependencies() {
  if (!dependenciesAreStale()) return true;
  say('Installing dependencies: npm ci --ignore-scripts');
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  // npm knows where it is; a shell may not.
  const npm = process.env.npm_execpath;
  return npm?.endsWith('.js') ? runHere(process.execPath, [npm, ...args]) : runHere('npm', args);
}

function dependenciesAreStale() {
  const record = join(ROOT, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return true;
  return statSync(record).mtimeMs + SLACK_MS < statSync(join(ROOT, 'package-lock.json')).mtimeMs;
}

/** Compiles src into dist when anything in it is newer. */
export function build() {
  if (!distIsStale()) return true;
  const started = Date.now();
  say('Building: tsc -p tsconfig.build.json');
  if (!runTool('tsc', ['-p', 'tsconfig.build.json'])) return false;
  writeFileSync(BUILT, `${new Date(started).toISOString()}\n`);
  return true;
}

function distIsStale() {
  if (!existsSync(BUILT) || !existsSync(join(ROOT, 'dist/main.js'))) return true;
  const built = statSync(BUILT).mtimeMs;
  const inputs = [
    ...readdirSync(join(ROOT, 'src'), { recursive: true }).map((name) => join('src', name)),
    ...['package-lock.json', 'tsconfig.json', 'tsconfig.build.json'],
  ];
  return inputs.some((name) => statSync(join(ROOT, name)).mtimeMs > built);
}
