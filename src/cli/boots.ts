import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { diagnose } from '../boot/diagnose/diagnose.ts';
import { sightOf } from '../boot/diagnose/sight.ts';
import { holdOf } from '../boot/hold.ts';
import { sentence } from '../boot/reason.ts';
import { ChainbootError } from '../errors.ts';
import type { Site } from '../inventory/site.ts';
import { parseMac } from '../net/mac.ts';
import { isFault } from '../service/diagnosis.ts';
import type { BootRow, BootStore, StoredStep } from '../store/types.ts';
import { withInventory } from './open.ts';
import { clock, printJson, printLine, printTable, say, size } from './output.ts';
import { globals } from './verbs.ts';

type ListOptions = {
  readonly follow?: true;
  readonly host?: string;
  readonly mac?: string;
  readonly limit: string;
  readonly rehearsals?: true;
};

export function bootsVerb(program: Command): void {
  program
    .command('boots')
    .description('the boots that were seen, newest first')
    .option('--follow', 'print every step as it happens, until Ctrl-C')
    .option('--host <name>', 'only boots of this host')
    .option('--mac <mac>', 'only boots of this MAC address')
    .option('--rehearsals', 'boots that were only played, too')
    .option('--limit <count>', 'how many', '20')
    .action(async (options: ListOptions, command: Command) => {
      const { config, json } = globals(command);
      await withInventory(config, async ({ store, inventory: { site } }) => {
        const { rehearsals = false } = options;
        const wanted = machineOf(options);
        if (options.follow) return follow(store.boots, wanted, rehearsals, json === true);
        const rows = await store.boots.boots({ limit: countOf(options.limit), rehearsals, ...wanted });
        const seen = await Promise.all(rows.map((row) => seenBoot(store.boots, site, row)));
        if (json) return printJson(seen);
        printTable(['BOOT', 'STARTED', 'MACHINE', 'HOST', 'STEPS', 'SECONDS', ''], seen.map(bootRow));
      });
    });
  const boot = program.command('boot').description('one boot');
  boot
    .command('show <id>')
    .description('every step of a boot with its reason; `last` is the newest boot')
    .option('--follow', 'go on printing steps as they happen, until Ctrl-C')
    .action(async (id: string, options: { readonly follow?: true }, command: Command) => {
      const { config, json } = globals(command);
      await withInventory(config, async ({ store }) => {
        const found = id === 'last' ? (await store.boots.boots({ limit: 1 }))[0]?.id : id;
        const steps = found === undefined ? [] : await store.boots.steps(found);
        if (found === undefined || steps.length === 0) throw new ChainbootError('BOOT_UNKNOWN', { id });
        if (json && !options.follow) return printJson(steps.map(told));
        const started = steps[0]!.at;
        printSteps(steps, started, json === true);
        if (options.follow) return followBoot(store.boots, found, steps.length - 1, started, json === true);
        const diagnosis = diagnose(sightOf(steps, Date.now()));
        if (isFault(diagnosis))
          printLine(`It stopped there: ${diagnosis.cause}. See: chainboot why --boot ${found}`);
      });
    });
}

/** Whose boots are asked for, written as the trace writes it; nothing: everybody's. */
type Machine = { readonly host?: string; readonly mac?: string };

function machineOf({ host, mac: text }: ListOptions): Machine {
  const mac = text === undefined ? undefined : parseMac(text);
  if (text !== undefined && mac === undefined)
    throw new ChainbootError('USAGE', { reason: `"${text}" is not a MAC address` });
  return { ...(host && { host: host.toLowerCase() }), ...(mac && { mac }) };
}

function countOf(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1)
    throw new ChainbootError('USAGE', { reason: `"${text}" is not a number of boots` });
  return count;
}

const POLL_MS = 200;

async function follow(boots: BootStore, wanted: Machine, rehearsals: boolean, json: boolean): Promise<never> {
  const started = new Map<string, number>();
  let { cursor } = await boots.tail(-1, 0);
  say('Following what happens from now on; Ctrl-C ends it.');
  for (;;) {
    const news = await boots.tail(cursor, 1000);
    cursor = news.cursor;
    for (const step of news.steps) {
      if (step.rehearsal !== undefined && !rehearsals) continue;
      // Not every step names its machine; those that follow in the same boot are its steps, too.
      if (!started.has(step.boot) && !isOf(step, wanted)) continue;
      if (!started.has(step.boot)) started.set(step.boot, (await boots.steps(step.boot))[0]?.at ?? step.at);
      printSteps([step], started.get(step.boot)!, json, step.mac ?? step.address);
    }
    await sleep(POLL_MS);
  }
}

function isOf(step: StoredStep, { host, mac }: Machine): boolean {
  return (host === undefined || step.host === host) && (mac === undefined || step.mac === mac);
}

async function followBoot(
  boots: BootStore,
  id: string,
  after: number,
  started: number,
  json: boolean,
): Promise<never> {
  let seq = after;
  for (;;) {
    const steps = await boots.steps(id, seq);
    printSteps(steps, started, json);
    seq = steps.at(-1)?.seq ?? seq;
    await sleep(POLL_MS);
  }
}

/** The because as data and in words. */
function told(step: StoredStep) {
  return { ...step, sentence: reasonText(step) };
}

/** How it went, why this address, why this file. */
function reasonText({ because, lease, detail }: StoredStep): string {
  const parts = [
    sentence(because),
    lease && sentence(lease),
    detail?.content,
    detail?.form,
    relayText(detail),
  ];
  return parts.filter((part) => typeof part === 'string').join('; ');
}

function printSteps(steps: readonly StoredStep[], started: number, json: boolean, who?: string): void {
  for (const step of steps) printLine(json ? JSON.stringify(told(step)) : stepLine(step, started, who));
}

function stepLine(step: StoredStep, started: number, who?: string): string {
  const seconds = `+${((step.at - started) / 1000).toFixed(2)}`.padStart(8);
  const amount = step.bytes === undefined ? '' : ` ${size(step.bytes)}`;
  const time = step.took === undefined ? '' : ` in ${(step.took / 1000).toFixed(2)} s`;
  const machine = who === undefined ? '' : `${who}  `;
  return `${machine}${seconds}  ${step.kind.padEnd(12)} ${step.what ?? ''}${amount}${time} — ${reasonText(step)}`;
}

type SeenBoot = BootRow & { readonly held?: true; readonly address?: string };

/** With whether its machine is held at this moment; one of which no more is known has an address. */
async function seenBoot(boots: BootStore, site: Site, row: BootRow): Promise<SeenBoot> {
  const { host, mac } = row;
  const known = host !== undefined || mac !== undefined;
  const address = known ? undefined : (await boots.steps(row.id))[0]?.address;
  const named = host === undefined ? undefined : site.get('hosts', host);
  const held = holdOf(site, { host: named, mac, address }) !== undefined;
  return { ...row, ...(address && { address }), ...(held && { held }) };
}

function bootRow(row: SeenBoot): readonly string[] {
  const seconds = ((row.updated - row.started) / 1000).toFixed(1);
  const held = row.held ? 'held' : row.rehearsal ? 'rehearsal' : '';
  return [
    row.id,
    clock(row.started),
    row.mac ?? row.address ?? '',
    row.host ?? '',
    String(row.steps),
    seconds,
    held,
  ];
}

/** Behind which port of which relay agent a machine is (option 82). */
function relayText(detail: StoredStep['detail']): string | undefined {
  if (detail?.relay === undefined) return undefined;
  const { relay, circuit, remote } = detail;
  const ports = [circuit && `circuit ${circuit}`, remote && `remote ${remote}`].filter(Boolean);
  return `by the relay ${relay}${ports.length === 0 ? '' : ` (${ports.join(', ')})`}`;
}
