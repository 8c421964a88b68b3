/**
 * A smart proxy that takes nothing but what a Foreman sends, in the shapes that were recorded of the real one: paths, forms,
 * parameters, one request at a time. What is out of shape is in `violations`.
 */

import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export type DhcpRecord = {
  readonly mac: string;
  readonly ip: string;
  readonly hostname: string;
  readonly name: string;
  readonly nextServer?: string;
  readonly filename?: string;
  readonly related_macs?: readonly string[];
};
type Answer = {
  readonly status: number;
  readonly text?: string;
  readonly type?: string;
  readonly length?: number;
};

const NETWORK = '10.77.0.0';
const MAC = /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/;
const IP = /^\d+\.\d+\.\d+\.\d+$/;
const RECORD: Readonly<Record<string, RegExp>> = {
  mac: MAC,
  ip: IP,
  hostname: /./,
  name: /./,
  network: /^10\.77\.0\.0$/,
  nextServer: /./,
  filename: /./,
  'related_macs[]': MAC,
};

export class StrictSmartProxy {
  /** `POST /tftp/PXELinux/52:54:00:77:00:10`, in the order they came; questions (GET) are not among them. */
  readonly orders: string[] = [];
  readonly violations: string[] = [];
  readonly configs = new Map<string, string>();
  readonly menus = new Map<string, string>();
  readonly files = new Map<string, string>();
  readonly records = new Map<string, DhcpRecord>();
  modules: Readonly<Record<string, { readonly state: string; readonly settings?: object }>> = {
    tftp: { state: 'running', settings: { tftp_servername: null } },
    dhcp: { state: 'running', settings: { use_provider: 'dhcp_isc' } },
    httpboot: { state: 'running', settings: { http_port: null, https_port: 8443 } },
    templates: { state: 'running', settings: { template_url: 'http://edge.example:8000' } },
    logs: { state: 'running' },
  };
  serverName = '10.77.0.2';
  /** Bytes that are there of each boot file. */
  length = 1000;
  /** Instead of the true answer. */
  answer: ((order: string) => Answer | undefined) | undefined;
  readonly #server: Server;
  #port = 0;
  #open = 0;

  constructor() {
    this.#server = createServer((message, response) => {
      if (++this.#open > 1) this.violations.push(`${message.method} ${message.url}: while another was open`);
      const pieces: Buffer[] = [];
      message.on('data', (piece: Buffer) => pieces.push(piece));
      message.on('end', () => {
        const {
          status,
          text = '',
          type = 'text/html;charset=utf-8',
          length = Buffer.byteLength(text),
        } = this.#handle(message, Buffer.concat(pieces).toString());
        this.#open--;
        response.writeHead(status, { 'content-type': type, 'content-length': length }).end(text);
      });
    });
  }

  /** At the same place again, after `stop`. */
  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #handle({ method = '', url = '', headers }: IncomingMessage, body: string): Answer {
    const order = `${method} ${url}`;
    const wrong = (what: string) => this.violations.push(`${order}: ${what}`);
    if (!/\bapplication\/json\b/.test(headers.accept ?? '')) wrong('it accepts no JSON');
    if (method === 'POST' || method === 'DELETE') this.orders.push(order);
    const given = this.answer?.(order);
    if (given !== undefined) return given;
    if (method === 'POST' && headers['content-type'] !== 'application/x-www-form-urlencoded')
      wrong('it is no form');
    if (method !== 'POST' && body !== '') wrong('it has a body');
    return this.#route(method, url.split('/').slice(1), new URLSearchParams(body), wrong) ?? { status: 404 };
  }

  #route(
    method: string,
    path: readonly string[],
    form: URLSearchParams,
    wrong: (what: string) => void,
  ): Answer | undefined {
    const [first, second = '', third = ''] = path;
    const key = `${method} ${first}`;
    if (key === 'HEAD httpboot') return this.#file(path.slice(1).join('/'));
    if (key === 'GET v2' && second === 'features') return json(this.modules);
    // As the real one tells it.
    if (key === 'GET tftp' && second === 'serverName')
      return { status: 200, text: JSON.stringify({ serverName: this.serverName }) };
    if (key === 'GET unattended' && second === 'templateServer')
      return json({ templateServer: 'http://edge.example:8000' });
    if (key === 'POST tftp') return this.#tftp(path, form, wrong);
    if (key === 'DELETE tftp') return { status: this.configs.delete(`${second}/${third}`) ? 200 : 404 };
    if (first === 'dhcp' && second === NETWORK) return this.#dhcp(method, path.slice(2), form, wrong);
    wrong('there is no such path');
    return undefined;
  }

  #file(name: string): Answer {
    const config = [...this.configs.keys()].some(
      (key) => name === `pxelinux.cfg/01-${key.replace('PXELinux/', '').replaceAll(':', '-')}`,
    );
    const length = this.files.has(name) ? this.length : config ? 1 : 0;
    return length === 0 ? { status: 404 } : { status: 200, length };
  }

  #tftp(
    [, variant = '', mac = '']: readonly string[],
    form: URLSearchParams,
    wrong: (what: string) => void,
  ): Answer {
    const has = (...names: readonly string[]) => {
      if ([...form.keys()].toSorted().join() !== [...names].toSorted().join())
        wrong(`it has ${[...form.keys()]}`);
    };
    if (variant === 'fetch_boot_file') {
      has('prefix', 'path');
      const [prefix, path] = [form.get('prefix') ?? '', form.get('path') ?? ''];
      if (!/^boot\/[\w./-]+$/.test(prefix) || /\.\./.test(prefix)) wrong(`the prefix ${prefix}`);
      if (!/^https?:\/\//.test(path)) wrong(`the path ${path}`);
      const dash = prefix.endsWith('/') ? '' : '-';
      this.files.set(`${prefix}${dash}${path.split('/').at(-1)}`, path);
      return { status: 200 };
    }
    if (!/^(?:PXELinux|PXEGrub2?|iPXE)$/.test(variant)) wrong(`the variant ${variant}`);
    if (mac === 'create_default') {
      has('menu');
      this.menus.set(variant, form.get('menu') ?? '');
      return { status: 200 };
    }
    has('pxeconfig');
    if (!MAC.test(mac)) return { status: 403, text: `Invalid MAC address: ${mac}` };
    this.configs.set(`${variant}/${mac}`, form.get('pxeconfig') ?? '');
    return { status: 200 };
  }

  #dhcp(
    method: string,
    [by = '', what = '']: readonly string[],
    form: URLSearchParams,
    wrong: (what: string) => void,
  ): Answer {
    const found = [...this.records.values()].filter(
      (record) => (by === 'mac' ? record.mac : record.ip) === what,
    );
    if (method === 'GET') {
      if (found.length === 0) return { status: 404, text: `Record ${NETWORK}/${what} not found` };
      return json(by === 'mac' ? told(found[0]!) : found.map(told));
    }
    if (method === 'DELETE') {
      for (const { mac } of found) this.records.delete(mac);
      return { status: 200 };
    }
    for (const [name, value] of form)
      if (RECORD[name]?.test(value) !== true) wrong(`the parameter ${name}=${value}`);
    for (const name of ['mac', 'ip', 'hostname', 'name', 'network'])
      if (form.getAll(name).length !== 1) wrong(`${name} is missing`);
    return this.#reserve(recordIn(form));
  }

  #reserve(record: DhcpRecord): Answer {
    const others = [...this.records.values()].filter(
      ({ mac, ip }) => mac === record.mac || (ip === record.ip && !record.related_macs?.includes(mac)),
    );
    if (others.some((other) => JSON.stringify(other) === JSON.stringify(record))) return { status: 200 };
    if (others.length > 0) return { status: 409, text: `Record ${NETWORK}/${record.ip} already exists` };
    this.records.set(record.mac, record);
    return { status: 200 };
  }
}

function recordIn(form: URLSearchParams): DhcpRecord {
  const { network: _network, 'related_macs[]': _related, ...fields } = Object.fromEntries(form);
  const related = form.getAll('related_macs[]');
  return { ...fields, ...(related.length > 0 && { related_macs: related }) } as DhcpRecord;
}

function told(record: DhcpRecord): object {
  return { ...record, subnet: `${NETWORK}/255.255.255.0`, type: 'reservation', deleteable: true };
}

function json(value: unknown): Answer {
  return { status: 200, text: JSON.stringify(value), type: 'application/json' };
}
