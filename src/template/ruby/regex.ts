/**
 * Ruby regular expressions as JavaScript ones. `^` and `$` are about lines, `\A \z \Z \h \R` and POSIX
 * classes are spelled out, options within the expression are worked into it, and whatever has no equivalent,
 * or would capture something else, is refused when the template is saved.
 */

import { RubyError } from '../errors.ts';
import {
  CHARACTERS,
  caseVariants,
  dependsOnCase,
  LINE_BREAK,
  LINE_END,
  LINE_START,
  literal,
  PLACES,
  posixSet,
  propertySet,
  SETS,
} from './regex-sets.ts';
import { RRegexp } from './values.ts';

type Options = { readonly extended: boolean; readonly ignoresCase: boolean; readonly dotAll: boolean };

/** A group that captures; `certain` as long as it must have matched when the search gets past it. */
type Capture = { readonly number: number; certain: boolean };

/** A translated part. */
type Piece = {
  readonly text: string;
  /** Whether it can match nothing at all. */
  readonly empty: boolean;
  /** Whether it may choose to match nothing where it could match something. */
  readonly shy: boolean;
  readonly captures: readonly Capture[];
};

type Repeat = {
  readonly text: string;
  readonly least: number;
  readonly most: number;
  readonly lazy: boolean;
};

function consuming(text: string): Piece {
  return { text, empty: false, shy: false, captures: [] };
}

function place(text: string): Piece {
  return { text, empty: true, shy: false, captures: [] };
}

function makeUncertain(captures: readonly Capture[]): void {
  for (const capture of captures) capture.certain = false;
}

/** Recursive descent over the source; every method takes what it understands and answers the translation. */
class Translator {
  private readonly source: string;
  private options: Options;
  /** Where the option i changes within, it is spelled out letter by letter: there is no flag for a part. */
  private readonly spellsCase: boolean;
  private readonly namesGroups: boolean;
  private readonly closed = new Map<string, Capture>();
  private groups = 0;
  private position = 0;

  constructor(source: string, options: string) {
    this.source = source;
    this.options = {
      extended: options.includes('x'),
      ignoresCase: options.includes('i'),
      dotAll: options.includes('m'),
    };
    const bare = source.replace(/\\[\s\S]/g, '').replace(/\[[^\]]*\]/g, '');
    this.spellsCase = /\(\?[mix]*-?[mix]*i/.test(bare);
    this.namesGroups = /\(\?<[A-Za-z_]/.test(bare);
  }

  translate(): { readonly text: string; readonly ignoresCase: boolean } {
    const ignoresCase = this.options.ignoresCase && !this.spellsCase;
    const { text } = this.alternatives();
    if (this.position < this.source.length) this.refuse('a ) without its (');
    return { text, ignoresCase };
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

  private alternatives(): Piece {
    const before = this.options;
    const pieces = [this.sequence()];
    while (this.take(/\|/) !== null) {
      // What another alternative captured is not there in this one.
      makeUncertain(pieces.flatMap((piece) => piece.captures));
      pieces.push(this.sequence());
    }
    this.options = before;
    const captures = pieces.flatMap((piece) => piece.captures);
    if (pieces.length > 1) makeUncertain(captures);
    return {
      text: pieces.map((piece) => piece.text).join('|'),
      empty: pieces.some((piece) => piece.empty),
      shy: pieces.some((piece) => piece.shy || (piece.empty && pieces.length > 1)),
      captures,
    };
  }

  private sequence(): Piece {
    let [text, empty, shy] = ['', true, false];
    const captures: Capture[] = [];
    for (this.skip(); this.position < this.source.length; this.skip()) {
      if (/[|)]/.test(this.source[this.position]!)) break;
      const piece = this.repeated(this.atom());
      text += piece.text;
      empty &&= piece.empty;
      shy ||= piece.shy;
      captures.push(...piece.captures);
    }
    return { text, empty, shy, captures };
  }

  /** Comments, and blanks where they do not count. */
  private skip(): void {
    const ignored = this.options.extended ? /(?:\(\?#[^)]*\)|\s|#[^\n]*)+/ : /(?:\(\?#[^)]*\))+/;
    this.take(ignored);
  }

  private repeated(piece: Piece): Piece {
    this.skip();
    const repeat = this.quantifier();
    if (repeat === undefined) return piece;
    if (this.quantifier() !== undefined) this.refuse('a repetition of a repetition');
    this.checkRepeated(piece, repeat);
    if (repeat.least === 0) makeUncertain(piece.captures);
    const text = repeat.text.startsWith('{…}')
      ? `(?:${piece.text}${repeat.text.slice(3)}`
      : piece.text + repeat.text;
    const [empty, shy] = [piece.empty || repeat.least === 0, piece.shy || repeat.lazy];
    return { text, empty, shy, captures: piece.captures };
  }

  /** JavaScript forgets at each round what the rounds before captured, and does not go round for nothing. */
  private checkRepeated({ empty, shy, captures }: Piece, { least, most }: Repeat): void {
    if (most > 1 && captures.some((capture) => !capture.certain))
      this.refuse('repeating a group with an optional group in it');
    if (most > least && empty && (shy || captures.length > 0))
      this.refuse('repeating a group that can be empty');
  }

  private quantifier(): Repeat | undefined {
    const sign = this.take(/([*+?])([?+]?)/);
    if (sign !== null) {
      if (sign[2] === '+') this.refuse('a possessive quantifier');
      const [least, most] = [sign[1] === '+' ? 1 : 0, sign[1] === '?' ? 1 : Number.POSITIVE_INFINITY];
      return { text: sign[0], least, most, lazy: sign[2] === '?' };
    }
    const interval = this.take(/\{(?:(\d+)(,?)(\d*)|,(\d+))\}(\??)/);
    if (interval === null) return undefined;
    const [, low, comma, high, only, lazy] = interval;
    const least = Number(low ?? 0);
    const most =
      only !== undefined
        ? Number(only)
        : comma === ''
          ? least
          : high === ''
            ? Number.POSITIVE_INFINITY
            : Number(high);
    if (most < least) this.refuse('a repetition of more than at most');
    // Ruby: `{2}?` is not lazy, which would mean nothing, but makes it optional.
    if (comma === '' && lazy === '?') return { text: `{…}{${least}})?`, least: 0, most, lazy: false };
    const end = most === Number.POSITIVE_INFINITY ? '' : String(most);
    const text = comma === '' && only === undefined ? `{${least}}` : `{${least},${end}}${lazy}`;
    return { text, least, most, lazy: lazy === '?' };
  }

  private atom(): Piece {
    const char = String.fromCodePoint(this.source.codePointAt(this.position)!);
    if (char === '\\') return this.escape();
    if (char === '[') return consuming(this.bracket());
    if (char === '(') return this.group();
    if (this.quantifier() !== undefined) this.refuse('a repetition of nothing');
    this.position += char.length;
    if (char === '^') return place(LINE_START);
    if (char === '$') return place(LINE_END);
    if (char === '.') return consuming(this.options.dotAll ? '[\\s\\S]' : '[^\\n]');
    return this.character(char);
  }

  private character(char: string): Piece {
    if (!this.spellsCase || !this.options.ignoresCase) return consuming(literal(char));
    const variants = caseVariants(char);
    return consuming(variants.length === 1 ? literal(char) : `[${variants.map(literal).join('')}]`);
  }

  /** A character by its code; undefined when it is something else. */
  private coded(): string | undefined {
    const unicode = this.take(/\\u(?:([0-9A-Fa-f]{4})|\{\s*([0-9A-Fa-f]+)\s*\})/);
    const hex = unicode ?? this.take(/\\x([0-9A-Fa-f]{1,2})/);
    if (hex === null) return undefined;
    const code = Number.parseInt(hex[1] ?? hex[2]!, 16);
    if (unicode === null && code > 0x7f) this.refuse(`${hex[0]}, a part of a character,`);
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) this.refuse(hex[0]);
    return String.fromCodePoint(code);
  }

  private escape(): Piece {
    const coded = this.coded();
    if (coded !== undefined) return this.character(coded);
    const property = this.property();
    if (property !== undefined) return consuming(`[${property}]`);
    const reference = this.take(/\\(?:([1-9]\d*)|k<([A-Za-z_]\w*)>)/);
    if (reference !== null) return this.reference(reference[1], reference[2]);
    const char = this.escaped();
    const set = SETS.get(char);
    if (set !== undefined) return consuming(`[${set}]`);
    if (char === 'R') return consuming(LINE_BREAK);
    const where = PLACES.get(char);
    if (where !== undefined) return place(where);
    return this.character(this.plain(char));
  }

  private escaped(): string {
    const match = this.take(/\\([\s\S])/);
    if (match === null) this.refuse('a backslash at the end');
    return match[1]!;
  }

  /** A character whose escape is no more than that. */
  private plain(char: string): string {
    const special = CHARACTERS.get(char);
    if (special === undefined && /[A-Za-z0-9]/.test(char)) this.refuse(`\\${char}`);
    return special ?? char;
  }

  /** In JavaScript a group that did not match is matched by a reference to it, in Ruby it is not. */
  private reference(number: string | undefined, name: string | undefined): Piece {
    if (number !== undefined && this.namesGroups) this.refuse('a number for a group beside named groups');
    if (this.spellsCase) this.refuse('a reference to a group beside the option i within');
    const capture = this.closed.get(number ?? name!);
    if (capture === undefined || !capture.certain)
      this.refuse('a reference to a group that may not have matched');
    return place(number === undefined ? `\\k<${name}>` : `\\${number}(?:)`);
  }

  /** `\p{…}` and `\P{…}` as the inside of a bracket. */
  private property(): string | undefined {
    const match = this.take(/\\([pP])\{(\^?)(\w+)\}/);
    if (match === null) return undefined;
    const [whole, letter, caret, name] = match;
    this.checkCase(name!);
    const set = propertySet(name!) ?? this.refuse(whole);
    if ((letter === 'P') === (caret === '^')) return set;
    const single = /^\\p\{[^}]*\}$/.test(set);
    return single ? set.replace('\\p', '\\P') : this.refuse(`${whole} (write [^…])`);
  }

  private checkCase(name: string): void {
    if (this.options.ignoresCase && dependsOnCase(name)) this.refuse(`${name} together with the option i`);
  }

  private bracket(): string {
    this.position++;
    const negated = this.take(/\^/) !== null;
    let inside = '';
    for (let first = true; ; first = false) {
      if (this.position >= this.source.length) this.refuse('a bracket that is not closed');
      if (this.source[this.position] === ']' && !first) break;
      inside += this.bracketItem();
    }
    this.position++;
    return `[${negated ? '^' : ''}${inside}]`;
  }

  private bracketItem(): string {
    const posix = this.take(/\[:(\^?)(\w+):\]/);
    if (posix !== null) {
      this.checkCase(posix[2]!);
      const set = posix[1] === '^' ? undefined : posixSet(posix[2]!);
      return set ?? this.refuse(posix[0]);
    }
    if (this.source.startsWith('&&', this.position)) this.refuse('&& in brackets');
    const set = this.bracketSet();
    if (set !== undefined) return set;
    const first = this.bracketCharacter();
    const last = /^-(?!\])/.test(this.source.slice(this.position, this.position + 2))
      ? this.rangeEnd()
      : undefined;
    return last === undefined ? this.variants(first) : this.range(first, last);
  }

  private bracketSet(): string | undefined {
    const property = this.property();
    if (property !== undefined) return property;
    const set = SETS.get(this.source[this.position + 1] ?? '');
    if (this.source[this.position] !== '\\' || set === undefined) return undefined;
    this.position += 2;
    return set;
  }

  private bracketCharacter(): string {
    const coded = this.coded();
    if (coded !== undefined) return coded;
    if (this.source[this.position] === '[') this.refuse('a bracket within brackets');
    if (this.source[this.position] === '\\') {
      const char = this.escaped();
      if (char === 'b') return '\b';
      return /[RX]/.test(char) ? this.refuse(`\\${char} in brackets`) : this.plain(char);
    }
    const char = String.fromCodePoint(this.source.codePointAt(this.position)!);
    this.position += char.length;
    return char;
  }

  /** The end of a range; a sign before a set stands for itself, and so does the range's beginning. */
  private rangeEnd(): string | undefined {
    const start = this.position;
    this.position++;
    const next = this.source.slice(this.position, this.position + 2);
    if (next.startsWith('[') || /^\\[dDwWsShHpP]/.test(next)) {
      this.position = start;
      return undefined;
    }
    return this.bracketCharacter();
  }

  private variants(char: string): string {
    const all = this.spellsCase && this.options.ignoresCase ? caseVariants(char) : [char];
    return all.map(literal).join('');
  }

  private range(first: string, last: string): string {
    if (first.codePointAt(0)! > last.codePointAt(0)!) this.refuse('an empty range in brackets');
    const text = `${literal(first)}-${literal(last)}`;
    if (!this.spellsCase || !this.options.ignoresCase) return text;
    if (last > '\x7f') this.refuse('a range beyond ASCII together with the option i within');
    const letters: string[] = [];
    for (let code = first.charCodeAt(0); code <= last.charCodeAt(0); code++)
      letters.push(...caseVariants(String.fromCharCode(code)));
    return (
      text +
      letters
        .filter((char) => char < first || char > last)
        .map(literal)
        .join('')
    );
  }

  private group(): Piece {
    const options = this.take(/\(\?([mix]*)(-[mix]*)?(\)|:)/);
    if (options !== null) return this.optionGroup(options[1]!, options[2] ?? '', options[3] === ':');
    const look = this.take(/\((\?(?:=|!|<=|<!))/);
    if (look !== null) return this.lookAround(look[1]!);
    const name = this.take(/\(\?<([A-Za-z_]\w*)>/)?.[1];
    if (name === undefined && this.source.startsWith('(?', this.position))
      this.refuse(`the group ${this.source.slice(this.position, this.position + 3)}`);
    if (name === undefined) this.position++;
    // Ruby: plain groups do not capture beside named ones.
    if (name === undefined && this.namesGroups) return this.closing('(?:');
    const number = ++this.groups;
    const piece = this.closing(name === undefined ? '(' : `(?<${name}>`);
    const capture = { number, certain: true };
    this.closed.set(name ?? String(number), capture);
    return { ...piece, captures: [capture, ...piece.captures] };
  }

  /** The rest of a group that has been opened. */
  private closing(opening: string): Piece {
    const piece = this.alternatives();
    if (this.take(/\)/) === null) this.refuse('a ( without its )');
    return { ...piece, text: `${opening}${piece.text})` };
  }

  /** `(?i:…)`, and `(?i)`, which goes on to the end of the group it is in, alternatives included. */
  private optionGroup(on: string, off: string, closes: boolean): Piece {
    const before = this.options;
    const option = (letter: string, value: boolean) =>
      off.includes(letter) ? false : on.includes(letter) || value;
    this.options = {
      extended: option('x', before.extended),
      ignoresCase: option('i', before.ignoresCase),
      dotAll: option('m', before.dotAll),
    };
    const piece = closes ? this.closing('(?:') : this.alternatives();
    this.options = before;
    return closes ? piece : { ...piece, text: piece.text === '' ? '' : `(?:${piece.text})` };
  }

  private lookAround(kind: string): Piece {
    const piece = this.closing(`(${kind}`);
    if (kind.includes('<') && piece.captures.length > 0) this.refuse('a capture in a look-behind');
    if (kind.includes('!')) makeUncertain(piece.captures);
    return { ...piece, empty: true, shy: false };
  }
}

/** `options` are Ruby's letters: i, m (dot matches newlines), x (blanks and comments are ignored). */
export function makeRegexp(source: string, options: string): RRegexp {
  const { text, ignoresCase } = new Translator(source, options).translate();
  try {
    return new RRegexp(source, options, new RegExp(text, ignoresCase ? 'giu' : 'gu'));
  } catch {
    throw new RubyError(`the regular expression /${source}/ is not valid here`);
  }
}

/** Text that matches itself. */
export function escapeRegexp(text: string): string {
  return text.replace(/[\^$\\.*+?()[\]{}|/]/g, '\\$&').replaceAll('-', '\\x2d');
}
