/**
 * Configurations of CoreOS. Foreman runs `ct` and `butane` here, which are programs; no library of ours reads
 * their YAML. Ignition's own JSON needs neither.
 */

import { RubyError } from '../errors.ts';
import { wantText } from '../ruby/arguments.ts';
import { str, type Value } from '../ruby/values.ts';
import { macros } from './table.ts';

function ignition(name: string) {
  return (_: unknown, [input]: readonly Value[]): Value => {
    const config = parsed(wantText(input));
    if (config === undefined)
      throw new RubyError(
        `${name} cannot translate Butane's YAML: let the template write Ignition's JSON (to_json of a hash with ignition.version), or run butane beforehand and keep its output`,
      );
    return str(JSON.stringify(config));
  };
}

/** Ignition's JSON, recognized by its version; undefined for anything else. */
function parsed(text: string): object | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { ignition: about } = (value ?? {}) as { ignition?: { version?: unknown } | null };
  return typeof about?.version === 'string' ? (value as object) : undefined;
}

const TEXT = "Ignition's JSON, as it is, on one line. Butane's YAML is an error with a hint.";

export const IGNITION_MACROS = macros({
  transpile_coreos_linux_config: [
    '(config, validate_input = true, validate_output = false)',
    TEXT,
    ignition('transpile_coreos_linux_config'),
  ],
  transpile_fedora_coreos_config: ['(config)', TEXT, ignition('transpile_fedora_coreos_config')],
});
