/** A running GRUB 2: its variables, its menu, and the commands that rendered menus use. */

import { COMMANDS } from '../../formats/grub-commands.ts';
import { BootFailure } from '../failure.ts';
import { type Fetched, KEEP_MAGIC, KEEP_SCRIPT } from '../fetched.ts';
import type { Image } from '../ipxe/machine.ts';
import type { Machine } from '../machine.ts';
import { GRUB_SEARCH_TFTP, GRUB_TFTP, type Speaker } from '../personas.ts';
import type { Next } from '../stages.ts';
import { type Node, parseGrub } from './parse.ts';

type Entry = { readonly title: string; readonly id?: string; readonly body: readonly Node[] };

/** Thrown by a command after which nothing more is run. */
class Leave extends Error {
  readonly next: Next;
  constructor(next: Next) {
    super('GRUB is left');
    this.next = next;
  }
}

/** Files of configurations that fetch configurations; a circle ends here. */
const MAX_CONFIGS = 20;
const PERSON: Next = { kind: 'person', what: 'the menu of GRUB' };

export class Grub {
  private readonly machine: Machine;
  private readonly speaker: Speaker;
  private readonly web: boolean;
  /** `tftp://server/` or `http://server/`, from where it came itself. */
  private readonly root: string;
  private readonly variables = new Map<string, string>();
  private entries: Entry[] = [];
  private kernel: Image | undefined;
  private initrds: Image[] = [];
  private chained: string | undefined;
  private configs = 0;

  /**
   * @param directory URL of where it came from
   * @param web whether it has the module for HTTP; as in 2.12, with ports
   */
  constructor(machine: Machine, directory: string, web: boolean) {
    const { persona, mac } = machine.options;
    this.machine = machine;
    this.web = web;
    this.root = new URL('/', directory).href;
    this.speaker = { ...persona.firmware, tftp: GRUB_TFTP, userAgent: 'GRUB 2.12' };
    this.variables.set('grub_platform', 'efi');
    this.variables.set('grub_cpu', persona.buildarch);
    this.variables.set('net_default_mac', mac);
  }

  /** Runs the text of a configuration and, without a person, the entry that its time limit boots. */
  async boot(text: string): Promise<Next> {
    try {
      await this.run(text);
      return await this.bootDefault();
    } catch (error) {
      if (error instanceof Leave) return error.next;
      throw error;
    }
  }

  private async run(text: string): Promise<void> {
    if (++this.configs > MAX_CONFIGS)
      throw new BootFailure('script-endless', 'GRUB fetches one configuration after the other');
    await this.all(parseGrub(text));
  }

  private async bootDefault(): Promise<Next> {
    const wanted = this.variables.get('default') ?? '0';
    const entry =
      this.entries.find(({ id, title }) => id === wanted || title === wanted) ?? this.entries[Number(wanted)];
    const timeout = Number(this.variables.get('timeout') ?? -1);
    if (entry === undefined || timeout < 0) return PERSON;
    this.machine.tell({ kind: 'command', text: `GRUB boots "${entry.title}"` });
    await this.all(entry.body);
    this.start();
    return PERSON;
  }

  /** The first of these files that is there. */
  async search(urls: readonly string[]): Promise<Fetched | undefined> {
    for (const url of urls) {
      const file = await this.tryFetch(url, KEEP_SCRIPT, GRUB_SEARCH_TFTP);
      if (file !== undefined) return file;
    }
    return undefined;
  }

  /** Undefined for a file that is not there; a server that does not answer ends everything. */
  private async tryFetch(url: string, keep: number, tftp = GRUB_TFTP): Promise<Fetched | undefined> {
    try {
      return await this.machine.fetch({ ...this.speaker, tftp }, url, keep);
    } catch (error) {
      const isMissing =
        error instanceof BootFailure && (error.code === 'tftp-error' || error.code === 'http-status');
      if (isMissing) return undefined;
      throw error;
    }
  }

  /** @returns whether the last command succeeded */
  private async all(nodes: readonly Node[]): Promise<boolean> {
    let done = true;
    for (const node of nodes) {
      this.machine.signal.throwIfAborted();
      done = await this.one(node);
    }
    return done;
  }

  private async one(node: Node): Promise<boolean> {
    switch (node.kind) {
      case 'command':
        return this.command(node.words.map((word) => this.expand(word)));
      case 'menuentry':
        return this.addEntry(node.words, node.body);
      case 'for':
        for (const word of node.words.map((each) => this.expand(each))) {
          this.variables.set(node.name, word);
          await this.all(node.body);
        }
        return true;
      case 'if':
        for (const { condition, body } of node.branches) if (await this.all(condition)) return this.all(body);
        return this.all(node.otherwise);
    }
  }

  private addEntry([title = '', ...options]: readonly string[], body: readonly Node[]): boolean {
    const at = options.indexOf('--id');
    this.entries.push({ title, ...(at >= 0 && { id: options[at + 1]! }), body });
    return true;
  }

  private expand(word: string): string {
    return word.replaceAll(
      /\$(?:(\w+)|\{(\w+)\})/g,
      (_, bare, braced) => this.variables.get(bare ?? braced) ?? '',
    );
  }

  private async command([name = '', ...args]: readonly string[]): Promise<boolean> {
    const assigned = /^(\w+)=(.*)$/s.exec(name === 'set' ? (args[0] ?? '') : name);
    if (assigned !== null) {
      this.variables.set(assigned[1]!, assigned[2]!);
      return true;
    }
    switch (name) {
      case 'linux':
      case 'linuxefi':
        return this.loadKernel(args);
      case 'initrd':
      case 'initrdefi':
        return this.loadInitrds(args);
      case 'configfile':
        return this.configfile(args[0] ?? '');
      case 'chainloader':
        this.chained = args.join(' ');
        return true;
      case 'boot':
        return this.start();
      case 'exit':
        throw new Leave({ kind: 'local', how: 'GRUB: exit' });
      case 'reboot':
        throw new Leave({ kind: 'reboot' });
      case 'echo':
        this.machine.console.push(args.join(' '));
        this.machine.tell({ kind: 'console', text: args.join(' ') });
        return true;
      case 'false':
        return false;
      case '[':
        return test(args.slice(0, -1));
      case 'test':
        return test(args);
      default:
        if (COMMANDS.has(name)) return true;
        return this.complain(`can't find command "${name}"`);
    }
  }

  private complain(text: string): false {
    this.machine.console.push(`error: ${text}`);
    this.machine.tell({ kind: 'warning', text: `GRUB: ${text}` });
    return false;
  }

  /** What was loaded, as after every menu entry; false when nothing was. */
  private start(): boolean {
    if (this.chained !== undefined)
      throw new Leave({ kind: 'local', how: `GRUB: chainloader ${this.chained}` });
    if (this.kernel === undefined) return this.complain('you need to load the kernel first');
    throw new Leave({ kind: 'kernel', kernel: this.kernel, initrds: this.initrds, handsOver: true });
  }

  private async loadKernel([name = '', ...args]: readonly string[]): Promise<boolean> {
    const file = await this.load(name, KEEP_SCRIPT);
    if (file === undefined) return false;
    this.kernel = { name, file, args: args.join(' ') };
    this.initrds = [];
    return true;
  }

  private async loadInitrds(names: readonly string[]): Promise<boolean> {
    if (this.kernel === undefined) return this.complain('you need to load the kernel first');
    for (const name of names) {
      const file = await this.load(name, KEEP_MAGIC);
      if (file === undefined) return false;
      this.initrds.push({ name, file, args: '' });
    }
    return true;
  }

  private async configfile(name: string): Promise<boolean> {
    const file = await this.load(name, KEEP_SCRIPT);
    if (file === undefined) return false;
    this.entries = [];
    await this.run(new TextDecoder().decode(file.head));
    return true;
  }

  /** Undefined, and said so, when there is no such file. */
  private async load(name: string, keep: number): Promise<Fetched | undefined> {
    const url = this.urlOf(name);
    if (url === undefined) {
      this.complain(`no server is specified, or no such device: ${name}`);
      return undefined;
    }
    const file = await this.tryFetch(url, keep);
    if (file === undefined) this.complain(`file \`${name}' not found`);
    return file;
  }

  /** `(http,server:port)/path`, `(tftp,server)/path`, or a path on the server that it came from itself. */
  private urlOf(name: string): string | undefined {
    const [, protocol, server, path] = /^\((http|tftp),([^)]+)\)(\/.*)$/.exec(name) ?? [];
    if (protocol === 'http' && !this.web) return undefined;
    if (protocol !== undefined) return `${protocol}://${server}${path}`;
    return name.startsWith('(') ? undefined : new URL(name.replace(/^\/+/, ''), this.root).href;
  }
}

/** No disk has any file. */
function test(words: readonly string[]): boolean {
  const [first = '', operator, second = ''] = words;
  if (first === '!') return !test(words.slice(1));
  if (operator === '=' || operator === '==') return first === second;
  if (operator === '!=') return first !== second;
  if (first === '-n') return operator !== undefined && operator !== '';
  if (first === '-z') return operator === undefined || operator === '';
  return words.length === 1 && first !== '';
}
