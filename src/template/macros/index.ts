/** Every function a template may call. One family a file; a new macro is one line in its family's table. */

import { HOST_MACROS } from './host.ts';
import { IGNITION_MACROS } from './ignition.ts';
import { LOOKUP_MACROS } from './lookup.ts';
import { MEDIUM_MACROS } from './medium.ts';
import { NUMBER_MACROS } from './number.ts';
import { RANDOM_MACROS } from './random.ts';
import { REFUSED_MACROS } from './refused.ts';
import { SHELL_MACROS } from './shell.ts';
import { SNIPPET_MACROS } from './snippet.ts';
import type { MacroTable } from './table.ts';
import { TEXT_MACROS } from './text.ts';
import { TIME_MACROS } from './time.ts';
import { URL_MACROS } from './url.ts';

/** As docs/templates.md lists them. */
export const FAMILIES: readonly (readonly [title: string, table: MacroTable])[] = [
  ['Host and settings', HOST_MACROS],
  ['Installation medium', MEDIUM_MACROS],
  ['URLs', URL_MACROS],
  ['Snippets, errors and the log', SNIPPET_MACROS],
  ['Text and notations', TEXT_MACROS],
  ['Numbers', NUMBER_MACROS],
  ['Shell commands', SHELL_MACROS],
  ['Time', TIME_MACROS],
  ['Chance and names', RANDOM_MACROS],
  ['Name service', LOOKUP_MACROS],
  ['Ignition', IGNITION_MACROS],
];

export const MACROS: MacroTable = Object.assign(
  Object.create(null),
  REFUSED_MACROS,
  ...FAMILIES.map(([, table]) => table),
);
