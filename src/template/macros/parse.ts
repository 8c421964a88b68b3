/** JSON and YAML read as Ruby reads them: `1.0` stays a Float, keys keep their type, `yes` is true. */

import { randomUUID } from 'node:crypto';
import { isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import { RubyError } from '../errors.ts';
import { integer, RFloat, RHash, str, type Value } from '../ruby/values.ts';
import { plainKind } from './yaml-scalar.ts';

/** Marks numbers that JavaScript could not tell from others; no text can know it. */
const MARK = randomUUID();

/** Of a text that is JSON: the tokens in which digits can stand. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(\.\d+)?([eE][+-]?\d+)?/g;

export function jsonValue(text: string): Value {
  try {
    JSON.parse(text);
  } catch (error) {
    throw new RubyError(`not valid JSON: ${(error as Error).message}`);
  }
  const marked = text.replace(TOKEN, (token, fraction, exponent) => {
    if (token.startsWith('"')) return token;
    const float = fraction !== undefined || exponent !== undefined;
    return float || token.length > 15 ? `{"${MARK}":"${token}"}` : token;
  });
  return fromMarked(JSON.parse(marked));
}

function fromMarked(json: unknown): Value {
  if (typeof json === 'string') return str(json);
  if (json === null || typeof json === 'boolean' || typeof json === 'number') return json;
  if (Array.isArray(json)) return json.map(fromMarked);
  const entries = Object.entries(json as object);
  const [first] = entries;
  if (first?.[0] === MARK) return numberOf(first[1]);
  return RHash.from(entries.map(([key, value]) => [str(key), fromMarked(value)]));
}

function numberOf(token: string): Value {
  return /^-?\d+$/.test(token) ? integer(BigInt(token)) : new RFloat(Number(token));
}

/** As Psych's safe_load: no aliases (a small text could expand without end), no dates, no symbols. */
export function yamlValue(text: string): Value {
  const document = parseDocument(text, {
    schema: 'failsafe',
    merge: false,
    uniqueKeys: false,
    logLevel: 'silent',
  });
  const [error] = document.errors;
  if (error !== undefined) throw new RubyError(`not valid YAML: ${error.message.split('\n')[0]}`);
  return fromNode(document.contents);
}

function fromNode(node: unknown): Value {
  if (node === null) return null;
  if (isAlias(node)) throw new RubyError('not valid YAML: aliases are not allowed');
  refuseTag(node as Node);
  if (isSeq(node)) return node.items.map(fromNode);
  if (isMap(node)) return RHash.from(node.items.map(({ key, value }) => [fromNode(key), fromNode(value)]));
  if (!isScalar(node)) throw new RubyError('not valid YAML');
  const text = String(node.value ?? '');
  return node.type === 'PLAIN' && node.tag === undefined ? fromPlain(text) : str(text);
}

/** Tags make other things than they stand at; those of plain text, lists and hashes say nothing new. */
function refuseTag({ tag }: Node): void {
  if (tag !== undefined && !/^(!|tag:yaml\.org,2002:(str|seq|map))$/.test(tag))
    throw new RubyError(`YAML with the tag ${tag} is not read`);
}

function fromPlain(text: string): Value {
  switch (plainKind(text)) {
    case 'nil':
      return null;
    case 'true':
      return true;
    case 'false':
      return false;
    case 'integer':
      return integerOf(text.replace(/[,_]/g, ''));
    case 'sexagesimal':
      return sexagesimal(text);
    case 'float':
      return new RFloat(floatOf(text));
    case 'date':
      throw new RubyError('Tried to load unspecified class: Date');
    case 'time':
      throw new RubyError('Tried to load unspecified class: Time');
    case 'symbol':
      throw new RubyError('Tried to load unspecified class: Symbol');
    default:
      return str(text);
  }
}

function integerOf(text: string): Value {
  const [, sign, digits = ''] = /^([-+]?)(.*)$/.exec(text)!;
  const magnitude = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  return integer(sign === '-' ? -magnitude : magnitude);
}

/** `1:30` is ninety minutes in seconds, and so is `1:30:0`. */
function sexagesimal(text: string): Value {
  const parts = text.replaceAll('_', '').split(':').map(Number);
  const sum = parts.reduce((total, part, i) => total + part * 60 ** Math.abs(i - 2), 0);
  return text.includes('.') ? new RFloat(sum) : sum;
}

function floatOf(text: string): number {
  const name = /^([-+]?)\.(inf|nan)$/i.exec(text);
  if (name === null) return Number(text.replace(/[,_]/g, ''));
  if (name[2]!.toLowerCase() === 'nan') return Number.NaN;
  return name[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
