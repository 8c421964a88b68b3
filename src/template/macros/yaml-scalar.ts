/** How a scalar is written in YAML: Psych says which style it would like, libyaml which styles are possible. */

export type Style = 'plain' | 'single' | 'double' | 'literal';

export type Scalar = {
  readonly text: string;
  readonly style: Style;
  /** May stand without a tag: plain, or in quotes. */
  readonly plain: boolean;
  readonly quoted: boolean;
  readonly tag?: string;
};

/** Values that are no strings: bare they are read back as what they are, in quotes they would not. */
export function bare(text: string): Scalar {
  return { text, style: 'plain', plain: true, quoted: false };
}

/** The style Psych asks for, so that a string is read back as a string. */
export function stringScalar(text: string): Scalar {
  const scalar = { text, plain: true, quoted: true };
  if (/\n(?!\n?$)/.test(text)) return { ...scalar, style: 'literal' };
  if (text === '<<') return { text, style: 'single', plain: false, quoted: false, tag: '!!str' };
  if (text === 'y' || text === 'n' || /^[^\p{L}\p{M}\p{N}\p{Pc}][^"]*$/mu.test(text))
    return { ...scalar, style: 'double' };
  return { ...scalar, style: text === '' || isAmbiguous(text) ? 'single' : 'plain' };
}

/** Whether it would be read as a number, a truth, a moment, a symbol or nothing. */
function isAmbiguous(text: string): boolean {
  const kind = plainKind(text);
  if (kind === 'time') return isMoment(text);
  if (kind === 'date') return isDay(text);
  return kind !== 'text' || /^0[0-7]*[89]/.test(text);
}

export type PlainKind =
  | 'nil'
  | 'true'
  | 'false'
  | 'date'
  | 'time'
  | 'symbol'
  | 'integer'
  | 'sexagesimal'
  | 'float'
  | 'text';

const WORDS: readonly (readonly [PlainKind, RegExp])[] = [
  ['nil', /^null$/im],
  ['nil', /^~$/],
  ['true', /^(yes|true|on)$/im],
  ['false', /^(no|false|off)$/im],
];

const NUMBERS: readonly (readonly [PlainKind, RegExp])[] = [
  ['float', /^[-+]?\.inf$/i],
  ['float', /^\.nan$/i],
  ['symbol', /^:./],
  ['sexagesimal', /^[-+]?[0-9][0-9_]*(:[0-5]?[0-9]){1,2}(\.[0-9_]*)?$/],
  ['float', /^[-+]?(?:[0-9][0-9_,]*\.[0-9]*|\.[0-9]+)(?:e[-+][0-9]+)?$/i],
  ['integer', /^[-+]?0b[01_,]+$/],
  ['integer', /^[-+]?0[0-7_,]+$/],
  ['integer', /^[-+]?(?:0|[1-9](?:[0-9]|,[0-9]|_[0-9])*)$/],
  ['integer', /^[-+]?0x[0-9a-f_,]+$/i],
];

/** What Psych takes an unquoted scalar for. (psych: ScalarScanner#tokenize is the behaviour to match) */
export function plainKind(text: string): PlainKind {
  if (text === '') return 'nil';
  const kindIn = (list: typeof WORDS) => list.find(([, pattern]) => pattern.test(text))?.[0] ?? 'text';
  if (/\n/.test(text) || /^[^\d.:-]?[\p{L}_\s!@#$%^&*(){}<>|/\\~;=]+/mu.test(text))
    return text.length <= 5 ? kindIn(WORDS) : 'text';
  if (TIME.test(text)) return 'time';
  if (/^\d{4}-(?:1[012]|0\d|\d)-(?:[12]\d|3[01]|0\d|\d)$/.test(text)) return 'date';
  return kindIn(NUMBERS);
}

const TIME =
  /^-?\d{4}-(\d{1,2})-(\d{1,2})(?:[Tt]|\s+)(\d{1,2}):(\d\d):(\d\d)(?:\.\d*)?(?:\s*(?:Z|[-+]\d{1,2}:?(?:\d\d)?))?$/;

function isMoment(text: string): boolean {
  const [, month = 0, day = 0, hour = 0, minute = 0, second = 0] = TIME.exec(text)?.map(Number) ?? [];
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour <= 24 && minute <= 59 && second <= 60;
}

function isDay(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  return month >= 1 && day >= 1 && date.getUTCMonth() === month - 1;
}

export function isBreak(char: string | undefined): boolean {
  return char !== undefined && /^[\r\n\x85\u2028\u2029]$/.test(char);
}

/** As libyaml 0.2 sees it: no tab, nothing beyond the basic plane. */
export function isPrintable(char: string): boolean {
  return /^[\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]$/.test(char);
}

type Analysis = {
  readonly multiline: boolean;
  readonly plain: boolean;
  readonly single: boolean;
  readonly block: boolean;
};

/** What the text allows in block context (libyaml: yaml_emitter_analyze_scalar). */
export function analyze(text: string): Analysis {
  if (text === '') return { multiline: false, plain: true, single: true, block: false };
  const edges = /^[ \r\n\x85\u2028\u2029]|[ \r\n\x85\u2028\u2029]$/.test(text);
  const breaks = /[\r\n\x85\u2028\u2029]/.test(text);
  const breakThenSpace = /[\r\n\x85\u2028\u2029] /.test(text);
  const impossible = / [\r\n\x85\u2028\u2029]/.test(text) || ![...text].every(isPrintable);
  return {
    multiline: breaks,
    plain: !edges && !breakThenSpace && !impossible && !breaks && !hasIndicators(text),
    single: !breakThenSpace && !impossible,
    block: !text.endsWith(' ') && !impossible,
  };
}

function hasIndicators(text: string): boolean {
  if (/^(---|\.\.\.)/.test(text) || /^[#,[\]{}&*!|>'"%@`]/.test(text)) return true;
  return /^[?:-](?=\s|$)/.test(text) || /.:(?=\s|$)/.test(text) || /\s#/.test(text);
}

/** The style it gets; `key` is a mapping key on one line. */
export function styleOf(scalar: Scalar, key: boolean): Style {
  const possible = analyze(scalar.text);
  let { style } = scalar;
  if (key && possible.multiline) style = 'double';
  if (style === 'plain' && (!possible.plain || (key && scalar.text === '') || !scalar.plain))
    style = 'single';
  if (style === 'single' && !possible.single) style = 'double';
  if (style === 'literal' && (!possible.block || key)) style = 'double';
  return style;
}
