/** Our client classes among those of a Kea: told by their user context, compared as text. */

import { type KeaClass, keaClasses } from '../../dhcp-config/kea.ts';
import type { Outline } from '../../dhcp-config/outline.ts';
import { type Json, type JsonMap, listOf, mapOf, textOf } from './exact-json.ts';
import { isOurs, tagged } from './tag.ts';

/** Options that we name and Kea answers with their code. */
const OPTION_CODES: Readonly<Record<string, number>> = { 'vendor-class-identifier': 60 };
/** What Kea says of a class that says nothing. */
const NOTHING = new Set<Json | undefined>(['', '0.0.0.0', false, null, undefined]);

/** As they stand in the configuration. */
export function wantedClasses(outline: Outline): readonly JsonMap[] {
  return keaClasses(outline).map(taggedClass);
}

function taggedClass({ comment, ...said }: KeaClass): JsonMap {
  return { ...(said as JsonMap), 'user-context': { ...tagged({}), comment } };
}

/** The part that is a class, for plans. */
export function partName(name: string): string {
  return `class ${name}`;
}

export function partsOf(classes: readonly JsonMap[]): Readonly<Record<string, string>> {
  const ours = classes.filter(isOurs);
  return Object.fromEntries(
    ours.map((each, i) => [partName(textOf(each.name)), classText(each, ours.slice(0, i))]),
  );
}

/** One line for each thing it says, whoever wrote it; `before` are those of ours that stand before it. */
export function classText(said: JsonMap, before: readonly JsonMap[] = []): string {
  const { name, test, 'next-server': next, 'boot-file-name': file, 'option-data': options, ...rest } = said;
  const rank = rankOf(textOf(name));
  const late = before.filter((other) => rankOf(textOf(other.name)) > rank).map((other) => textOf(other.name));
  const more = Object.entries(rest).filter(([key, value]) => key !== 'user-context' && !isNothing(value));
  return [
    `if ${textOf(test)}`,
    ...(isNothing(next) ? [] : [`next-server ${textOf(next)}`]),
    ...(isNothing(file) ? [] : [`boot-file-name ${textOf(file)}`]),
    ...listOf(options).map((option) => optionText(mapOf(option))),
    ...more.map(([key, value]) => `${key} ${JSON.stringify(value)}`).sort(),
    ...(late.length > 0 ? [`too late, behind ${late.join(', ')}`] : []),
  ].join('\n');
}

function isNothing(value: Json | undefined): boolean {
  return NOTHING.has(value) || (Array.isArray(value) && value.length === 0);
}

function optionText(option: JsonMap): string {
  const code = option.code ?? OPTION_CODES[textOf(option.name)] ?? textOf(option.name);
  return `option ${code} ${textOf(option.data)}${option['always-send'] === true ? ', always' : ''}`;
}

/** The first that matches counts: classes of hosts come before those of everybody. */
function rankOf(name: string): number {
  return name.startsWith('chainboot-loader-') ? 2 : name.startsWith('chainboot-host-') ? 1 : 0;
}

/** Ours, in our order, where the first of them stood, or behind everybody's; what is foreign stays in its order. */
export function withClasses(present: readonly Json[], wanted: readonly JsonMap[]): readonly Json[] {
  const first = present.findIndex((each) => isOurs(mapOf(each)));
  const isForeign = (each: Json) => !isOurs(mapOf(each));
  const place = first < 0 ? present.length : first;
  return [...present.slice(0, place).filter(isForeign), ...wanted, ...present.slice(place).filter(isForeign)];
}

/** Names of ours that somebody else's classes have, mostly pasted from `chainboot dhcp-config`. */
export function takenNames(classes: readonly JsonMap[], wanted: readonly JsonMap[]): readonly string[] {
  const names = new Set(wanted.map(({ name }) => name));
  return classes.filter((each) => !isOurs(each) && names.has(each.name)).map(({ name }) => textOf(name));
}

/** Foreign classes that name a boot file and come before the first of ours (before all, where there is none yet). */
export function strongerClasses(classes: readonly JsonMap[]): readonly string[] {
  const first = classes.findIndex(isOurs);
  const before = first < 0 ? classes : classes.slice(0, first);
  return before.filter((each) => !isNothing(each['boot-file-name'])).map(({ name }) => textOf(name));
}

/** Classes of others that are called as ours are. */
export function pastedClasses(classes: readonly JsonMap[]): readonly string[] {
  const names = classes.filter((each) => !isOurs(each)).map(({ name }) => textOf(name));
  return names.filter((name) => /^chainboot-(ipxe|left-alone|loader-|host-)/.test(name));
}
