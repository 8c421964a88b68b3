import { describe, expect, it } from 'vitest';
import { checkTemplate } from './lint.ts';

describe('checkTemplate', () => {
  it('finds every fault, not only the first, in the order of the text', () => {
    const text =
      '<% def a; end %>\n<%= foreman_url(1, 2, 3, 4) %>\n<%= some_plugins_macro %>\n<% @x = 1 %>\n';
    expect(checkTemplate(text)).toEqual([
      { severity: 'error', line: 1, column: 4, message: 'def is not allowed in templates' },
      { severity: 'error', line: 2, column: 5, message: 'foreman_url takes 0..3 argument(s), not 4' },
      {
        severity: 'warning',
        line: 3,
        column: 5,
        message: "there is no macro or variable named 'some_plugins_macro'",
      },
      {
        severity: 'error',
        line: 4,
        column: 4,
        message: 'assigning to an instance variable is not allowed in templates',
      },
    ]);
  });

  it('has nothing to say about what renders', () => {
    expect(checkTemplate("<% x = 1 %><%= x %><%= host_param('a', *[1]) %>")).toEqual([]);
  });

  it('tells a template that is not valid Ruby, with its place', () => {
    const [finding] = checkTemplate('ok\n<%= @host.name.nil? "a" : "b" %>\n');
    expect(finding).toMatchObject({ severity: 'error', line: 2 });
    expect(finding!.message).toMatch(/^syntax error/);
  });
});
