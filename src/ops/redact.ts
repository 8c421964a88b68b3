/** Takes secrets out of what is logged, whoever put them in. Pure. */

export const REDACTED = '[redacted]';

/** Names of fields whose values nobody is to read. */
const SECRET_NAME =
  /^(?:.*[_-])?(?:password|passwd|secret|token|authorization|cookie|otp|api_?key)$|^(?:root_pass|password_hash)$/i;

/** Each with what of it may stay. */
const SECRET_TEXTS: readonly (readonly [pattern: RegExp, kept: string])[] = [
  // In the query of a URL, or as an assignment.
  [/\b((?:[a-z]+_)*(?:token|password|passwd|secret|root_pass|otp)=)[^\s&"'#;,<>)]+/gi, `$1${REDACTED}`],
  // Headers, with all that follows on their line.
  [/\b((?:proxy-)?authorization|(?:set-)?cookie)("?\s*[:=]\s*"?)[^\r\n"]+/gi, `$1$2${REDACTED}`],
  [/\b(Basic|Bearer) +[A-Za-z0-9+/=._~-]{16,}/g, `$1 ${REDACTED}`],
  // Personal access tokens.
  [/\bcbt_[\w-]{8,}/g, REDACTED],
  // Hashes of passwords: crypt(5), and those of users here.
  [/\$(?:[1567y]|2[abxy]?|gy|sha1|md5|argon2\w*)\$[^\s"':,]+/g, REDACTED],
  [/\bscrypt:\d+:\d+:\d+:[\w-]+:[\w-]+/g, REDACTED],
  // A URL with a login.
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi, `$1${REDACTED}@`],
];

/** What is looked for in it is in hardly any text: most are let through after one look. */
const SUSPICIOUS = /token|passw|secret|root_pass|otp=|authorization|cookie|Basic|Bearer|cbt_|\$|scrypt:|@/i;

export function redactText(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  return SECRET_TEXTS.reduce((left, [pattern, kept]) => left.replace(pattern, kept), text);
}

/** Deeper than that, nobody reads a log. */
const MAX_DEPTH = 6;

/** The same values without secrets, as deep as they go; what is no plain data stays as it is. */
export function redactValues(values: Readonly<Record<string, unknown>>, depth = 0): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      value !== undefined && value !== null && SECRET_NAME.test(name) ? REDACTED : redacted(value, depth),
    ]),
  );
}

function redacted(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return REDACTED;
  if (Array.isArray(value)) return value.map((one) => redacted(one, depth + 1));
  if (value instanceof Error) return redactText(value.stack ?? value.message);
  if (Object.getPrototypeOf(value) !== Object.prototype) return redactText(String(value));
  return redactValues(value as Readonly<Record<string, unknown>>, depth + 1);
}
