import { describe, expect, it } from 'vitest';
import { headerOf, metadataOf } from './metadata.ts';

describe('metadataOf', () => {
  it('reads the first comment of a template', () => {
    const header =
      '<%#\nkind: iPXE\nname: My boot\nmodel: ProvisioningTemplate\noses:\n- Debian\n- Rocky 9\ndescription: |\n  Two\n  lines\nrequire:\n- plugin: x\n  version: 1.0\n-%>\n#!ipxe\n';
    expect(metadataOf(header)).toEqual({
      kind: 'iPXE',
      model: 'ProvisioningTemplate',
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
    expect(metadataOf('<%#\nname: x\nsnippet: yes\nkind: provision\n-%>').kind).toBe('snippet');
    expect(metadataOf('<%#\nname: x\nkind: snippet\n-%>').snippet).toBe(true);
  });

  it.each([
    ['model: Ptable', 'Ptable'],
    ['kind: ptable', 'Ptable'],
    ['kind: job_template', 'JobTemplate'],
    ['model: ReportTemplate', 'ReportTemplate'],
    ['kind: finish', 'ProvisioningTemplate'],
  ])('knows by %j what the record is', (line, model) => {
    expect(metadataOf(`<%#\nname: x\n${line}\n%>`).model).toBe(model);
  });

  it('takes gPXE for iPXE, as newer headers say', () => {
    expect(metadataOf('<%#\nname: x\nkind: gPXE\n%>').kind).toBe('iPXE');
  });

  it('reads a name that YAML takes for a number', () => {
    expect(metadataOf('<%#\nname: 42\n%>').name).toBe('42');
  });

  it.each([
    '',
    'no header',
    '<%# just words -%>',
    '<%#\n: : :\n-%>',
    '<%#\n- list\n-%>',
    '<%# a: &x [*x] -%>',
    `<%#\nname: ${'x'.repeat(70_000)}\n-%>`,
  ])('says nothing for %j', (text) => {
    expect(metadataOf(text)).toMatchObject({ snippet: false, oses: [] });
    expect(metadataOf(text).name).toBeUndefined();
  });
});

describe('headerOf', () => {
  it.each([
    ['<%#\nname: x\n-%>\nbody', 'body'],
    ['<%#\nname: x\n%>\nbody', '\nbody'],
    ['#!gpxe\n<%#\nname: x\n-%>\r\nbody', '#!gpxe\nbody'],
  ])('covers the comment of %j and the line end it takes away', (text, rest) => {
    const header = headerOf(text);
    expect(header.kind === 'header' && text.slice(0, header.start) + text.slice(header.end)).toBe(rest);
  });

  it('tells where a header is no YAML', () => {
    expect(headerOf('#!ipxe\n<%#\nname: x\noses: [Debian\nkind: iPXE\n-%>\n')).toMatchObject({
      kind: 'broken',
      place: { line: 5 },
    });
  });

  it('does not fall over a header that is nested without end', () => {
    const text = `<%#\nname: x\nkind: ${'['.repeat(50_000)}\n-%>\n`;
    expect(headerOf(text)).toMatchObject({ kind: 'broken', message: 'nested too deeply' });
  });
});
