/**
 * Runs iPXE scripts. An unhandled failing line ends its script with failure; `exit` ends it with the status
 * given; whoever chained it sees that as success or failure (netboot facts measured on iPXE 1.0.0 and 2.0.0).
 */

import { type Arguments, commandSpec, parseArguments } from '../../formats/ipxe/commands.ts';
import {
  type Command,
  findLabel,
  parseCommands,
  parseScript,
  type Script,
  type ScriptLine,
} from '../../formats/ipxe/parse.ts';
import { Settings } from '../../formats/ipxe/settings.ts';
import { fromHex } from '../../net/bytes.ts';
import { formatIpv4, type Ipv4 } from '../../net/ip.ts';
import type { Mac } from '../../net/mac.ts';
import { BootFailure } from '../failure.ts';
import { execute } from './execute.ts';
import { HANDLERS } from './handlers.ts';
import { type Flow, type Image, type IpxeWorld, NEXT, type RunResult } from './machine.ts';

/** More commands than any real script runs, fewer than it takes to notice: `goto` loops end here. */
const MAX_COMMANDS = 20_000;
/** Scripts within scripts; a script that chains itself ends here instead of on the stack. */
const MAX_DEPTH = 40;
/** Runs of one script: error scripts ask again after a while, in the hope that somebody mended something. */
const MAX_RUNS = 5;

export type MenuItem = { readonly label?: string; readonly text: string; readonly isDefault: boolean };
export type Menu = { readonly title: string; readonly items: MenuItem[] };
export type NicState = { readonly name: string; readonly mac: Mac; open: boolean; configured: boolean };

/** One command. Throws a BootFailure when it fails. */
export type Handler = (ipxe: Ipxe, given: Arguments) => Flow | Promise<Flow>;

/** One iPXE from its start to its end: settings, images and menus outlive the scripts that made them. */
export class Ipxe {
  readonly world: IpxeWorld;
  readonly settings = new Settings();
  readonly images = new Map<string, Image>();
  readonly menus = new Map<string, Menu>();
  readonly nics: readonly NicState[];
  selected: Image | undefined;
  /** Base of relative URLs: the running script's own, at first the TFTP server's. */
  base = '';
  /** Whether the script that ended last did so by `exit 0`. */
  lastExited = false;
  /** What was printed, line by line. */
  readonly console: string[] = [];
  readonly scripts: { readonly url: string; readonly text: string }[] = [];
  private tftpServer: Ipv4 = 0;
  private commands = 0;
  private depth = 0;

  constructor(world: IpxeWorld) {
    this.world = world;
    this.nics = world.macs.flatMap((mac, index) =>
      mac === undefined ? [] : [{ name: `net${index}`, mac, open: false, configured: false }],
    );
    for (const nic of this.nics) {
      this.settings.putText(nic.name, 'mac', nic.mac);
      this.settings.putText(nic.name, 'ifname', nic.name);
      this.settings.putText(nic.name, 'bustype', 'PCI');
    }
    this.settings.put('smbios', 'uuid', fromHex(world.uuid));
    this.settings.putText('smbios', 'manufacturer', 'QEMU');
    this.settings.putText('smbios', 'product', 'Virtual PXE client');
    this.settings.putText('builtin', 'platform', world.platform);
    this.settings.putText('builtin', 'buildarch', world.buildarch);
    this.settings.putText('builtin', 'version', '1.0.0+ (virtual)');
  }

  print(text: string): void {
    this.console.push(text);
    this.world.tell({ kind: 'console', text });
  }

  /** Relative URLs start at the TFTP server that DHCP named, whenever it names another one. */
  useTftpServer(address: Ipv4): void {
    if (address === 0 || address === this.tftpServer) return;
    this.tftpServer = address;
    this.base = `tftp://${formatIpv4(address)}/`;
  }

  /** Runs the text of a script that came from `url`. */
  async runText(url: string, text: string): Promise<RunResult> {
    const parsed = parseScript(text);
    if (!parsed.ok) return failed(new BootFailure('not-a-script', `${url}: ${parsed.problems[0]!.message}`));
    if (this.scripts.filter((script) => script.url === url).length >= MAX_RUNS) {
      throw new BootFailure(
        'script-endless',
        `${url} is asked for again and again; on the screen: ${this.screen()}`,
      );
    }
    if (this.depth >= MAX_DEPTH) {
      return failed(new BootFailure('script-endless', `${url} is script number ${MAX_DEPTH} within scripts`));
    }
    const base = this.base;
    this.base = url;
    this.depth++;
    this.scripts.push({ url, text });
    this.world.tell({ kind: 'script', text: `runs ${url}`, url });
    try {
      const result = await this.runScript(parsed.script, url);
      this.lastExited = result.kind === 'ok' && result.exited;
      return result;
    } finally {
      this.base = base;
      this.depth--;
    }
  }

  /** The last lines that say something. */
  private screen(): string {
    return this.console
      .filter((line) => line.trim() !== '')
      .slice(-5)
      .join(' | ');
  }

  /** Runs commands that stand in no script, as `APPEND` of `KERNEL ipxe.lkrn` gives them. */
  async runCommandLine(text: string): Promise<RunResult> {
    const line: ScriptLine = { number: 1, text, commands: parseCommands(text) };
    const script: Script = { magic: '#!ipxe', lines: [line] };
    return this.runScript(script, undefined);
  }

  private async runScript(script: Script, name: string | undefined): Promise<RunResult> {
    for (let at = 0; at < script.lines.length; ) {
      const line = script.lines[at]!;
      const flow = await this.runLine(script, line, name);
      if (flow.kind === 'failed' || flow.kind === 'final') return flow;
      if (flow.kind === 'exit') return exited(flow.status, line, name);
      if (flow.kind === 'replace') return execute(this, flow.image, flow.autofree);
      at = flow.kind === 'goto' ? findLabel(script, flow.label)! : at + 1;
    }
    return { kind: 'ok', exited: false };
  }

  private async runLine(
    script: Script,
    line: ScriptLine,
    name: string | undefined,
  ): Promise<Flow | Extract<RunResult, { kind: 'failed' }>> {
    let failure: BootFailure | undefined;
    let wanted = true;
    for (const command of line.commands) {
      if (wanted) {
        const flow = await this.runCommand(command, script);
        if (flow.kind !== 'failed' && flow.kind !== 'next') return flow;
        failure = flow.kind === 'failed' ? flow.failure : undefined;
      }
      wanted = runsNext(command, failure);
    }
    return failure === undefined ? NEXT : failed(atLine(failure, line, name));
  }

  private async runCommand(
    command: Command,
    script: Script,
  ): Promise<Flow | Extract<RunResult, { kind: 'failed' }>> {
    if (command.words.length === 0) return NEXT;
    this.world.signal.throwIfAborted();
    if (++this.commands > MAX_COMMANDS) {
      throw new BootFailure(
        'script-endless',
        `more than ${MAX_COMMANDS} commands were run: the script goes round`,
      );
    }
    try {
      const [name = '', ...words] = command.words.map((word) => this.expand(word));
      return await this.call(name, words, script);
    } catch (error) {
      this.world.signal.throwIfAborted();
      // A loop or a text run as machine code cannot be handled with || on a real machine either.
      if (error instanceof BootFailure && !isFatal(error)) return failed(error);
      throw error;
    }
  }

  private expand(word: string): string {
    const expanded = this.settings.expand(word);
    if (expanded === undefined) throw new BootFailure('script-endless', `"${word}" expands without end`);
    return expanded;
  }

  private async call(name: string, words: readonly string[], script: Script): Promise<Flow> {
    const command = commandSpec(name);
    if (command === undefined || command.optional) {
      throw new BootFailure('script-line', `${name}: command not found (2e008081)`);
    }
    const usage = parseArguments(name, command, words);
    if (typeof usage === 'string') throw new BootFailure('script-line', `${name}: ${usage}`);
    if (name === 'goto' && findLabel(script, usage.words[0]!) === undefined) {
      throw new BootFailure('script-line', `goto: there is no label :${usage.words[0]}`);
    }
    // Only the linter cares which commands exist but cannot be had from a virtual machine.
    const handler = Object.hasOwn(HANDLERS, name) ? HANDLERS[name] : undefined;
    if (handler === undefined)
      throw new BootFailure('script-line', `${name}: not possible on a virtual machine`);
    return handler(this, usage);
  }
}

function isFatal(error: BootFailure): boolean {
  return error.code === 'machine-code' || error.code === 'script-endless';
}

function failed(failure: BootFailure): Extract<RunResult, { kind: 'failed' }> {
  return { kind: 'failed', failure };
}

function runsNext(command: Command, failure: BootFailure | undefined): boolean {
  if (command.next === 'always') return true;
  return command.next === 'on-success' ? failure === undefined : failure !== undefined;
}

function exited(status: number, line: ScriptLine, name = 'the command line'): RunResult {
  if (status === 0) return { kind: 'ok', exited: true };
  return failed(new BootFailure('script-exit', `${name}, line ${line.number}: exit ${status}`));
}

/** Names the place of a failure once; that of the innermost script is the one worth knowing. */
function atLine(failure: BootFailure, line: ScriptLine, name: string | undefined): BootFailure {
  if (name === undefined || failure.code === 'script-exit' || /, line \d+: /.test(failure.message))
    return failure;
  return new BootFailure(failure.code, `${name}, line ${line.number}: ${failure.message}`, failure);
}
