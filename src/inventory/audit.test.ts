import { describe, expect, it } from 'vitest';
import { fieldChanges, REDACTED } from './audit.ts';

describe('what an audit tells', () => {
  it('does not tell the hash of root passwords, wherever it is kept', () => {
    const before = { name: 'root_pass', value: '$6$old' };
    expect(fieldChanges(before, { name: 'root_pass', value: '$6$new' })).toEqual({
      value: [REDACTED, REDACTED],
    });
    expect(fieldChanges({ root_pass: '$6$old' }, {})).toEqual({ root_pass: [REDACTED, null] });
  });

  it('tells other settings as they are', () => {
    expect(fieldChanges({ name: 'x', value: 1 }, { name: 'x', value: 2 })).toEqual({ value: [1, 2] });
  });
});
