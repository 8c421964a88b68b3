/** Numbers, and where they come from. */

import { closeSync, fdatasyncSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const TICKS_PER_SECOND = 100; // USER_HZ

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** User and system time of a process with all its threads, seconds. */
export function cpuSeconds(pid) {
  return ticksOf(pid, 0, 1) / TICKS_PER_SECOND;
}

/** The same with its children that have ended, as of servers that have a process for each client. */
export function cpuSecondsWithChildren(pid) {
  return ticksOf(pid, 0, 1, 2, 3) / TICKS_PER_SECOND;
}

/** @param which of utime, stime, cutime, cstime */
function ticksOf(pid, ...which) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the program, in brackets, may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return which.reduce((sum, index) => sum + Number(fields[11 + index]), 0);
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

/** Rows of cells as a Markdown table, the first one its head. */
export function markdownTable([head, ...rows]) {
  const line = (cells) => `| ${cells.join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}
