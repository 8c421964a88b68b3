/** What the facts of a machine say about its hardware, in the words of Facter and of the discovery image. */

import type { Json, Parameters } from '../../inventory/types.ts';

function first(facts: Parameters, names: readonly string[]): Json | undefined {
  const name = names.find((candidate) => Object.hasOwn(facts, candidate));
  return name === undefined ? undefined : facts[name];
}

function wholeNumber(facts: Parameters, names: readonly string[]): number | null {
  const value = Number.parseFloat(String(first(facts, names) ?? ''));
  return Number.isFinite(value) ? Math.trunc(value) : null;
}

/** In MiB. */
export function ramOf(facts: Parameters): number | null {
  const bytes = wholeNumber(facts, ['memory::system::total_bytes']);
  return bytes === null ? wholeNumber(facts, ['memorysize_mb']) : Math.trunc(bytes / 2 ** 20);
}

export function socketsOf(facts: Parameters): number | null {
  return wholeNumber(facts, ['processors::physicalcount', 'physicalprocessorcount']);
}

export function coresOf(facts: Parameters): number | null {
  return wholeNumber(facts, ['processors::count', 'processorcount']);
}

export function isVirtualMachine(facts: Parameters): boolean | null {
  const value = first(facts, ['is_virtual']);
  return value === undefined ? null : String(value) === 'true';
}
