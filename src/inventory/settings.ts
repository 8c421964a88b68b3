/** Settings of the server that templates ask for, under Foreman's names; a site sets those it wants otherwise. */

import type { Json } from './types.ts';

/** What `global_setting` may read, with what it is where nobody has set it. */
export const READABLE_SETTINGS: Readonly<Record<string, Json>> = {
  administrator: '',
  safemode_render: true,
  token_duration: 360,
  dns_timeout: null,
  http_proxy: null,
  http_proxy_except_list: [],
  default_pxe_item_global: null,
  default_pxe_item_local: null,
  update_ip_from_built_request: false,
  ignored_interface_identifiers: [],
  manage_puppetca: false,
  proxy_request_timeout: 60,
  puppet_interval: 35,
  outofsync_interval: 30,
  name_generator_type: 'Off',
  email_reply_address: '',
  default_puppet_environment: '',
};

/** `root_pass`, the crypt hash of hosts that have none, is not readable: the macro of that name answers it. */
export const SETTING_NAMES: readonly string[] = [...Object.keys(READABLE_SETTINGS), 'root_pass'];
