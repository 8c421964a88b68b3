/** Everything that real Ruby needs to render a template for a host, as data: see library-oracle.rb. */

import { fileURLToPath } from 'node:url';
import type { Json } from '../../src/inventory/types.ts';
import { Budget } from '../../src/template/budget.ts';
import { RubyError } from '../../src/template/errors.ts';
import { MACROS } from '../../src/template/macros/index.ts';
import { layoutSource } from '../../src/template/objects/host.ts';
import { RenderContext } from '../../src/template/render-context.ts';
import { tableOf } from '../../src/template/ruby/core/classes.ts';
import { Runtime } from '../../src/template/ruby/runtime.ts';
import { RFloat, RHash, RObject, RString, RSymbol, type Value } from '../../src/template/ruby/values.ts';
import type { ScopeData } from '../../src/template/scope.ts';
import { hostVariable, standardVariables } from '../../src/template/variables.ts';
import { askRuby } from './oracle.ts';

export type OracleCase = { readonly [name: string]: Json };
export type OracleAnswer = { readonly text?: string; readonly error?: string; readonly rate?: number };

/** Methods every value has: Ruby's objects have them without being told. */
const COMMON = new Set(Object.keys(tableOf(new RObject('', Object.create(null), null))).concat('=='));
for (const name of Object.keys(tableOf(Symbol() as never))) COMMON.add(name);

class Dump {
  readonly records: Record<string, Json>[] = [];
  private readonly seen = new Map<unknown, Map<string, number>>();
  private readonly rt: Runtime;
  private readonly layout: Json;

  constructor(rt: Runtime, layout: Json) {
    this.rt = rt;
    this.layout = layout;
  }

  value(value: Value): Json {
    if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
    if (value instanceof RString) return value.text;
    if (typeof value === 'bigint') return { integer: String(value) };
    if (value instanceof RFloat) return { float: String(value.value) };
    if (value instanceof RSymbol) return { symbol: value.name };
    if (Array.isArray(value)) return value.map((item) => this.value(item));
    if (value instanceof RHash)
      return { hash: value.pairs().map(([key, item]) => [this.value(key), this.value(item)]) };
    return value instanceof RObject ? { ref: this.record(value) } : { other: value.constructor.name };
  }

  /** One record is one object, however often and by whichever way it is reached. */
  private record(object: RObject): number {
    const byClass = this.seen.get(object.record) ?? new Map<string, number>();
    this.seen.set(object.record, byClass);
    const known = byClass.get(object.className);
    if (known !== undefined) return known;
    const attributes: Record<string, Json> = {};
    const number = this.records.push(attributes) - 1;
    byClass.set(object.className, number);
    for (const [name, method] of Object.entries(object.methods)) {
      if (method!.min > 0 || (COMMON.has(name) && name !== 'to_s')) continue;
      attributes[name] = this.attribute(object, name);
    }
    return number;
  }

  private attribute(object: RObject, name: string): Json {
    if (name === 'diskLayout' && object.className === 'Host') return this.layout;
    try {
      return this.value(this.rt.send(object, name, []));
    } catch (error) {
      if (error instanceof RubyError) return { error: error.message };
      throw error;
    }
  }
}

/** Texts of the host's own with ERB in them are left to Ruby. */
function unrendered(): never {
  throw new RubyError('rendered by Ruby');
}

export function oracleCase(template: string, scope: ScopeData): OracleCase {
  const context = new RenderContext({
    name: template,
    scope,
    depth: 0,
    passed: new Map(),
    library: new Map(),
    renderText: unrendered,
    log: () => {},
  });
  const variables = new Map([...standardVariables(context), ['@host', hostVariable(context)]]);
  const source = scope.host && layoutSource(scope.host);
  const layout = source === undefined ? '' : { layout: source };
  const dump = new Dump(new Runtime(new Budget(), MACROS, context, variables), layout);
  const { host } = scope;
  return {
    template,
    kind: scope.kind,
    base: scope.base,
    parameters: scope.parameters as Json,
    settings: scope.settings as Json,
    token: host?.token ?? null,
    family: host?.os?.family ?? null,
    os: host?.os?.name ?? null,
    major: host?.os?.major ?? null,
    medium: host?.medium?.uri ?? null,
    root_pass: host?.record.root_pass ?? (scope.settings.root_pass as Json) ?? null,
    variables: Object.fromEntries([...variables].map(([name, value]) => [name, dump.value(value)])),
    records: dump.records,
  };
}

/**
 * One answer a case. Undefined where there is no Ruby.
 * @param seconds render each case this long, for its rate
 */
export function renderedByRuby(
  cases: readonly OracleCase[],
  library: ReadonlyMap<string, string>,
  seconds?: number,
): readonly OracleAnswer[] | undefined {
  const script = fileURLToPath(new URL('./library-oracle.rb', import.meta.url));
  return askRuby<OracleAnswer>([script], { cases, library: Object.fromEntries(library), seconds });
}
