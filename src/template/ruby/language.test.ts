/** The language of templates, a line for each construct: what Foreman's safe mode lets through, and what not. */

import { describe, expect, it } from 'vitest';
import { checkTemplate } from '../lint.ts';
import { render } from '../render.ts';

const scope = { kind: 'provision', base: 'http://192.0.2.1', now: 0, parameters: {}, settings: {} } as const;

/** Code, then what is said of it; the code begins in line 2, column 4. */
const FORBIDDEN: readonly (readonly [code: string, message: string, column?: number])[] = [
  ['def x; end', 'def'],
  ['class X; end', 'class'],
  ['module X; end', 'module'],
  ['class << "a"; end', 'class <<'],
  ['alias a b', 'alias'],
  ['alias $a $b', 'alias'],
  ['undef a', 'undef'],
  ['BEGIN { 1 }', 'BEGIN'],
  ['END { 1 }', 'END'],
  ['begin; 1; rescue; 2; end', 'rescue', 14],
  ['begin; 1; ensure; 2; end', 'ensure', 14],
  ['1 rescue 2', 'rescue'],
  ['[1].each { redo }', 'redo', 15],
  ['return', 'return'],
  ['return 1 if true', 'return'],
  ['defined?(x)', 'defined?'],
  ['x = self', 'self by itself', 8],
  ['x = -> { 1 }', 'a lambda', 8],
  ['`ls`', 'running a command'],
  ['%x(ls)', 'running a command'],
  ['x = `ls #{1}`', 'running a command', 8],
  ['$x', 'a global variable'],
  ['$stdout.puts 1', 'a global variable'],
  ['$x = 1', 'a global variable'],
  ['$x ||= 1', 'a global variable'],
  ['$x += 1', 'a global variable'],
  ['$x, y = 1, 2', 'a global variable'],
  ['x = $~', 'a global variable', 8],
  ['$&', 'a global variable of a match'],
  ['$1', 'a global variable of a match'],
  ['@@x', 'a class variable'],
  ['@@x = 1', 'a class variable'],
  ['@@x ||= 1', 'a class variable'],
  ['@x = 1', 'assigning to an instance variable'],
  ['@x ||= 1', 'assigning to an instance variable'],
  ['@x &&= 1', 'assigning to an instance variable'],
  ['@x += 1', 'assigning to an instance variable'],
  ['@x, y = 1, 2', 'assigning to an instance variable'],
  ['for @x in [1] do end', 'assigning to an instance variable', 8],
  ['h = {}; h[:a] = 1', 'assigning to an element', 12],
  ['h = {}; h[:a], y = 1, 2', 'assigning to an element', 12],
  ['"".x = 1', 'assigning to an attribute'],
  ['"".x, y = 1, 2', 'assigning to an attribute'],
  ['X = 1', 'a constant of your own'],
  ['X ||= 1', 'a constant of your own'],
  ['String::X = 1', 'a constant of your own'],
  ['File', 'the constant File'],
  ['x = File.read("/etc/passwd")', 'the constant File', 8],
  ['::String', 'the constant ::String'],
  ['Kernel::Math', 'the constant Kernel::Math'],
  ['/a#{1}/', 'a regular expression with #{…}'],
  ['"a" =~ /a/', '=~'],
  ['"a" !~ /a/', '!~'],
  ['/(?<x>a)/ =~ "a"', '=~ (use match or match?)'],
  ['x = 1 if /a/', 'a bare regular expression as a condition', 13],
  ['[1].map(&:to_s)', '&:name (write { |item| item.name })', 12],
  ['[1].map { _1 }', '_1 (name the parameter of the block)', 12],
  ['[1].map { |a:| a }', 'a keyword parameter of a block', 15],
  ['[1].map { |a: 1| a }', 'a keyword parameter of a block', 15],
  ['[1].map { |**a| a }', 'a keyword parameter of a block', 15],
  ['[1].map { |&a| 1 }', 'a block as parameter of a block', 15],
  ['case 1; in 1 then 2; end', 'pattern matching'],
  ['1 in Integer', 'pattern matching'],
  ['1 => x', 'pattern matching'],
  ['2i', 'an imaginary number'],
  ['__FILE__', '__FILE__'],
];

/** Code, then what `<%= … %>` shows of it, in line 2. */
const ALLOWED: readonly (readonly [code: string, text: string])[] = [
  ['1 + 2 * 3', '7'],
  ['1_000 + 0x10 + 0b11 + 0o7', '1026'],
  ['1.5e3', '1500.0'],
  ['(3r / 4).inspect', '(3/4)'],
  ['1.25r', '5/4'],
  ['?a + ?\\n.inspect', 'a"\\n"'],
  ['"a" "b" \'c\'', 'abc'],
  ['%w[a b].inspect + %i[a b].inspect + %q(c) + %Q(#{1})', '["a", "b"][:a, :b]c1'],
  ['"#{1}#@x|" + :"a#{1}".inspect', '1|:a1'],
  ['[1, *[2, 3], *4..5].inspect', '[1, 2, 3, 4, 5]'],
  ['x = 1; { x:, "y" => 2, **{ z: 3 } }.inspect', '{:x=>1, "y"=>2, :z=>3}'],
  ['[(1..), (..2), (1...3), (nil..nil)].inspect', '[1.., ..2, 1...3, nil..nil]'],
  ['[1, 2, 3][1..].inspect', '[2, 3]'],
  ['x = y = 2; x + y', '4'],
  ['x = 1, 2; x.inspect', '[1, 2]'],
  ['a, (b, *c), d = 1, [2, 3, 4], 5; [a, b, c, d].inspect', '[1, 2, [3, 4], 5]'],
  ['x ||= 4; x &&= x + 1; x -= 1; x **= 2; x <<= 1', '32'],
  ['x = 1; x += (x = 5); x', '6'],
  ['h = {}; h[:a] ||= []; h[:a] <<= 1; h[:a] &&= h[:a] + [2]; h.inspect', '{:a=>[1, 2]}'],
  ['a = [1, 2]; a[0] += 5; a[-1] *= 4; a.inspect', '[6, 8]'],
  ['h = nil; h&.x ||= 1; h.inspect', 'nil'],
  ['nil&.length.inspect', 'nil'],
  ['if 1 > 2 then 1 elsif 3 > 2 then 2 else 3 end', '2'],
  ['unless false then 1 else 2 end', '1'],
  ['(1 if true).inspect + (1 unless true).inspect', '1nil'],
  ['true ? 1 : 2', '1'],
  ['(not true) || (true and !false)', 'true'],
  ['case 5 when 1..3 then "low" when 4..6, 9 then "mid" end', 'mid'],
  ['case "abc" when /^x/ then 1 when *%w[a abc] then 2 else 3 end', '2'],
  ['case "x" when String then "text" end', 'text'],
  ['case when 1 > 2 then 1 else 2 end', '2'],
  ['i = 0; while i < 5 do i += 1; next if i == 2; break if i == 4; end; i', '4'],
  ['i = 0; i += 1 until i == 3; i', '3'],
  ['i = 9; begin i += 1 end while i < 3; i', '10'],
  ['x = begin; 1; 2; end', '2'],
  ['x = while true do break 5 end', '5'],
  ['s = 0; for i in 1..3 do s += i end; s + i', '9'],
  ['s = ""; for a, b in { x: 1 } do s << "#{a}#{b}" end; s', 'x1'],
  ['(1..9).select { |i| true if (i == 3)..(i == 5) }.inspect', '[3, 4, 5]'],
  ['(1..9).select { |i| true if (i == 3)...(i == 3) }.inspect', '[3, 4, 5, 6, 7, 8, 9]'],
  ['[[1, [2, 3]]].map { |a, (b, c)| a + b + c }.inspect', '[6]'],
  ['[[1, 2, 3]].map { |a, *b| b }.inspect', '[[2, 3]]'],
  ['[[1], [2, 3]].map { |a, b = 9| a + b }.inspect', '[10, 5]'],
  ['x = 1; [5].each { |i; x| x = i }; x', '1'],
  ['[1, 2].map do |i| next 0 if i == 1; i end.inspect', '[0, 2]'],
  ['[1, 2, 3].each { |i| break i * 10 if i == 2 }', '20'],
  ['__LINE__', '2'],
  ['self.template_name', 'main'],
  ['"%s-%03d" % ["a", 7]', 'a-007'],
  ['x = <<~EOS\n  a\n    b #{1}\nEOS\nx', 'a\n  b 1\n'],
];

describe('what safe mode forbids is refused when the template is saved', () => {
  const rows = FORBIDDEN.map(([code, message, column = 4]) => [code, message, column] as const);
  it.each(rows)('%s', (code, message, column) => {
    const [first, ...rest] = checkTemplate(`text\n<% ${code} %>`);
    expect(first).toMatchObject({ severity: 'error', line: 2, column });
    expect(first!.message).toContain('not allowed in templates');
    expect(first!.message.startsWith(message), first!.message).toBe(true);
    for (const { severity } of rest) expect(severity).toBe('warning');
  });
});

describe('what safe mode allows works', () => {
  it.each(ALLOWED)('%s', (code, expected) => {
    // Several statements: the last one is shown.
    const text = `\n<%= (${code}) %>`;
    expect(checkTemplate(text).filter(({ severity }) => severity === 'error')).toEqual([]);
    const result = render({ template: 'main', text, scope }, new Map());
    expect(result).toMatchObject({ ok: true, text: `\n${expected}` });
  });
});
