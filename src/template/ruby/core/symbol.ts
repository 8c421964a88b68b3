/** Symbol: what of String makes sense for a name. */

import type { Runtime } from '../runtime.ts';
import { compareText, lengthOf, quoted } from '../text.ts';
import { RSymbol, str, sym, type Value } from '../values.ts';
import { aliases, methods } from './table.ts';

/** `:a`, `:a?`, `:+`, and `:"a b"` for anything else. */
function inspect(name: string): string {
  const plain =
    /^(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*[?!=]?|(?:@{1,2}|\$)[A-Za-z_]\w*|\[\]=?|[+\-*/%<>!~^&|]|[+-]@|\*\*|==|===|!=|<=|>=|<=>|<<|>>|=~)$/;
  return plain.test(name) ? `:${name}` : `:${quoted(name)}`;
}

function viaString(method: string) {
  return (self: RSymbol, args: readonly Value[], rt: Runtime): Value => {
    const result = rt.send(str(self.name), method, args);
    return sym(rt.text(result));
  };
}

function withSymbol(method: string) {
  return (self: RSymbol, [other]: readonly Value[], rt: Runtime): Value =>
    other instanceof RSymbol ? rt.send(str(self.name), method, [str(other.name)]) : null;
}

export const SYMBOL = aliases(
  methods<RSymbol>({
    to_s: [0, (self) => str(self.name)],
    to_sym: [0, (self) => self],
    inspect: [0, (self) => str(inspect(self.name))],
    '==': [1, (self, [other]) => other instanceof RSymbol && other.name === self.name],
    '<=>': [1, (self, [other]) => (other instanceof RSymbol ? compareText(self.name, other.name) : null)],
    length: [0, (self) => lengthOf(self.name)],
    'empty?': [0, (self) => self.name === ''],
    'start_with?': [1, (self, [part], rt) => rt.send(str(self.name), 'start_with?', [part!])],
    'end_with?': [1, (self, [part], rt) => rt.send(str(self.name), 'end_with?', [part!])],
    '[]': [1, 2, (self, args, rt) => rt.send(str(self.name), '[]', args)],
    upcase: [0, viaString('upcase')],
    downcase: [0, viaString('downcase')],
    capitalize: [0, viaString('capitalize')],
    succ: [0, viaString('succ')],
    swapcase: [0, viaString('swapcase')],
    casecmp: [1, withSymbol('casecmp')],
    'casecmp?': [1, withSymbol('casecmp?')],
    match: [1, 2, (self, args, rt, block) => rt.send(str(self.name), 'match', args, block)],
    'match?': [1, 2, (self, args, rt) => rt.send(str(self.name), 'match?', args)],
  }),
  { next: 'succ', size: 'length', id2name: 'to_s', name: 'to_s', '===': '==' },
);
