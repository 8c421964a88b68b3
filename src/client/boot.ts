/** Boots a virtual machine against a running server, with real packets over real sockets. */

import type { Mac } from '../net/mac.ts';
import { macBytes } from '../net/mac.ts';
import { formatUuid, type Uuid } from '../net/uuid.ts';
import type { DhcpPath } from './dhcp-socket.ts';
import type { BootEvent } from './events.ts';
import { BootFailure } from './failure.ts';
import { cpuOf, imageKind, initrdFormat, isBzImage, isEfi } from './image.ts';
import { answersOf, install } from './installer.ts';
import type { Image } from './ipxe/machine.ts';
import { type Card, Machine, type Rehearsal } from './machine.ts';
import type { BootOutcome, FileSummary, InitrdSummary } from './outcome.ts';
import { cpuOfPersona, type Persona } from './personas.ts';
import { type Ending, powerOn } from './stages.ts';

export type BootOptions = {
  readonly persona: Persona;
  /** Of the card that it boots from. */
  readonly mac: Mac;
  /** All its cards as iPXE numbers them: net0, net1 …, undefined where a number is not used. One unless given. */
  readonly cards?: readonly (Card | undefined)[];
  /** Natural order; made from the MAC when absent. */
  readonly uuid?: Uuid;
  readonly dhcp: DhcpPath;
  /** Of servers that DHCP names without a port; 69 when absent. */
  readonly tftpPort?: number;
  /** Must not throw. */
  readonly onEvent?: (event: BootEvent) => void;
  /**
   * Called with every address the machine gets, so that the caller may configure it; from then on the machine's
   * requests come from it if it can be bound.
   */
  readonly onLease?: (lease: { readonly address: string; readonly netmask: string }) => Promise<void>;
  /** Root certificates in PEM that programs with TLS trust; the public authorities unless given. */
  readonly trust?: string;
  /** For the whole boot. */
  readonly timeoutMs: number;
  /**
   * After the kernel, play the installer: fetch the answers, report that it is built. `if-told`: unless the command
   * line names no answers, as that of a system that runs from memory.
   */
  readonly installer?: boolean | 'if-told';
  /** It is a rehearsal, of which the server knows. */
  readonly rehearsal?: Rehearsal;
  /** `sleep` and menu time limits take as long as they say; otherwise next to nothing. */
  readonly realTime?: boolean;
  readonly signal?: AbortSignal;
};

type Kernel = {
  readonly kernel: FileSummary;
  readonly initrds: readonly InitrdSummary[];
  readonly cmdline: string;
};
type Conclusion = Pick<BootOutcome, 'reached' | 'why' | 'code' | 'installer'>;

/** Never rejects, never hangs beyond `timeoutMs`, leaves no socket open. */
export async function bootVirtually(options: BootOptions): Promise<BootOutcome> {
  const timeout = new AbortController();
  const timer = setTimeout(
    () => timeout.abort(new BootFailure('timeout', `nothing more after ${options.timeoutMs / 1000} s`)),
    options.timeoutMs,
  );
  const signal = AbortSignal.any(
    options.signal === undefined ? [timeout.signal] : [timeout.signal, options.signal],
  );
  const machine = new Machine({
    persona: options.persona,
    mac: options.mac,
    cards: options.cards ?? [{ mac: options.mac }],
    uuid: options.uuid ?? uuidOf(options.mac),
    dhcp: options.dhcp,
    tftpPort: options.tftpPort ?? 69,
    onEvent: options.onEvent ?? (() => {}),
    onLease: options.onLease ?? (async () => {}),
    trust: options.trust ?? '',
    realTime: options.realTime ?? false,
    rehearsal: options.rehearsal,
    signal,
  });
  const boot = new Boot(machine, options.installer ?? false);
  try {
    return boot.outcome(await boot.run());
  } catch (error) {
    return boot.outcome(failure(signal, error));
  } finally {
    clearTimeout(timer);
    machine.close();
  }
}

class Boot {
  private readonly machine: Machine;
  private readonly installer: boolean | 'if-told';
  private loaded: Kernel | undefined;

  constructor(machine: Machine, installer: boolean | 'if-told') {
    this.machine = machine;
    this.installer = installer;
  }

  async run(): Promise<Conclusion> {
    const ending = await powerOn(this.machine);
    if (ending.kind !== 'kernel') return concluded(ending);
    this.loaded = this.startKernel(ending);
    this.machine.close();
    const { installer } = this;
    if (installer === false || (installer === 'if-told' && answersOf(this.loaded.cmdline) === undefined))
      return { reached: 'kernel', why: `the kernel ${this.loaded.kernel.url} was started` };
    return this.runInstaller(this.loaded.cmdline);
  }

  private startKernel({ kernel, initrds, handsOver = false }: Extract<Ending, { kind: 'kernel' }>): Kernel {
    const { head, url } = kernel.file;
    if (!isBzImage(head) && !isEfi(head)) {
      throw new BootFailure(
        'kernel-format',
        `${url} has no Linux boot header (HdrS) and is no EFI program (MZ)`,
      );
    }
    this.checkCpu(kernel, handsOver);
    const loaded: Kernel = {
      kernel: summary(kernel),
      initrds: initrds.map((initrd) => ({ ...summary(initrd), format: initrdFormat(initrd.file.head) })),
      cmdline: kernel.args,
    };
    this.loaded = loaded;
    this.checkInitrds(kernel, initrds, handsOver);
    this.machine.tell({
      kind: 'kernel',
      text: `Command line: ${kernel.args}`,
      url,
      bytes: kernel.file.bytes,
    });
    return loaded;
  }

  /** GRUB starts a 32-bit kernel on 64-bit UEFI by itself; what iPXE hands to the firmware must be of its kind. */
  private checkCpu({ file: { head, url } }: Image, handsOver: boolean): void {
    const cpu = cpuOf(head);
    const own = cpuOfPersona(this.machine.options.persona);
    const isBios = this.machine.options.persona.platform === 'pcbios';
    const runs =
      cpu === undefined || cpu === own || (cpu === 'x86' && own === 'x86_64' && (isBios || handsOver));
    if (!runs)
      throw new BootFailure('wrong-cpu', `${url} is a kernel for ${cpu}, and this is a machine of ${own}`);
  }

  private checkInitrds(kernel: Image, initrds: readonly Image[], handsOver: boolean): void {
    // wimboot and memdisk take files of any kind; `initrd URL /path` puts a plain file into the file system.
    if (/wimboot|memdisk/.test(kernel.name)) return;
    const isEfiBoot = this.machine.options.persona.platform === 'efi';
    // UEFI takes only what initrd= names; BIOS puts all of them together.
    const [first, ...rest] = initrds.filter(
      ({ file, args }) => !isEfiBoot || imageKind(file.head) !== 'script' || args !== '',
    );
    if (first !== undefined && isBadInitrd(first)) throw new BootFailure('initrd-format', badInitrd(first));
    for (const initrd of rest.filter(isBadInitrd))
      this.machine.tell({ kind: 'warning', text: badInitrd(initrd) });
    if (isEfiBoot && !handsOver && initrds.length > 0 && !/(?:^|\s)initrd=/.test(kernel.args)) {
      const text =
        'an EFI kernel finds its initrd only by initrd=NAME on the command line, which is not there';
      this.machine.tell({ kind: 'warning', text });
    }
  }

  private async runInstaller(cmdline: string): Promise<Conclusion> {
    const web = this.machine.http('Wget', { tls: true });
    const installer = await install(cmdline, {
      get: (url, keep) => web.get(url, keep),
      post: (url, body) => web.post(url, body),
    });
    const why = `the ${installer.kind} was fetched and ${installer.builtUrl} told that it is done`;
    this.machine.tell({ kind: 'installer', text: why, url: installer.answersUrl });
    return { reached: 'installed', why, installer };
  }

  outcome(conclusion: Conclusion): BootOutcome {
    const { machine, loaded } = this;
    machine.tell({ kind: 'end', text: `${conclusion.reached}: ${conclusion.why}` });
    return {
      ...conclusion,
      kernel: loaded?.kernel,
      initrds: loaded?.initrds ?? [],
      cmdline: loaded?.cmdline,
      scripts: machine.scripts,
      console: machine.console,
      address: machine.address,
      steps: machine.steps,
      took: machine.age,
    };
  }
}

/** `initrd URL /path` makes a file of it, whatever it is. */
function isBadInitrd({ file, args }: Image): boolean {
  return args === '' && initrdFormat(file.head) === undefined;
}

function badInitrd({ file }: Image): string {
  const isScript = imageKind(file.head) === 'script';
  return isScript
    ? `the script ${file.url} was chained without --autofree and came back: iPXE hands it to the kernel as an initrd, which Linux cannot unpack`
    : `${file.url} is no initramfs: neither cpio nor compressed`;
}

function summary({ file: { url, bytes, sha256 } }: Image): FileSummary {
  return { url, bytes, sha256 };
}

function concluded(ending: Exclude<Ending, { kind: 'kernel' }>): Conclusion {
  switch (ending.kind) {
    case 'local':
      return { reached: 'local-boot', why: `the firmware goes on to the next boot device (${ending.how})` };
    case 'person':
      return { reached: 'menu', why: `it waits for a person: ${ending.what}` };
    case 'reboot':
      return { reached: 'failed', code: 'script-ended', why: 'the script said reboot' };
    case 'ended':
      return { reached: 'failed', code: 'script-ended', why: ending.why };
  }
}

/** An abort surfaces as whatever the socket that was cut says; the signal knows better. */
function failure(signal: AbortSignal, error: unknown): Conclusion {
  const cause: unknown = signal.aborted ? signal.reason : error;
  if (cause instanceof BootFailure) return { reached: 'failed', code: cause.code, why: cause.message };
  if (signal.aborted) return { reached: 'failed', code: 'aborted', why: 'it was switched off' };
  const why = error instanceof Error ? error.message : String(error);
  return { reached: 'failed', code: 'internal', why: `the virtual client itself failed: ${why}` };
}

/** One per MAC, so that repeated boots are the same machine. */
function uuidOf(mac: Mac): Uuid {
  return formatUuid(Uint8Array.of(0xc4, 0xa1, 0xb0, 0x07, 0, 0, 0x40, 0, 0x80, 0, ...macBytes(mac)));
}
