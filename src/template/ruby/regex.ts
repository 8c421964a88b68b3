/**
 * Ruby regular expressions as JavaScript ones. `^` and `$` are about lines, `\A \z \Z \h \R` and POSIX
 * classes are spelled out, and whatever has no equivalent is refused when the template is saved.
 */

import { RubyError } from '../errors.ts';
import { RRegexp } from './values.ts';

const LINE_START = '(?:(?<![\\s\\S])|(?<=\\n)(?=[\\s\\S]))';
const LINE_END = '(?:(?=\\n|(?![\\s\\S])))';

const POSIX: ReadonlyMap<string, string> = new Map([
  ['alnum', '\\p{L}\\p{M}\\p{N}'],
  ['alpha', '\\p{L}\\p{M}'],
  ['blank', ' \\t'],
  ['cntrl', '\\p{Cc}'],
  ['digit', '\\p{Nd}'],
  ['lower', '\\p{Ll}'],
  ['punct', '\\p{P}$+<=>^`|~'],
  ['space', '\\s\\x85'],
  ['upper', '\\p{Lu}'],
  ['word', '\\p{L}\\p{M}\\p{N}\\p{Pc}'],
  ['xdigit', '0-9A-Fa-f'],
]);

/** What word boundaries look at; unlike `\w`, which is ASCII in both languages. */
const WORD = '[\\p{L}\\p{M}\\p{N}\\p{Pc}]';

/** Escapes whose meaning differs, outside and inside of brackets. */
const ESCAPES: ReadonlyMap<string, { readonly outside: string; readonly inside?: string }> = new Map([
  ['A', { outside: '(?:(?<![\\s\\S]))' }],
  ['z', { outside: '(?:(?![\\s\\S]))' }],
  ['Z', { outside: '(?:(?=\\n?(?![\\s\\S])))' }],
  ['h', { outside: '[0-9A-Fa-f]', inside: '0-9A-Fa-f' }],
  ['H', { outside: '[^0-9A-Fa-f]' }],
  ['s', { outside: '[\\t\\n\\v\\f\\r ]', inside: '\\t\\n\\v\\f\\r ' }],
  ['S', { outside: '[^\\t\\n\\v\\f\\r ]' }],
  ['R', { outside: '(?:\\r\\n|(?!\\r\\n)[\\n\\v\\f\\r\\x85\\u2028\\u2029])' }],
  ['e', { outside: '\\x1b', inside: '\\x1b' }],
  ['a', { outside: '\\x07', inside: '\\x07' }],
  ['b', { outside: `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`, inside: '\\x08' }],
  ['B', { outside: `(?:(?<=${WORD})(?=${WORD})|(?<!${WORD})(?!${WORD}))` }],
]);

/** The same in both languages. */
const COMMON_ESCAPES = /^[dDwWnrtfv]$/;

class Translator {
  private readonly source: string;
  private readonly extended: boolean;
  private readonly ignoresCase: boolean;
  private readonly dot: string;
  private readonly namesGroups: boolean;
  private position = 0;

  constructor(source: string, options: string) {
    this.source = source;
    this.extended = options.includes('x');
    this.ignoresCase = options.includes('i');
    this.dot = options.includes('m') ? '[\\s\\S]' : '[^\\n]';
    this.namesGroups = /\(\?<[A-Za-z_]/.test(source);
  }

  translate(): string {
    let result = '';
    while (this.position < this.source.length) result += this.next();
    return result;
  }

  private refuse(what: string): never {
    throw new RubyError(`${what} is not supported in a regular expression`);
  }

  private take(pattern: RegExp): RegExpExecArray | null {
    const sticky = new RegExp(pattern.source, 'uy');
    sticky.lastIndex = this.position;
    const match = sticky.exec(this.source);
    if (match !== null) this.position = sticky.lastIndex;
    return match;
  }

  private next(): string {
    const char = String.fromCodePoint(this.source.codePointAt(this.position)!);
    if (char === '\\') return this.escape(false);
    if (char === '[') return this.bracket();
    if (char === '(') return this.group();
    if (/[*+?{]/.test(char)) return this.quantifier();
    this.position += char.length;
    if (this.extended && /\s/.test(char)) return '';
    if (this.extended && char === '#') {
      this.take(/[^\n]*/);
      return '';
    }
    if (char === '^') return LINE_START;
    if (char === '$') return LINE_END;
    if (char === '.') return this.dot;
    return char === ']' || char === '}' ? `\\${char}` : char;
  }

  private quantifier(): string {
    const match = this.take(/(?:[*+?]|\{\d+(?:,\d*)?\}|\{,\d+\})\??/);
    if (match === null) {
      this.position++;
      return '\\{';
    }
    if (/^[*+?]/.test(match[0]) && this.source[this.position] === '+') this.refuse('a possessive quantifier');
    return match[0].replace('{,', '{0,');
  }

  private escape(inside: boolean): string {
    const unicode = this.take(/\\u(?:([0-9A-Fa-f]{4})|\{([0-9A-Fa-f]+)\})/);
    if (unicode !== null) return `\\u{${unicode[1] ?? unicode[2]}}`;
    const hex = this.take(/\\x([0-9A-Fa-f]{1,2})/);
    if (hex !== null) return `\\x${hex[1]!.padStart(2, '0')}`;
    const property = this.take(/\\([pP])\{(\^?)(\w+)\}/);
    if (property !== null) return this.property(property[1]!, property[2] === '^', property[3]!);
    const reference = this.take(/\\(?:[1-9]\d*|k<[A-Za-z_]\w*>)/);
    if (reference !== null) return inside ? this.refuse('an octal escape') : `${reference[0]}(?:)`;
    const match = this.take(/\\([\s\S])/);
    if (match === null) this.refuse('a backslash at the end');
    const char = match[1]!;
    const special = ESCAPES.get(char);
    if (special !== undefined) {
      const text = inside ? special.inside : special.outside;
      return text ?? this.refuse(`\\${char} in brackets`);
    }
    if (COMMON_ESCAPES.test(char)) return `\\${char}`;
    if (/[A-Za-z0-9]/.test(char)) this.refuse(`\\${char}`);
    return literal(char);
  }

  /** JavaScript lets `[[:upper:]]` match small letters when case is ignored, Ruby does not. */
  private checkCase(name: string): void {
    if (this.ignoresCase && /^(upper|lower|Lu|Ll|Lt)$/i.test(name))
      this.refuse(`${name} together with the option i`);
  }

  private property(letter: string, negated: boolean, name: string): string {
    const posix = POSIX.get(name.toLowerCase());
    this.checkCase(name);
    const inverse = (letter === 'P') !== negated;
    if (posix !== undefined) return inverse ? `[^${posix}]` : `[${posix}]`;
    if (!/^(L|M|N|P|S|Z|C)[a-z]?$/.test(name)) this.refuse(`\\p{${name}}`);
    return `\\${inverse ? 'P' : 'p'}{${name}}`;
  }

  private bracket(): string {
    this.position++;
    let result = this.take(/\^/) === null ? '[' : '[^';
    let first = true;
    for (;;) {
      if (this.position >= this.source.length) this.refuse('a bracket that is not closed');
      const char = String.fromCodePoint(this.source.codePointAt(this.position)!);
      if (char === ']' && !first) break;
      result += this.bracketItem(char);
      first = false;
    }
    this.position++;
    return `${result}]`;
  }

  private bracketItem(char: string): string {
    const posix = this.take(/\[:(\^?)(\w+):\]/);
    if (posix !== null) {
      const set = POSIX.get(posix[2]!);
      if (set === undefined || posix[1] === '^') this.refuse(posix[0]);
      this.checkCase(posix[2]!);
      return set;
    }
    if (char === '[') this.refuse('a bracket within brackets');
    if (this.source.startsWith('&&', this.position)) this.refuse('&& in brackets');
    if (char === '\\') return this.escape(true);
    this.position += char.length;
    return char === '-' || char === '^' ? char : literal(char);
  }

  private group(): string {
    if (this.take(/\(\?#[^)]*\)/) !== null) return '';
    const kind = this.take(/\((?:\?(?::|=|!|<=|<!|<[A-Za-z_]\w*>))/);
    if (kind !== null) return kind[0];
    if (this.source.startsWith('(?', this.position))
      this.refuse(`the group ${this.source.slice(this.position, this.position + 3)}`);
    this.position++;
    // Ruby: plain groups do not capture beside named ones.
    return this.namesGroups ? '(?:' : '(';
  }
}

/** A character that stands for itself, escaped where JavaScript's unicode mode wants or allows it. */
function literal(char: string): string {
  if (/[\^$\\.*+?()[\]{}|/-]/.test(char)) return char === '-' ? '\\x2d' : `\\${char}`;
  return char;
}

/** `options` are Ruby's letters: i, m (dot matches newlines), x (blanks and comments are ignored). */
export function makeRegexp(source: string, options: string): RRegexp {
  const translated = new Translator(source, options).translate();
  try {
    return new RRegexp(source, options, new RegExp(translated, options.includes('i') ? 'giu' : 'gu'));
  } catch {
    throw new RubyError(`the regular expression /${source}/ is not valid here`);
  }
}

/** Text that matches itself. */
export function escapeRegexp(text: string): string {
  return text.replace(/[\^$\\.*+?()[\]{}|/]/g, '\\$&').replaceAll('-', '\\x2d');
}
