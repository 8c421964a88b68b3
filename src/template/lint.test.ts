import { describe, expect, it } from 'vitest';
import { checkTemplate } from './lint.ts';
import { metadataOf } from './metadata.ts';

describe('checkTemplate', () => {
  it('finds every fault, not only the first, in the order of the text', () => {
    const text = '<% def a; end %>\n<%= foreman_url(1, 2, 3, 4) %>\n<%= repository_url %>\n<% @x = 1 %>\n';
    expect(checkTemplate(text)).toEqual([
      { severity: 'error', line: 1, column: 4, message: 'def is not allowed in templates' },
      { severity: 'error', line: 2, column: 5, message: 'foreman_url takes 0..3 argument(s), not 4' },
      {
        severity: 'warning',
        line: 3,
        column: 5,
        message: "there is no macro or variable named 'repository_url'",
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

describe('metadataOf', () => {
  it('reads the first comment of a template', () => {
    const header =
      '<%#\nkind: iPXE\nname: My boot\nmodel: ProvisioningTemplate\noses:\n- Debian\n- Rocky 9\ndescription: |\n  Two\n  lines\nrequire:\n- plugin: x\n  version: 1.0\n-%>\n#!ipxe\n';
    expect(metadataOf(header)).toEqual({
      kind: 'iPXE',
      name: 'My boot',
      snippet: false,
      description: 'Two\nlines',
      oses: ['Debian', 'Rocky 9'],
      all: expect.objectContaining({ require: [{ plugin: 'x', version: 1 }] }),
    });
  });

  it('may follow a magic line', () => {
    expect(metadataOf('#!gpxe\n<%#\nname: x\n%>').name).toBe('x');
  });

  it('makes a snippet of what says so', () => {
    expect(metadataOf('<%#\nname: x\nsnippet: true\n-%>').kind).toBe('snippet');
  });

  it.each([
    '',
    'no header',
    '<%# just words -%>',
    '<%#\n: : :\n-%>',
    '<%#\n- list\n-%>',
    '<%# a: &x [*x] -%>',
  ])('says nothing for %j', (text) => {
    expect(metadataOf(text)).toMatchObject({ snippet: false, oses: [] });
  });
});
