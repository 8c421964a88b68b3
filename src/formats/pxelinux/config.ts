/** PXELINUX configuration files: what is read, and what is made of it. Pure. */

export type Entry = {
  readonly label: string;
  readonly kernel?: string;
  readonly append: string;
  readonly initrds: readonly string[];
  /** Bits of `IPAPPEND`/`SYSAPPEND`; 2 adds `BOOTIF=`. */
  readonly sysAppend: number;
  readonly localBoot: boolean;
};

export type Config = {
  /** The label (or kernel line) that is booted without a person. */
  readonly fallback?: string;
  readonly entries: readonly Entry[];
  /** A menu program (menu.c32) shows the entries first. */
  readonly menu: boolean;
  /** Without a person it never goes on: a prompt or a menu without time limit. */
  readonly waits: boolean;
};

type Draft = { -readonly [K in keyof Entry]: Entry[K] } & { menuDefault: boolean; appendSet: boolean };

const MENU_PROGRAM = /(?:^|\/)(?:vesa)?menu\.c32\b/i;

/** Unknown keywords are passed over, as PXELINUX does. Never throws. */
export function parseConfig(text: string): Config {
  const entries: Draft[] = [];
  let globalAppend = '';
  let globalSysAppend = 0;
  let fallback: string | undefined;
  let onTimeout: string | undefined;
  let prompt = false;
  let menu = false;
  let timeout = 0;
  for (const line of text.split(/\r?\n/)) {
    const [, keyword = '', value = ''] = /^\s*(\S+)\s*(.*?)\s*$/.exec(line) ?? [];
    const entry = entries.at(-1);
    switch (keyword.toLowerCase()) {
      case 'default':
        fallback = value;
        break;
      case 'ontimeout':
        onTimeout = value;
        break;
      case 'prompt':
        prompt = value !== '0' && value !== '';
        break;
      case 'timeout':
        timeout = Number.parseInt(value, 10) || 0;
        break;
      case 'ui':
        menu = true;
        break;
      case 'label':
        entries.push(newEntry(value, globalSysAppend));
        break;
      case 'append':
        if (entry === undefined) globalAppend = value;
        else Object.assign(entry, { append: value === '-' ? '' : value, appendSet: true });
        break;
      case 'ipappend':
      case 'sysappend':
        if (entry === undefined) globalSysAppend = Number(value) || 0;
        else entry.sysAppend = Number(value) || 0;
        break;
      default:
        if (entry !== undefined) applyToEntry(entry, keyword.toLowerCase(), value);
    }
  }
  if (fallback !== undefined && MENU_PROGRAM.test(fallback)) {
    menu = true;
    fallback = undefined;
  }
  const marked = entries.find((entry) => entry.menuDefault)?.label;
  return {
    fallback: onTimeout ?? marked ?? fallback,
    entries: entries.map((entry) => finish(entry, globalAppend)),
    menu,
    waits: (prompt || menu) && timeout === 0,
  };
}

function newEntry(label: string, sysAppend: number): Draft {
  return {
    label,
    append: '',
    initrds: [],
    sysAppend,
    localBoot: false,
    menuDefault: false,
    appendSet: false,
  };
}

function applyToEntry(entry: Draft, keyword: string, value: string): void {
  switch (keyword) {
    case 'kernel':
    case 'linux':
    case 'pxe':
      entry.kernel = value;
      break;
    case 'initrd':
      entry.initrds = value.split(',');
      break;
    case 'localboot':
      entry.localBoot = true;
      break;
    case 'menu':
      if (/^default\b/i.test(value)) entry.menuDefault = true;
      break;
  }
}

/** `initrd=` in APPEND loads files too, unless there is an INITRD line. */
function finish(draft: Draft, globalAppend: string): Entry {
  const { menuDefault, appendSet, ...entry } = draft;
  const append = appendSet ? entry.append : globalAppend;
  const named = /(?:^|\s)initrd=(\S+)/.exec(append)?.[1];
  const initrds = entry.initrds.length > 0 || named === undefined ? entry.initrds : named.split(',');
  return { ...entry, append, initrds };
}

/** What is booted when nobody touches the keyboard; a DEFAULT that is no label is a kernel line of its own. */
export function chooseEntry(config: Config): Entry | undefined {
  const wanted = config.fallback;
  if (wanted === undefined) return config.entries[0];
  const [name = '', ...args] = wanted.split(/\s+/);
  const entry = config.entries.find(({ label }) => label.toLowerCase() === name.toLowerCase());
  if (entry === undefined) {
    return { label: name, kernel: name, append: args.join(' '), initrds: [], sysAppend: 0, localBoot: false };
  }
  return args.length === 0 ? entry : { ...entry, append: `${entry.append} ${args.join(' ')}`.trim() };
}
