/** The commands of iPXE and how each wants its words; shared by the linter and the interpreter. */

export type CommandSpec = {
  /** Words after the options. */
  readonly min: number;
  readonly max: number;
  /** Long names; every option may also be given by the first letter of `short`, else of its name. */
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Absent from Debian 12's builds (tried one by one in its ipxe.lkrn): "command not found" there. */
  readonly optional?: true;
};
type OptionSpec = { readonly value: boolean; readonly short: string };

const MANY = Number.POSITIVE_INFINITY;

/** Options as `name` (a flag) or `name=` (takes a value), with `name/x` for a short letter of its own. */
function spec(min: number, max: number, ...options: string[]): CommandSpec {
  const entries = options.map((text): [string, OptionSpec] => {
    const [name, short] = text.replace('=', '').split('/') as [string, string | undefined];
    return [name, { value: text.includes('='), short: short ?? name.charAt(0) }];
  });
  return { min, max, options: Object.fromEntries(entries) };
}

const optional = (entry: CommandSpec): CommandSpec => ({ ...entry, optional: true });

const FETCH = ['name=', 'timeout=', 'autofree', 'replace'];
const CONFIGURE = ['configurator=', 'timeout='];

const COMMANDS: Readonly<Record<string, CommandSpec>> = {
  autoboot: spec(0, MANY),
  boot: spec(0, MANY, ...FETCH),
  chain: spec(1, MANY, ...FETCH),
  choose: spec(1, 1, 'menu=', 'default=', 'timeout=', 'keep'),
  clear: spec(1, 1),
  colour: optional(spec(1, 1, 'basic=', 'rgb=')),
  config: spec(0, 1),
  console: optional(
    spec(0, 0, 'x=', 'y=', 'left=', 'right=', 'top=', 'bottom=/b', 'depth=', 'picture=', 'keep'),
  ),
  cpair: optional(spec(1, 1, 'foreground=', 'background=')),
  cpuid: spec(1, 1, 'ext', 'ecx/c'),
  dhcp: spec(0, MANY, ...CONFIGURE),
  echo: spec(0, MANY, 'n'),
  exit: spec(0, 1),
  goto: spec(1, 1),
  help: spec(0, 0),
  ifclose: spec(0, MANY),
  ifconf: spec(0, MANY, ...CONFIGURE),
  iflinkwait: optional(spec(0, MANY, 'timeout=')),
  ifopen: spec(0, MANY),
  ifstat: spec(0, MANY),
  imgargs: spec(1, MANY),
  imgexec: spec(0, MANY, ...FETCH),
  imgfetch: spec(1, MANY, ...FETCH),
  imgfree: spec(0, 1),
  imgload: spec(1, MANY, ...FETCH),
  imgselect: spec(1, MANY, ...FETCH),
  imgstat: spec(0, 0),
  imgtrust: optional(spec(0, 0, 'allow', 'permanent')),
  imgverify: optional(spec(2, 2, 'signer=', 'keep', 'timeout=')),
  inc: spec(1, 2),
  initrd: spec(1, MANY, ...FETCH),
  ipstat: optional(spec(0, 0)),
  iseq: spec(2, 2),
  isset: spec(1, 1),
  item: spec(0, MANY, 'menu=', 'key=', 'default', 'gap'),
  kernel: spec(1, MANY, ...FETCH),
  login: spec(0, 0),
  menu: spec(0, MANY, 'name=', 'delete'),
  module: spec(1, MANY, ...FETCH),
  nslookup: optional(spec(2, 2)),
  nstat: optional(spec(0, 0)),
  ntp: optional(spec(1, 1)),
  param: optional(spec(1, MANY, 'params=')),
  params: optional(spec(0, 0, 'name=', 'delete')),
  pciscan: optional(spec(1, 1)),
  ping: optional(spec(1, 1, 'size=', 'timeout=', 'count=', 'quiet')),
  poweroff: optional(spec(0, 0)),
  prompt: spec(0, MANY, 'key=', 'timeout=', 'set='),
  pxebs: spec(2, 2),
  read: spec(1, 1, 'timeout='),
  reboot: spec(0, 0, 'warm'),
  route: spec(0, 0),
  sanboot: spec(0, MANY, 'drive=', 'no-describe/n', 'keep', 'filename=', 'extra=', 'label=', 'uuid='),
  sanhook: spec(1, MANY, 'drive=', 'no-describe/n'),
  sanunhook: spec(0, 0, 'drive='),
  set: spec(1, MANY),
  shell: spec(0, 0),
  show: spec(1, 1),
  sleep: spec(1, 1),
  startpxe: optional(spec(0, 1)),
  stoppxe: optional(spec(0, 0)),
  sync: spec(0, 0, 'timeout='),
  time: optional(spec(1, MANY)),
  vcreate: optional(spec(1, 1, 'tag=', 'priority=')),
  vdestroy: optional(spec(1, 1)),
};

export function commandSpec(name: string): CommandSpec | undefined {
  return Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
}

export type Arguments = {
  /** Flags have the value `''`. */
  readonly options: Readonly<Record<string, string>>;
  readonly words: readonly string[];
};

/**
 * Takes the options off the front; iPXE stops at the first word that is not one, so `choose os --timeout 5`
 * has too many words. A text is the usage error. `time` passes its words on untouched.
 */
export function parseArguments(
  name: string,
  command: CommandSpec,
  words: readonly string[],
): Arguments | string {
  const options: Record<string, string> = {};
  let at = 0;
  while (at < words.length && words[at]!.startsWith('-') && name !== 'time') {
    const word = words[at++]!;
    if (word === '--') break;
    const found = findOption(command, word);
    if (found === undefined) return `unrecognised option "${word}"`;
    if (!found.takesValue) {
      if (found.inline !== undefined) return `option "${found.name}" takes no argument`;
      options[found.name] = '';
      continue;
    }
    const value = found.inline ?? words[at++];
    if (value === undefined || (found.inline === undefined && value.startsWith('-')))
      return `option "${found.name}" requires an argument`;
    options[found.name] = value;
  }
  const rest = words.slice(at);
  if (rest.length < command.min) return 'too few words';
  if (rest.length > command.max) return 'too many words';
  return { options, words: rest };
}

function findOption(
  command: CommandSpec,
  word: string,
): { name: string; takesValue: boolean; inline?: string } | undefined {
  const long = /^--([^=]+)(?:=(.*))?$/s.exec(word);
  for (const [name, option] of Object.entries(command.options)) {
    if (long !== null && long[1] === name) return { name, takesValue: option.value, inline: long[2] };
    if (long === null && word.charAt(1) === option.short) {
      return { name, takesValue: option.value, inline: word.length > 2 ? word.slice(2) : undefined };
    }
  }
  return undefined;
}
