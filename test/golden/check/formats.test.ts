/** Every rendering of a shipped template is free of what the checkers of its format find. */

import { describe, expect, it } from 'vitest';
import { checkFormat, formatOf } from '../../../src/formats/format.ts';
import { osOf } from '../../../src/inventory/association.ts';
import { cases, rendered, site } from '../cases.ts';

/** What no checker knows: batch files of Windows. */
const UNKNOWN: ReadonlySet<string> = new Set(['script', 'finish Windows']);

describe('formats', () => {
  it.for(cases.map((each) => [each.file, each] as const))('%s', ([, { template, host }]) => {
    const text = rendered({ file: '', template, host });
    const os = host && osOf(site, host);
    const format = formatOf(template.kind, os, text);
    expect(
      format !== undefined || UNKNOWN.has(template.kind) || UNKNOWN.has(`${template.kind} ${os?.family}`),
      'the format is known',
    ).toBe(true);
    if (format !== undefined) expect(checkFormat(format, text, os)).toEqual([]);
  });
});
