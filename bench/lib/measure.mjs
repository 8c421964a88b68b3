/** Numbers, and where they come from. */

import { createSocket } from 'node:dgram';
import { closeSync, fdatasyncSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const TICKS_PER_SECOND = 100; // USER_HZ

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** User and system time of a process with all its threads, seconds. */
export function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the program, in brackets, may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** How often a second the disk under `directory` makes an append of 200 bytes durable. */
export function syncsPerSecond(directory, milliseconds = 300) {
  const file = join(directory, 'sync-probe');
  const record = Buffer.alloc(200, 'x');
  const fd = openSync(file, 'w');
  const begin = performance.now();
  let count = 0;
  for (; performance.now() - begin < milliseconds; count++) {
    writeSync(fd, record);
    fdatasyncSync(fd);
  }
  const seconds = (performance.now() - begin) / 1000;
  closeSync(fd);
  unlinkSync(file);
  return count / seconds;
}

/** The value that the share `q` of sorted values does not exceed. */
export function quantile(sorted, q) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

/** Round trips of a datagram to an echo, one every 5 ms until `until.done`; milliseconds, sorted. */
export async function roundTrips(address, port, until) {
  const socket = createSocket('udp4');
  const times = [];
  socket.on('message', (message) => times.push(performance.now() - message.readDoubleLE()));
  const probe = Buffer.alloc(300);
  while (!until.done) {
    probe.writeDoubleLE(performance.now());
    socket.send(Buffer.from(probe), port, address);
    await sleep(5);
  }
  await sleep(200);
  socket.close();
  return times.sort((a, b) => a - b);
}

/** Rows of cells as a Markdown table, the first one its head. */
export function markdownTable([head, ...rows]) {
  const line = (cells) => `| ${cells.join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}
