/** One conversation with a dhcpd over OMAPI: one request at a time, each with its answer. */

import { randomInt } from 'node:crypto';
import { createConnection, type Socket } from 'node:net';
import { ChainbootError, reasonOf } from '../../errors.ts';
import {
  type Decoded,
  decodeGreeting,
  decodeMessage,
  encodeMessage,
  GREETING,
  GREETING_SIZE,
  isSignedBy,
  number,
  numberIn,
  type OmapiKey,
  type OmapiMessage,
  OPERATION,
  type Pairs,
} from './omapi-codec.ts';

export type OmapiDoor = {
  /** Of the server, for errors. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly key?: OmapiKey;
  /** Milliseconds until an answer has come whole; 10 s. */
  readonly timeout?: number;
};

export type OmapiObject = { readonly handle: number; readonly values: Pairs };

const TIMEOUT_MS = 10_000;
/** What dhcpd appends to the name of every algorithm. */
const ALGORITHM_DOMAIN = '.SIG-ALG.REG.INT.';
/** ISC_R_NOTFOUND. */
const NOT_FOUND = 23;

/** Rejects with DHCP_SERVER_UNREACHABLE; with DHCP_SERVER_REFUSED where the key is not the one it knows. */
export async function openOmapi(door: OmapiDoor): Promise<Omapi> {
  const omapi = new Omapi(door);
  try {
    await omapi.greet();
    return omapi;
  } catch (error) {
    omapi.close();
    throw error;
  }
}

/** Every method rejects with DHCP_SERVER_UNREACHABLE or, in the words of dhcpd, DHCP_SERVER_REFUSED. */
export class Omapi {
  readonly #door: OmapiDoor;
  readonly #socket: Socket;
  /** What the other side has called the key. */
  #keyHandle = 0;
  #received: Buffer = Buffer.alloc(0);
  #transaction = randomInt(1, 0x7fffffff);
  #wake: () => void = () => {};
  #failure: Error | undefined;

  constructor(door: OmapiDoor) {
    this.#door = door;
    this.#socket = createConnection({ host: door.host, port: door.port });
    this.#socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('it closed the connection')));
  }

  async greet(): Promise<void> {
    this.#socket.write(GREETING);
    await this.#next((bytes) => decodeGreeting(bytes) && { size: GREETING_SIZE });
    await this.#authenticate();
    // The secret of the key, or that there must be one, is looked at only now.
    await this.find('host', { name: Buffer.from('chainboot') });
  }

  async #authenticate(): Promise<void> {
    const { key } = this.#door;
    if (key === undefined) return;
    const name = Buffer.from(key.name);
    const algorithm = Buffer.from(`${key.algorithm}${ALGORITHM_DOMAIN}`);
    const answer = await this.#ask('the key', {
      operation: OPERATION.open,
      message: { type: Buffer.from('authenticator') },
      object: { name, algorithm },
    });
    this.#keyHandle = answer.handle;
  }

  /** An object that is there; undefined where there is none. */
  async find(type: string, by: Pairs): Promise<OmapiObject | undefined> {
    const request = { operation: OPERATION.open, message: { type: Buffer.from(type) }, object: by };
    const answer = await this.#ask(`to look for a ${type}`, request, NOT_FOUND);
    return answer.operation === OPERATION.update
      ? { handle: answer.handle, values: answer.object }
      : undefined;
  }

  /** Makes one; refused where there is one of that name or MAC address. */
  async create(type: string, values: Pairs, what: string): Promise<OmapiObject> {
    const message = { type: Buffer.from(type), create: number(1), exclusive: number(1) };
    const answer = await this.#ask(what, { operation: OPERATION.open, message, object: values });
    return { handle: answer.handle, values: answer.object };
  }

  async remove(handle: number, what: string): Promise<void> {
    await this.#ask(what, { operation: OPERATION.delete, handle });
  }

  close(): void {
    this.#socket.destroy();
  }

  /** @param allowed a result that is no error, here */
  async #ask(what: string, request: Partial<OmapiMessage>, allowed = 0): Promise<OmapiMessage> {
    const transaction = ++this.#transaction;
    const key = this.#keyHandle === 0 ? undefined : this.#door.key;
    const full = { operation: 0, handle: 0, answers: 0, message: {}, object: {}, ...request };
    this.#socket.write(encodeMessage({ ...full, key: this.#keyHandle, transaction }, key));
    const answer = await this.#answer(transaction, key);
    if (answer.operation === OPERATION.update) return answer;
    const result = numberIn(answer.message.result);
    if (answer.operation !== OPERATION.status || result === undefined)
      throw this.#unreachable('the answer is none of OMAPI');
    if (result === 0 || result === allowed) return answer;
    const reason = answer.message.message?.toString('utf8') || `result ${result}`;
    throw new ChainbootError('DHCP_SERVER_REFUSED', { server: this.#door.name, what, reason });
  }

  async #answer(transaction: number, key: OmapiKey | undefined): Promise<OmapiMessage> {
    for (;;) {
      const decoded: Decoded = await this.#next(decodeMessage);
      // Notifications and answers that came too late are nobody's.
      if (decoded.message.answers !== transaction) continue;
      const isUnsigned = decoded.message.operation === OPERATION.status && decoded.signature.length === 0;
      // What is refused for its signature is not signed.
      if (key !== undefined && !isUnsigned && !isSignedBy(decoded, key))
        throw this.#unreachable('the answer is not signed with the key');
      return decoded.message;
    }
  }

  async #next<T extends { readonly size: number }>(decode: (bytes: Buffer) => T | undefined): Promise<T> {
    const { timeout = TIMEOUT_MS } = this.#door;
    const timer = setTimeout(() => this.#fail(new Error(`no answer within ${timeout / 1000} s`)), timeout);
    try {
      for (;;) {
        const found = decode(this.#received);
        if (found !== undefined) {
          this.#received = this.#received.subarray(found.size);
          return found;
        }
        if (this.#failure !== undefined) throw this.#failure;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } catch (error) {
      this.#fail(error as Error);
      throw this.#unreachable(reasonOf(error), error);
    } finally {
      clearTimeout(timer);
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#socket.destroy();
    this.#wake();
  }

  #unreachable(reason: string, cause?: unknown): ChainbootError {
    const { name, host, port } = this.#door;
    const said = `OMAPI at ${host}:${port}: ${reason}`;
    return new ChainbootError('DHCP_SERVER_UNREACHABLE', { server: name, reason: said }, [], cause);
  }
}
