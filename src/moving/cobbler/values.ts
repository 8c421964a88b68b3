/** Fields of Cobbler's items, which may be inherited, and lists or maps that may be written as text. */

import { flagAt, type MapNode, type Node, textAt, textsAt } from '../json.ts';

const INHERITED = '<<inherit>>';

/** Undefined for what is empty or inherited. */
export function said(node: MapNode, ...keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const text = textAt(node, key)?.trim();
    if (text !== undefined && text !== '' && text !== INHERITED) return text;
  }
  return undefined;
}

export function isTrue(node: MapNode, key: string): boolean {
  return flagAt(node, key) ?? /^(1|true|yes|on)$/i.test(textAt(node, key) ?? '');
}

/** A list, or words of a text. */
export function words(node: MapNode, key: string): readonly string[] {
  const list = textsAt(node, key);
  return list.length > 0 ? list : (said(node, key)?.split(/[\s,]+/) ?? []);
}

/** Values by name: several of one name in a row, none for a bare name. */
export type Options = ReadonlyMap<string, readonly string[]>;

/** Kernel options and autoinstall metadata: a map, or words as on a command line. */
export function options(node: MapNode, ...keys: readonly string[]): Options {
  for (const key of keys) {
    const found = node.entries.get(key);
    if (found?.kind === 'map')
      return new Map([...found.entries].map(([name, value]) => [name, valuesOf(value)]));
    const text = said(node, key);
    if (text !== undefined) return optionsIn(text);
  }
  return new Map();
}

/** `~` stands for no value, as in YAML. */
function valuesOf(node: Node): readonly string[] {
  if (node.kind === 'list') return node.items.flatMap(valuesOf);
  if (node.kind === 'map') return [];
  const { value } = node;
  return value === null || value === '' || value === '~' ? [] : [String(value)];
}

/** Values with blanks stand in quotes. */
function optionsIn(text: string): Options {
  const found = new Map<string, string[]>();
  for (const word of text.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? []) {
    const [, name = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    const values = found.get(name) ?? [];
    if (value !== undefined && value !== '~') values.push(value.replace(/^(["'])(.*)\1$/s, '$2'));
    found.set(name, values);
  }
  return found;
}

/** The later ones count; `!name` takes one away. */
export function mergedOptionMaps(...layers: readonly Options[]): Options {
  const merged = new Map<string, readonly string[]>();
  for (const layer of layers)
    for (const [name, values] of layer) {
      if (name.startsWith('!')) merged.delete(name.slice(1));
      else merged.set(name, values);
    }
  return merged;
}

/** As on the kernel's command line. */
export function commandLine(map: Options): string {
  return [...map]
    .flatMap(([name, values]) =>
      values.length === 0 ? [name] : values.map((value) => `${name}=${quoted(value)}`),
    )
    .join(' ');
}

function quoted(value: string): string {
  return /\s/.test(value) ? `"${value}"` : value;
}
