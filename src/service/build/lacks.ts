/** What a host may lack to boot: codes, sentences, hints. Tests assert codes, never sentences. */

import { type ErrorValues, fill, type Problem } from '../../errors.ts';

/** `{name}` is filled from the values of the lack. */
type Entry = {
  readonly sentence: string;
  readonly hint: string;
  /** The records are wrong by themselves: no `force` makes them right. */
  readonly always?: true;
};

export const LACKS = {
  'no-operatingsystem': {
    sentence: 'there is no operating system to install',
    hint: 'set the operating system of the host or its hostgroup',
    always: true,
  },
  'no-mac': {
    sentence: 'the interface it boots from has no MAC address',
    hint: 'give the provision interface the MAC address of the card',
    always: true,
  },
  'no-medium': {
    sentence: 'there is no installation medium',
    hint: 'set a medium; {os} lists {media}',
  },
  'medium-foreign': {
    sentence: '"{medium}" is not a medium of {os}',
    hint: 'its media: {media}',
    always: true,
  },
  'architecture-foreign': {
    sentence: '{os} is not declared for the architecture {architecture}',
    hint: 'its architectures: {architectures}',
  },
  'file-missing': {
    sentence: 'the medium {medium} has no {file}',
    hint: 'put it there, or mend the path of the medium: {place}',
  },
  'medium-unreachable': {
    sentence: '{file} of the medium {medium} cannot be asked for from this server: {reason}',
    hint: 'machines may reach what this server cannot; look at {place}',
  },
  'no-loader': {
    sentence: 'the host is set to boot without a loader',
    hint: 'set a PXE loader other than None, or take it out to have one chosen for the firmware that asks',
  },
  'loader-missing': {
    sentence: 'the loader {file} of "{loader}" is in none of the loader directories',
    hint: 'see loaders.directories in the configuration',
  },
  'loader-unknown': {
    sentence: 'there is no loader for the architecture {architecture}',
    hint: 'set a PXE loader, or an architecture such as x86_64 or aarch64',
  },
  'no-template': {
    sentence: 'there is no {kind} template for {os}',
    hint: 'list one under provisioning_templates of the operating system or the hostgroup',
  },
  'no-answers': {
    sentence: 'there is no template that tells the installer of {os} what to do: {kinds}',
    hint: 'list one under provisioning_templates of the operating system or the hostgroup',
  },
  'template-fails': {
    sentence: 'the {kind} template {template} does not render: {reason}',
    hint: 'look at it with: chainboot template lint "{template}" --host {host}',
  },
  'no-disk-layout': {
    sentence: 'there is neither a partition table nor a disk layout',
    hint: 'set a partition table of the host, its hostgroup or {os}',
  },
  'ptable-foreign': {
    sentence: 'the partition table "{ptable}" is made for other systems than {os}',
    hint: 'its tables: {ptables}',
  },
  'password-short': {
    sentence: 'the root password is shorter than {least} characters',
    hint: 'set root_pass to the hash of a longer one: openssl passwd -6',
  },
  'password-plain': {
    sentence: 'the root password is no crypt(3) hash, which installers take it for',
    hint: 'set root_pass to a hash: openssl passwd -6',
  },
  'no-password': {
    sentence: 'there is no root password: nobody can log in but by SSH key',
    hint: 'set root_pass of the host or its hostgroup, or the setting of that name',
  },
  'no-address': {
    sentence: 'no address is declared, and none is handed out to it: {reason}',
    hint: 'give the provision interface an address, or its subnet a pool (from, to)',
  },
} as const satisfies Record<string, Entry>;

export type LackCode = keyof typeof LACKS;

/** `field` leads into the host: `operatingsystem`, `interfaces.0.mac`; empty: the host as a whole. */
export type Lack = {
  readonly code: LackCode;
  readonly field: string;
  readonly message: string;
  readonly hint: string;
};

/** `errors` are refused, unless forced; `warnings` are only told. */
export type BuildCheck = { readonly errors: readonly Lack[]; readonly warnings: readonly Lack[] };

export function lack(code: LackCode, field: string, values: ErrorValues = {}): Lack {
  const { sentence, hint } = LACKS[code];
  return { code, field, message: fill(sentence, values), hint: fill(hint, values) };
}

/** What stays refused when the host is forced into build mode. */
export function unforgivable({ code }: Lack): boolean {
  const entry: Entry = LACKS[code];
  return entry.always === true;
}

export function problemOf(host: string, { code, field, message, hint }: Lack): Problem {
  return { file: host, path: field, message, suggestion: hint, code };
}

/** Found of one aspect: `errors` are what installations fail of, `warnings` what they may fail of. */
export type Found = { readonly errors?: readonly Lack[]; readonly warnings?: readonly Lack[] };

export function gathered(found: readonly Found[]): BuildCheck {
  return {
    errors: found.flatMap(({ errors = [] }) => errors),
    warnings: found.flatMap(({ warnings = [] }) => warnings),
  };
}
