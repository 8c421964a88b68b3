/** Renders one expression for a host, as tests of macros do. */

import { SiteIndex } from '../../src/inventory/site.ts';
import type { Host, OperatingSystem, Parameters, TemplateKind } from '../../src/inventory/types.ts';
import { formatTemplateError } from '../../src/template/errors.ts';
import { render } from '../../src/template/render.ts';
import type { TemplateLog } from '../../src/template/render-context.ts';
import { scopeOf } from '../../src/template/scope.ts';

export type World = {
  readonly kind?: TemplateKind;
  readonly parameters?: Parameters;
  readonly settings?: Parameters;
  readonly host?: Partial<Host>;
  readonly os?: Partial<OperatingSystem>;
  readonly library?: Readonly<Record<string, string>>;
  readonly preview?: boolean;
  /** The machine asks over HTTPS, at another port. */
  readonly secure?: boolean;
  /** For a machine nobody knows. */
  readonly unknown?: boolean;
};

export const BASE = 'http://192.0.2.1:8080';
export const SECURE_BASE = 'https://192.0.2.1:8443';

function siteOf({ parameters = {}, settings = {}, host, os }: World): {
  readonly site: SiteIndex;
  readonly host: Host;
} {
  const site = new SiteIndex();
  for (const [i, [name, value]] of Object.entries(settings).entries())
    site.put('settings', { id: i + 1, name, value });
  site.put('domains', { id: 1, name: 'example.com', parameters: {} });
  site.put('subnets', {
    id: 1,
    name: 'lan',
    network: '192.0.2.0/24',
    boot_mode: 'DHCP',
    lease_time: 60,
    parameters: { color: 'blue', list: [1] },
  });
  site.put('media', { id: 1, name: 'mirror', path: 'http://mirror.example.com/$release' });
  const system: OperatingSystem = {
    id: 1,
    name: 'Debian',
    major: '12',
    minor: '',
    family: 'Debian',
    release_name: 'bookworm',
    media: ['mirror'],
    architectures: ['x86_64'],
    ptables: [],
    provisioning_templates: [],
    parameters: {},
    ...os,
  };
  site.put('operatingsystems', system);
  const record: Host = {
    id: 1,
    name: 'web1.example.com',
    enabled: true,
    architecture: 'x86_64',
    operatingsystem: `${system.name} ${system.major}`,
    build: true,
    token: { value: 'tok' },
    parameters,
    interfaces: [
      {
        type: 'interface',
        primary: true,
        provision: true,
        managed: true,
        virtual: false,
        mac: '52:54:00:00:00:01',
        ip: '192.0.2.11',
        subnet: 'lan',
      },
    ],
    ...host,
  };
  site.put('hosts', record);
  return { site, host: record };
}

export function rendered(
  text: string,
  world: World = {},
): { readonly text: string; readonly logs: readonly TemplateLog[] } {
  const { site, host } = siteOf(world);
  const scope = scopeOf({
    site,
    kind: world.kind ?? 'provision',
    base: world.secure ? SECURE_BASE : BASE,
    ...(world.secure && { root: 'ROOT' }),
    now: Date.UTC(2026, 1, 3, 4, 5, 6),
    ...(world.unknown ? {} : { host }),
    ...(world.preview && { preview: true }),
  });
  const library = new Map(Object.entries(world.library ?? {}));
  const result = render({ template: 'test', text, scope }, library);
  if (!result.ok) throw new Error(formatTemplateError(result.error));
  return { text: result.text, logs: result.logs ?? [] };
}

/** What `<%= code %>` prints. */
export function textOf(code: string, world: World = {}): string {
  return rendered(`<%= ${code} %>`, world).text;
}
