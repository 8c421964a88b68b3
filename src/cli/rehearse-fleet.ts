/** `chainboot rehearse --fleet`: plays the machines in this process, against the server in its own. */

import { writeFileSync } from 'node:fs';
import type { Line } from '../app/control/socket.ts';
import type { FleetMachine, FleetPlan } from '../app/rehearsal/fleet.ts';
import { bootVirtually } from '../client/boot.ts';
import { type FleetReport, fleetReport, playFleet } from '../client/fleet.ts';
import type { BootOutcome } from '../client/outcome.ts';
import { personaOf } from '../client/personas.ts';
import { ChainbootError, reasonOf } from '../errors.ts';
import { printLine, printTable, say, size } from './output.ts';
import { chartLines, chartPicture } from './rehearse-chart.ts';

export type FleetRun = {
  readonly rate?: number;
  readonly timeoutMs: number;
};

/** `lines`: what the server says to `/fleet`. Rejects with what it refuses. */
export async function playAsked(lines: AsyncIterable<Line>, run: FleetRun): Promise<FleetReport> {
  for await (const line of lines) {
    // Leaving the loop tells the server that the fleet is done.
    if ('fleet' in line) return await played(line.fleet as FleetPlan, run);
  }
  throw new ChainbootError('SERVER_UNREACHABLE', { socket: 'the server', reason: 'it sent no fleet' });
}

async function played(plan: FleetPlan, { rate, timeoutMs }: FleetRun): Promise<FleetReport> {
  const own = new Set(plan.own);
  const boot = ({ mac, key, as }: FleetMachine): Promise<BootOutcome> =>
    bootVirtually({
      persona: personaOf(as)!,
      mac,
      dhcp: plan.dhcp,
      tftpPort: plan.tftpPort,
      ...(plan.trust !== undefined && { trust: plan.trust }),
      rehearsal: { key, isServer: (host, port) => own.has(`${host}:${port}`) },
      installer: 'if-told',
      timeoutMs,
    });
  const { machines } = plan;
  const progress = (done: number) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${machines.length} machines are done`);
  };
  const result = await playFleet({ machines, boot, onDone: progress, ...(rate !== undefined && { rate }) });
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  return fleetReport(result, ({ reached }) => reached === 'installed' || reached === 'kernel');
}

export function printFleet(report: FleetReport): void {
  const { machines, booted, seconds, boots_per_second, boot, phases, failures } = report;
  printTable(
    ['PHASE', 'COUNT', 'p50 ms', 'p95 ms', 'p99 ms', 'MAX ms', 'A SECOND', 'BYTES', 'BYTES/s'],
    phases.map(({ phase, count, p50, p95, p99, max, per_second, bytes, bytes_per_second: speed }) => [
      phase,
      ...[count, p50, p95, p99, max, per_second].map(String),
      bytes === 0 ? '' : size(bytes),
      bytes === 0 ? '' : size(speed),
    ]),
  );
  printLine('');
  for (const line of chartLines(report)) printLine(line);
  printLine('');
  for (const { code, count, example } of failures) printLine(`${count} × ${code}: ${example}`);
  printLine(
    `${booted} of ${machines} machines booted in ${seconds} s (${boots_per_second} a second); a whole boot took ${boot.p50} ms (p50), ${boot.p95} ms (p95), ${boot.p99} ms (p99)`,
  );
}

export function writeChart(file: string, report: FleetReport): void {
  try {
    writeFileSync(file, chartPicture(report));
  } catch (error) {
    throw new ChainbootError('FILE_UNWRITABLE', { name: file, reason: reasonOf(error) }, [], error);
  }
  say(`the chart is in ${file}`);
}
