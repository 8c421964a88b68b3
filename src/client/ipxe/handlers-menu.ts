/** menu, item, choose, prompt, and the commands that wait for a person, whom a virtual machine does not have. */

import { parseInteger } from '../../formats/ipxe/settings.ts';
import { BootFailure } from '../failure.ts';
import { final, NEXT } from './machine.ts';
import type { Handler, Ipxe, Menu, MenuItem } from './run.ts';

const failed = (message: string): BootFailure => new BootFailure('script-line', message);

function menuOf(ipxe: Ipxe, name = ''): Menu {
  const menu = ipxe.menus.get(name);
  if (menu === undefined) throw failed(`there is no menu ${name}`.trimEnd());
  return menu;
}

/** Milliseconds; 0 waits for ever. */
function timeoutOf(options: Readonly<Record<string, string>>): number {
  const ms = parseInteger(options.timeout ?? '0');
  if (ms === undefined) throw failed(`"${options.timeout}" is not a number of milliseconds`);
  return ms;
}

/** What is highlighted at first, and chosen when nobody presses a key. */
function preselected(menu: Menu, label: string | undefined): MenuItem | undefined {
  const items = menu.items.filter((item) => item.label !== undefined);
  return items.find((item) => item.label === label) ?? items.findLast((item) => item.isDefault) ?? items[0];
}

const waits =
  (what: string): Handler =>
  () =>
    final({ kind: 'person', what });

export const MENU_HANDLERS: Readonly<Record<string, Handler>> = {
  menu(ipxe, { options, words }) {
    const name = options.name ?? '';
    if (options.delete === undefined) ipxe.menus.set(name, { title: words.join(' '), items: [] });
    else ipxe.menus.delete(name);
    return NEXT;
  },
  item(ipxe, { options, words }) {
    const isGap = options.gap !== undefined;
    const [label, ...text] = isGap ? [undefined, ...words] : words;
    menuOf(ipxe, options.menu).items.push({
      label,
      text: text.join(' '),
      isDefault: options.default !== undefined,
    });
    return NEXT;
  },
  async choose(ipxe, { options, words: [setting = ''] }) {
    const menu = menuOf(ipxe, options.menu);
    const item = preselected(menu, options.default);
    if (item?.label === undefined) throw failed('choose: the menu has no items');
    ipxe.print([`-- ${menu.title} --`, ...menu.items.map((entry) => `  ${entry.text}`)].join('\n'));
    const timeout = timeoutOf(options);
    if (timeout === 0) return final({ kind: 'person', what: `the menu "${menu.title}"` });
    await ipxe.world.sleep(timeout);
    if (options.keep === undefined) ipxe.menus.delete(options.menu ?? '');
    ipxe.print(`nobody pressed a key for ${timeout / 1000} s: ${item.label}`);
    if (!ipxe.settings.set(setting, item.label)) throw failed(`choose: ${setting} cannot be set`);
    return NEXT;
  },
  async prompt(ipxe, { options, words }) {
    const text = words.join(' ');
    ipxe.print(text);
    const timeout = timeoutOf(options);
    if (timeout === 0) return final({ kind: 'person', what: `the prompt "${text}"` });
    await ipxe.world.sleep(timeout);
    throw failed(`prompt: nobody pressed a key for ${timeout / 1000} s`);
  },
  shell: waits('the iPXE shell'),
  login: waits('the login screen'),
  config: waits('the settings screen'),
  read: waits('a value to be typed'),
};
