/**
 * Who else answers DHCP, as the running server last knew it: a small file beside the database, for the command line.
 * It is derived state, so one that is missing or unreadable is nothing but empty.
 */

import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Neighbour } from '../boot/neighbour.ts';

const NEIGHBOURS = z.array(
  z.object({
    link: z.string(),
    address: z.string(),
    mac: z.string().optional(),
    vendor: z.string().optional(),
    role: z.enum(['dhcp', 'proxy-dhcp', 'relay']),
    offers: z.object({
      address: z.string().optional(),
      bootFile: z.string().optional(),
      nextServer: z.string().optional(),
      router: z.string().optional(),
    }),
    lastClient: z.string().optional(),
    firstSeen: z.number(),
    lastSeen: z.number(),
    count: z.number(),
    conflicts: z.enum(['addresses', 'boot-files']).optional(),
  }),
);

export function loadNeighbours(file: string): readonly Neighbour[] {
  try {
    return NEIGHBOURS.parse(JSON.parse(readFileSync(file, 'utf8'))) as readonly unknown[] as Neighbour[];
  } catch {
    return [];
  }
}

/** As a whole or not at all. Rejects with what the system says. */
export async function saveNeighbours(file: string, neighbours: readonly Neighbour[]): Promise<void> {
  await writeFile(`${file}.new`, `${JSON.stringify(neighbours)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
