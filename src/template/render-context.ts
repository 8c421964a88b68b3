/** What macros are called on: the template being rendered, its data, and how to render another one. */

import type { Json } from '../inventory/types.ts';
import { fromJson } from './convert.ts';
import { RubyError } from './errors.ts';
import { RHash, RString, str, type Value } from './ruby/values.ts';
import type { HostScope, ScopeData } from './scope.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** What a template had to say, and where; plain data that crosses the worker boundary. */
export type TemplateLog = {
  readonly level: LogLevel;
  readonly message: string;
  readonly template: string;
  readonly line: number;
};

/** Templates by name. */
export type Snippets = { get(name: string): string | undefined };

type Parts = {
  readonly name: string;
  readonly scope: ScopeData;
  readonly depth: number;
  readonly passed: ReadonlyMap<string, Value>;
  readonly library: Snippets;
  readonly renderText: (name: string, text: string, variables: ReadonlyMap<string, Value>) => string;
  /** Takes a line for the log of the server. */
  readonly log: (level: LogLevel, message: string) => void;
};

export class RenderContext {
  readonly name: string;
  readonly scope: ScopeData;
  readonly passed: ReadonlyMap<string, Value>;
  private readonly library: Snippets;
  private readonly renderText: Parts['renderText'];
  readonly log: Parts['log'];
  private parameterHash: RHash | undefined;

  constructor(parts: Parts) {
    this.name = parts.name;
    this.scope = parts.scope;
    this.passed = parts.passed;
    this.library = parts.library;
    this.renderText = parts.renderText;
    this.log = parts.log;
  }

  /** The host's data; templates for machines nobody knows have none. */
  host(): HostScope {
    const { host } = this.scope;
    if (host === undefined) throw new RubyError('there is no host to render this for');
    return host;
  }

  hasTemplate(name: string): boolean {
    return this.library.get(name) !== undefined;
  }

  /** Renders a snippet with variables of its own; it sees what its caller was given, not its locals. */
  snippet(name: string, variables: ReadonlyMap<string, Value>): string {
    const text = this.library.get(name);
    if (text === undefined) throw new RubyError(`there is no snippet named '${name}'`);
    return this.renderText(name, text, new Map([...this.passed, ...variables]));
  }

  /** The parameter, or undefined; texts with ERB in them are rendered, in lists and maps too, as Foreman does. */
  parameter(name: string): Value | undefined {
    const { parameters } = this.scope;
    return Object.hasOwn(parameters, name) ? this.parameterValue(name, parameters[name]!) : undefined;
  }

  private parameterValue(name: string, json: Json): Value {
    return fromJson(json, (text) =>
      str(text.includes('<%') ? this.renderOwn(`parameter ${name}`, text) : text),
    );
  }

  /** Renders a text that belongs to the host, such as its disk layout: with the standard variables alone. */
  renderOwn(name: string, text: string): string {
    return this.renderText(name, text, new Map());
  }

  /** All of them, for `@host.params`. */
  parameters(): RHash {
    this.parameterHash ??= RHash.from(
      Object.entries(this.scope.parameters).map(([name, json]) => [
        str(name),
        this.parameterValue(name, json),
      ]),
    );
    return this.parameterHash;
  }
}

/** Foreman's idea of a switched-on parameter. */
export function isTrue(value: Value): boolean {
  if (value === true || value === 1) return true;
  return value instanceof RString && /^(true|t|yes|y|on|1)$/i.test(value.text);
}

export function isFalse(value: Value): boolean {
  if (value === false || value === 0) return true;
  return value instanceof RString && /^(false|f|no|n|off|0)$/i.test(value.text);
}
