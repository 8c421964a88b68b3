import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileErb, templateOffset, UnclosedTag } from './erb.ts';
import { placeOf } from './errors.ts';
import { programOf } from './program.ts';

describe('compileErb', () => {
  it('joins commands by ; except where a tag or its trimming ended the line', () => {
    expect(compileErb('a\n<% x = 1 %><%= x %>').ruby).toBe('__text__(0)\n;  x = 1 ; __value__(( x ))');
    expect(compileErb('<% foo(1,\n-%>\n<% 2) %>').ruby).toBe(' foo(1,\n\n 2) ');
  });

  it('throws for a tag that is never closed', () => {
    expect(() => compileErb('a <% b')).toThrow(UnclosedTag);
  });

  it('knows where its calls are, so that the same names in a template mean nothing', () => {
    const program = programOf('a<% __text__(0) %><%= __value__(1) %>');
    expect(program.macroUses.map(({ name }) => name)).toEqual(['__text__', '__value__']);
  });
});

const harmless = fc.constantFrom(
  'text',
  '\n',
  'two\nlines\n',
  'é😀',
  '  <%- 1 -%>\n',
  '<% 1\n%>',
  '<%# comment\n over lines -%>\n',
  '<%= "x\ny" %>',
  '<%% literal %>',
  '<% [1].each do |i| -%>\n',
);

describe('places', () => {
  it('of faults are those of the template, whatever stands before', () => {
    fc.assert(
      fc.property(fc.array(harmless, { maxLength: 12 }), (before) => {
        const prefix = before.join('');
        const opened = before.filter((fragment) => fragment.includes(' do ')).length;
        const text = `${prefix}<%= def a; end %>${'<% end %>'.repeat(opened)}`;
        const { line, column } = placeOf(text, prefix.length + 4);
        expect(programOf(text).problems).toMatchObject([{ line, column }]);
      }),
    );
  });

  it('of any offset lie within the template', () => {
    fc.assert(
      fc.property(fc.array(harmless, { maxLength: 8 }), fc.nat(500), (fragments, offset) => {
        const text = fragments.join('');
        const place = templateOffset(compileErb(text), offset);
        expect(place).toBeGreaterThanOrEqual(0);
        expect(place).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});
