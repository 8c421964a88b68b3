/** Is there room for database, leases and loaders? */

import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { firmwareDirectory, leasesFile } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { type Finding, finding } from './finding.ts';

const MIB = 1024 * 1024;
const ERROR_BYTES = 64 * MIB;
const WARNING_BYTES = 512 * MIB;

export async function checkStorage(config: Config): Promise<readonly Finding[]> {
  const wanted = [dirname(config.database), dirname(leasesFile(config)), firmwareDirectory(config)];
  const places = [...new Set(wanted.map(existing))];
  return places.map((place) => {
    const { bavail, bsize, files, ffree } = statfsSync(place);
    return spaceFinding(place, bavail * bsize, files === 0 ? undefined : ffree);
  });
}

/** `inodes`: undefined where the file system has no limit. */
export function spaceFinding(place: string, bytes: number, inodes: number | undefined): Finding {
  const free = `${Math.floor(bytes / MIB)} MiB`;
  const look = `du -xh --max-depth=1 ${place} | sort -h`;
  if (inodes !== undefined && inodes < 100)
    return finding('error', 'disk-inodes', `no more files can be made below ${place}`, `df -i ${place}`);
  if (bytes < ERROR_BYTES)
    return finding('error', 'disk-full', `${free} are left below ${place}: leases cannot be kept`, look);
  if (bytes < WARNING_BYTES) return finding('warning', 'disk-low', `${free} are left below ${place}`, look);
  return finding('ok', 'disk', `${free} are left below ${place}`);
}

function existing(place: string): string {
  return existsSync(place) || dirname(place) === place ? place : existing(dirname(place));
}
