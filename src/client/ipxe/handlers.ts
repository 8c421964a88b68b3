/** What each iPXE command does, by name. */

import { parseInteger } from '../../formats/ipxe/settings.ts';
import { BootFailure } from '../failure.ts';
import { IMAGE_HANDLERS } from './handlers-image.ts';
import { MENU_HANDLERS } from './handlers-menu.ts';
import { NETWORK_HANDLERS } from './handlers-network.ts';
import { SETTING_HANDLERS } from './handlers-setting.ts';
import { final, NEXT } from './machine.ts';
import type { Handler } from './run.ts';

export const HANDLERS: Readonly<Record<string, Handler>> = {
  ...SETTING_HANDLERS,
  ...MENU_HANDLERS,
  ...NETWORK_HANDLERS,
  ...IMAGE_HANDLERS,
  echo(ipxe, { words }) {
    ipxe.print(words.join(' '));
    return NEXT;
  },
  goto: (_, { words }) => ({ kind: 'goto', label: words[0]! }),
  exit(_, { words }) {
    const status = parseInteger(words[0] ?? '0');
    if (status === undefined) throw new BootFailure('script-line', `exit: "${words[0]}" is not a number`);
    return { kind: 'exit', status };
  },
  async sleep(ipxe, { words }) {
    const seconds = parseInteger(words[0]!);
    if (seconds === undefined) throw new BootFailure('script-line', `sleep: "${words[0]}" is not a number`);
    await ipxe.world.sleep(seconds * 1000);
    return NEXT;
  },
  reboot: () => final({ kind: 'reboot' }),
  sanboot: (_, { words }) => final({ kind: 'local', how: ['sanboot', ...words].join(' ') }),
};
