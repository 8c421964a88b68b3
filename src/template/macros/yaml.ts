/**
 * YAML as Ruby's Psych prints it, byte for byte: block style, lines folded after 80 columns, anchors for lists
 * and hashes that occur again. The writer follows libyaml's emitter, whose names some functions bear.
 */

import { RubyError } from '../errors.ts';
import { floatText } from '../ruby/float.ts';
import type { Runtime } from '../ruby/runtime.ts';
import { describe, RDate, RFloat, RHash, RString, RSymbol, RTime, str, type Value } from '../ruby/values.ts';
import { analyze, bare, isBreak, isPrintable, type Scalar, stringScalar, styleOf } from './yaml-scalar.ts';

const WIDTH = 80;
const INDENT = 2;
const MAX_DEPTH = 200;
/** Longer keys are written with `?`. */
const MAX_KEY = 128;

export function yamlOf(value: Value, rt: Runtime): string {
  const anchors = anchorsOf(value);
  const writer = new Writer(rt, anchors);
  writer.document(value);
  return writer.text;
}

type Compound = Value[] | RHash;

function isCompound(value: Value): value is Compound {
  return Array.isArray(value) || value instanceof RHash;
}

function isEmpty(value: Compound): boolean {
  return Array.isArray(value) ? value.length === 0 : value.size === 0;
}

/** Numbers of what occurs more than once, in the order the second occurrences are met. */
function anchorsOf(root: Value): ReadonlyMap<Value, number> {
  const seen = new Set<Value>();
  const anchors = new Map<Value, number>();
  const visit = (value: Value, depth: number): void => {
    if (!isCompound(value)) return;
    if (depth > MAX_DEPTH) throw new RubyError('the value is nested too deeply for YAML');
    if (seen.has(value)) {
      if (!anchors.has(value)) anchors.set(value, anchors.size + 1);
      return;
    }
    seen.add(value);
    const parts = Array.isArray(value) ? value : value.pairs().flat();
    for (const part of parts) visit(part, depth + 1);
  };
  visit(root, 0);
  return anchors;
}

function scalarOf(value: Value, rt: Runtime): Scalar {
  if (value === null) return bare('');
  if (value instanceof RString) return stringScalar(value.text);
  if (value instanceof RSymbol) return bare(`:${value.name}`);
  if (value instanceof RFloat) return bare(floatYaml(value.value));
  if (value instanceof RTime) return bare(timeYaml(value, rt));
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'bigint')
    return bare(String(value));
  if (value instanceof RDate) return bare(rt.text(value));
  throw new RubyError(`to_yaml cannot write ${describe(value)}`);
}

function floatYaml(value: number): string {
  if (Number.isFinite(value)) return floatText(value);
  return Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf';
}

function timeYaml(value: RTime, rt: Runtime): string {
  return rt.text(
    rt.send(value, 'strftime', [str(`%Y-%m-%d %H:%M:%S.%9N ${value.zone === 'utc' ? 'Z' : '%:z'}`)]),
  );
}

class Writer {
  text = '';
  private column = 0;
  private indent = -1;
  /** The last thing written was white space, or the indentation of its line. */
  private whitespace = true;
  private indention = true;
  /** A literal with trailing line breaks needs an end mark. */
  private openEnded = false;
  private readonly written = new Set<Value>();
  private readonly rt: Runtime;
  private readonly anchors: ReadonlyMap<Value, number>;

  constructor(rt: Runtime, anchors: ReadonlyMap<Value, number>) {
    this.rt = rt;
    this.anchors = anchors;
  }

  document(value: Value): void {
    this.indicator('---', true);
    this.node(value, false, false);
    this.writeIndent();
    if (this.openEnded) {
      this.indicator('...', true);
      this.writeIndent();
    }
  }

  private put(char: string): void {
    this.text += char;
    this.column++;
  }

  private putBreak(char = '\n'): void {
    this.text += char;
    this.column = 0;
  }

  private indicator(text: string, needsSpace: boolean, isSpace = false, isIndention = false): void {
    if (needsSpace && !this.whitespace) this.put(' ');
    for (const char of text) this.put(char);
    this.whitespace = isSpace;
    this.indention = this.indention && isIndention;
  }

  private writeIndent(): void {
    const indent = Math.max(0, this.indent);
    const fresh = this.indention && (this.column < indent || (this.column === indent && this.whitespace));
    if (!fresh) this.putBreak();
    this.rt.budget.characters(indent);
    while (this.column < indent) this.put(' ');
    this.whitespace = true;
    this.indention = true;
  }

  /** Runs `write` further in; a sequence in a mapping stands below its key. */
  private indented(write: () => void, { flow = false, indentless = false } = {}): void {
    const outer = this.indent;
    if (outer < 0) this.indent = flow ? INDENT : 0;
    else if (!indentless) this.indent = outer + INDENT;
    write();
    this.indent = outer;
  }

  private node(value: Value, inMapping: boolean, key: boolean): void {
    this.rt.budget.step();
    if (!isCompound(value)) {
      this.scalar(scalarOf(value, this.rt), key);
      return;
    }
    const anchor = this.anchors.get(value);
    if (anchor !== undefined) {
      const again = this.written.has(value);
      this.indicator(`${again ? '*' : '&'}${anchor}`, true);
      if (again) return;
      this.written.add(value);
    }
    if (isEmpty(value)) this.indicator(Array.isArray(value) ? '[]' : '{}', true);
    else if (Array.isArray(value)) this.sequence(value, inMapping);
    else this.mapping(value);
  }

  private sequence(items: readonly Value[], inMapping: boolean): void {
    const write = (): void => {
      for (const item of items) {
        this.writeIndent();
        this.indicator('-', true, false, true);
        this.node(item, false, false);
      }
    };
    this.indented(write, { indentless: inMapping && !this.indention });
  }

  private mapping(hash: RHash): void {
    this.indented(() => {
      for (const [key, value] of hash.pairs()) {
        this.writeIndent();
        this.key(key);
        this.node(value, true, false);
      }
    });
  }

  private key(key: Value): void {
    if (this.isSimpleKey(key)) {
      this.node(key, true, true);
      this.indicator(':', this.anchors.has(key));
    } else {
      this.indicator('?', true, false, true);
      this.node(key, true, false);
      this.writeIndent();
      this.indicator(':', true, false, true);
    }
  }

  private isSimpleKey(key: Value): boolean {
    if (isCompound(key)) return isEmpty(key);
    const { text, tag = '' } = scalarOf(key, this.rt);
    return !analyze(text).multiline && Buffer.byteLength(text) + tag.length <= MAX_KEY;
  }

  private scalar(scalar: Scalar, key: boolean): void {
    const style = styleOf(scalar, key);
    const tag = scalar.tag ?? (style !== 'plain' && !scalar.quoted ? '!' : undefined);
    if (tag !== undefined) this.indicator(tag, true);
    this.rt.budget.characters(scalar.text.length);
    const write = { plain: this.plain, single: this.single, double: this.double, literal: this.literal }[
      style
    ];
    this.indented(() => write.call(this, scalar.text, !key), { flow: true });
  }

  private plain(text: string, folds: boolean): void {
    if (text === '') return;
    if (!this.whitespace) this.put(' ');
    const chars = [...text];
    chars.forEach((char, i) => {
      const fold = char === ' ' && chars[i - 1] !== ' ' && chars[i + 1] !== ' ';
      if (fold && folds && this.column > WIDTH) this.writeIndent();
      else this.put(char);
      if (char !== ' ') this.indention = false;
    });
    this.whitespace = false;
    this.indention = false;
  }

  private single(text: string, folds: boolean): void {
    this.indicator("'", true);
    const chars = [...text];
    let breaks = false;
    chars.forEach((char, i) => {
      if (isBreak(char)) {
        if (!breaks && char === '\n') this.putBreak();
        this.putBreak(char);
        this.indention = true;
        breaks = true;
        return;
      }
      const inner = i > 0 && i < chars.length - 1 && chars[i - 1] !== ' ' && chars[i + 1] !== ' ';
      if (char === ' ') {
        if (folds && inner && this.column > WIDTH) this.writeIndent();
        else this.put(char);
        return;
      }
      if (breaks) this.writeIndent();
      if (char === "'") this.put("'");
      this.put(char);
      this.indention = false;
      breaks = false;
    });
    if (breaks) this.writeIndent();
    this.indicator("'", false);
    this.whitespace = false;
    this.indention = false;
  }

  private double(text: string, folds: boolean): void {
    this.indicator('"', true);
    const chars = [...text];
    let spaces = false;
    chars.forEach((char, i) => {
      if (char === ' ') {
        if (folds && !spaces && this.column > WIDTH && i > 0 && i < chars.length - 1) {
          this.writeIndent();
          if (chars[i + 1] === ' ') this.put('\\');
        } else this.put(char);
        spaces = true;
        return;
      }
      for (const part of escaped(char)) this.put(part);
      spaces = false;
    });
    this.indicator('"', false);
    this.whitespace = false;
    this.indention = false;
  }

  private literal(text: string): void {
    this.indicator('|', true);
    if (/^[ \r\n\x85\u2028\u2029]/.test(text)) this.indicator(String(INDENT), false);
    const kept = /(^|[\r\n\x85\u2028\u2029])[\r\n\x85\u2028\u2029]$/.test(text);
    this.openEnded = kept;
    if (kept) this.indicator('+', false);
    else if (!isBreak(text.at(-1))) this.indicator('-', false);
    this.putBreak();
    this.indention = true;
    this.whitespace = true;
    let breaks = true;
    for (const char of text) {
      if (isBreak(char)) {
        this.putBreak(char);
        this.indention = true;
      } else {
        if (breaks) this.writeIndent();
        this.put(char);
        this.indention = false;
      }
      breaks = isBreak(char);
    }
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\x85': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

function escaped(char: string): string {
  const known = ESCAPES[char];
  if (known !== undefined) return known;
  if (isPrintable(char)) return char;
  const hex = char.codePointAt(0)!.toString(16).toUpperCase();
  if (hex.length <= 2) return `\\x${hex.padStart(2, '0')}`;
  return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
