/** What dhcpd reads and writes: its configuration with what that includes, and its leases. */

import { readFile, stat } from 'node:fs/promises';
import { ChainbootError, reasonOf } from '../../errors.ts';
import { parseDhcpd, type Statement } from '../../moving/dhcpd/parser.ts';
import type { Files } from '../../moving/files.ts';
import { filesBeside } from '../../ops/files-below.ts';
import { wholePart } from './hosts.ts';

export type Configuration = {
  readonly text: string;
  readonly statements: readonly Statement[];
  /** It includes our file. */
  readonly includesOurs: boolean;
};

/** With our file read as empty. Rejects with DHCP_SERVER_UNREACHABLE, or IMPORT_UNREADABLE with the place. */
export async function readConfiguration(server: string, path: string, own: string): Promise<Configuration> {
  const text = await reading(server, path, () => readFile(path, 'utf8'));
  let includesOurs = false;
  const statements = parseDhcpd(
    text,
    path,
    withoutOurs(path, own, () => {
      includesOurs = true;
    }),
  );
  return { text, statements, includesOurs };
}

export function withoutOurs(path: string, own: string, onRead = () => {}): Files {
  const files = filesBeside(path, undefined);
  return {
    ...files,
    read: (file) => {
      if (file !== own) return files.read(file);
      onRead();
      return '';
    },
  };
}

/** Read again only when it is another file or has changed: dhcpd appends to it, and replaces it now and then. */
export class LeasesFile {
  readonly #server: string;
  readonly #path: string;
  #version = '';
  #statements: readonly Statement[] = [];

  constructor(server: string, path: string) {
    this.#server = server;
    this.#path = path;
  }

  /** Rejects with DHCP_SERVER_UNREACHABLE, or IMPORT_UNREADABLE with the place. */
  async read(): Promise<readonly Statement[]> {
    const { ino, size, mtimeNs } = await this.#reading(() => stat(this.#path, { bigint: true }));
    const version = `${ino} ${size} ${mtimeNs}`;
    if (version === this.#version) return this.#statements;
    const text = await this.#reading(() => readFile(this.#path, 'utf8'));
    // Nothing in there names another file.
    this.#statements = parseDhcpd(wholePart(text), this.#path, filesBeside(this.#path, undefined));
    this.#version = version;
    return this.#statements;
  }

  #reading<T>(work: () => Promise<T>): Promise<T> {
    return reading(this.#server, this.#path, work);
  }
}

async function reading<T>(server: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = `${path}: ${reasonOf(error)}`;
    throw new ChainbootError('DHCP_SERVER_UNREACHABLE', { server, reason }, [], error);
  }
}
