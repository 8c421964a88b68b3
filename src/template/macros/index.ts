/** Every function a template may call. One family a file; a new macro is one line in its family's table. */

import { inherit } from '../ruby/core/table.ts';
import { HOST_MACROS } from './host.ts';
import { SHELL_MACROS } from './shell.ts';
import { SNIPPET_MACROS } from './snippet.ts';
import { TEXT_MACROS } from './text.ts';
import { URL_MACROS } from './url.ts';

export const MACROS = inherit(HOST_MACROS, URL_MACROS, SNIPPET_MACROS, TEXT_MACROS, SHELL_MACROS);
