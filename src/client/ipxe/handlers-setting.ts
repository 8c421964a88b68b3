/** set, clear, isset, iseq, inc, show. */

import { parseInteger } from '../../formats/ipxe/settings.ts';
import { BootFailure } from '../failure.ts';
import { NEXT } from './machine.ts';
import type { Handler } from './run.ts';

const failed = (message: string): BootFailure => new BootFailure('script-line', message);

export const SETTING_HANDLERS: Readonly<Record<string, Handler>> = {
  set(ipxe, { words: [name = '', ...value] }) {
    if (!ipxe.settings.set(name, value.join(' ')))
      throw failed(`set: ${name} cannot be "${value.join(' ')}"`);
    return NEXT;
  },
  clear(ipxe, { words: [name = ''] }) {
    if (!ipxe.settings.set(name, '')) throw failed(`clear: there is no setting ${name}`);
    return NEXT;
  },
  isset(_, { words: [value] }) {
    if (value === '') throw failed('isset: it is not set');
    return NEXT;
  },
  iseq(_, { words: [a, b] }) {
    if (a !== b) throw failed(`iseq: "${a}" is not "${b}"`);
    return NEXT;
  },
  inc(ipxe, { words: [name = '', by = '1'] }) {
    const amount = parseInteger(by);
    if (amount === undefined || !ipxe.settings.increment(name, amount)) throw failed(`inc: ${name} by ${by}`);
    return NEXT;
  },
  show(ipxe, { words: [name = ''] }) {
    const value = ipxe.settings.get(name);
    if (value === undefined) throw failed(`show: ${name} is not set`);
    ipxe.print(`${name} = ${value}`);
    return NEXT;
  },
};
