import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SiteIndex } from '../inventory/site.ts';
import type { Host, Interface } from '../inventory/types.ts';
import { LIMITS } from './budget.ts';
import { formatTemplateError } from './errors.ts';
import { type RenderResult, render } from './render.ts';
import { type ScopeData, scopeOf } from './scope.ts';

const nic = (given: Partial<Interface>): Interface => ({
  type: 'interface',
  primary: true,
  provision: true,
  managed: true,
  virtual: false,
  ...given,
});

const HOST: Host = {
  id: 1,
  name: 'web1.example.com',
  enabled: true,
  architecture: 'x86_64',
  operatingsystem: 'Debian 12',
  build: true,
  token: { value: 'tok' },
  parameters: { own: 'host', flag: 'yes', off: 'no', erb: 'on <%= @host.shortname %>' },
  interfaces: [
    nic({ identifier: 'eth0', mac: '52:54:00:00:00:01', ip: '192.0.2.11', subnet: 'lan' }),
    nic({
      identifier: 'bond0',
      type: 'bond',
      primary: false,
      provision: false,
      attached_devices: ['eth0', 'eth1'],
    }),
  ],
};

function site(): SiteIndex {
  const index = new SiteIndex();
  index.put('common_parameters', { id: 1, name: 'own', value: 'common' });
  index.put('common_parameters', { id: 2, name: 'color', value: 'common' });
  index.put('common_parameters', { id: 3, name: 'size', value: 'common' });
  index.put('common_parameters', { id: 4, name: 'shape', value: 'common' });
  index.put('domains', {
    id: 1,
    name: 'example.com',
    parameters: { color: 'domain', size: 'domain', shape: 'domain' },
  });
  index.put('subnets', {
    id: 1,
    name: 'lan',
    network: '192.0.2.0/24',
    gateway: '192.0.2.1',
    dns_primary: '192.0.2.53',
    boot_mode: 'DHCP',
    domain: 'example.com',
    lease_time: 60,
    parameters: { size: 'subnet', shape: 'subnet' },
  });
  index.put('operatingsystems', {
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
    parameters: { shape: 'os' },
  });
  index.put('media', { id: 1, name: 'mirror', path: 'http://deb.debian.org/debian' });
  index.put('hosts', HOST);
  return index;
}

const BASE = 'http://192.0.2.1:8080';
const scope = (given: Partial<ScopeData> = {}): ScopeData => ({
  ...scopeOf({ site: site(), host: HOST, kind: 'provision', base: BASE, now: 0 }),
  ...given,
});
const unknown: ScopeData = scopeOf({ site: site(), kind: 'iPXE', base: BASE, now: 0 });

function result(text: string, snippets: Record<string, string> = {}, data = scope()): RenderResult {
  return render({ template: 'main', text, scope: data }, new Map(Object.entries(snippets)));
}

function text(template: string, snippets: Record<string, string> = {}, data = scope()): string {
  const answer = result(template, snippets, data);
  return answer.ok ? answer.text : formatTemplateError(answer.error);
}

function failure(template: string, snippets: Record<string, string> = {}) {
  const answer = result(template, snippets);
  if (answer.ok) throw new Error(`rendered: ${answer.text.slice(0, 100)}`);
  return answer.error;
}

describe('objects', () => {
  it.each([
    ['@host.name', 'web1.example.com'],
    ['@host.shortname', 'web1'],
    ['@host', 'web1.example.com'],
    ['@host.domain', 'example.com'],
    ['@host.mac', '52:54:00:00:00:01'],
    ['@host.operatingsystem', 'Debian 12'],
    ['@host.operatingsystem.major.to_i + 1', '13'],
    ['@host.subnet.mask', '255.255.255.0'],
    ['@host.subnet.cidr', '24'],
    ['@host.subnet.dns_servers.join(",")', '192.0.2.53'],
    ['@host.provision_interface.subnet.dhcp_boot_mode?', 'true'],
    ['@host.bond_interfaces.map { |b| b.attached_devices_identifiers.join("+") }', '["eth0+eth1"]'],
    ['@host.primary_interface == @host.provision_interface', 'true'],
    ['@host.interfaces.size', '2'],
    ['@host.token', 'tok'],
    ['@host.realm.nil?', 'true'],
    ['@host.respond_to?(:bootdisk_build?)', 'true'],
    ['@host.respond_to?(:rhsm_organization_label)', 'false'],
    ['@host.architecture.to_s.match(/s390x?/i).nil?', 'true'],
    ['@host.params["color"]', 'domain'],
    ['@arch.inspect', 'nil'],
    ['@preseed_server + @preseed_path', 'deb.debian.org:80/debian'],
    ['@kernel.match?(/^boot\\/mirror-\\w{12}-linux$/)', 'true'],
    [
      '@host.url_for_boot(:kernel)',
      'http://deb.debian.org/debian/dists/bookworm/main/installer-amd64/current/images/netboot/debian-installer/amd64/linux',
    ],
    ['@host.operatingsystem.bootfile(medium_provider, :initrd) == @initrd', 'true'],
    ['medium_uri("dists")', 'http://deb.debian.org/debian/dists'],
  ])('%s is %s', (code, expected) => {
    expect(text(`<%= ${code} %>`)).toBe(expected);
  });
});

describe('macros', () => {
  it.each([
    ["host_param('own')", 'host'],
    ["host_param('missing', 'x')", 'x'],
    ["host_param_true?('flag')", 'true'],
    ["host_param_true?('missing')", 'false'],
    ["host_param_false?('off')", 'true'],
    ["host_param('erb')", 'on web1'],
    ["foreman_url('provision')", `${BASE}/unattended/provision?token=tok`],
    [
      "foreman_url('iPXE', { b: 'x y' }, { mac: '${net0/mac}' })",
      `${BASE}/unattended/iPXE?b=x+y&token=tok&mac=\${net0/mac}`,
    ],
    ['foreman_request_addr', '192.0.2.1:8080'],
    ['template_name', 'main'],
    ['indent(2) { "a\\nb" }', '  a\n  b'],
    ['indent(2, skip1: true) { "a\\nb\\n" }', 'a\n  b\n'],
    ['shell_escape("a b\'c")', "a\\ b\\'c"],
    ["save_to_file('/tmp/x', 'hi')", 'cat << EOF-43f8cd11 > /tmp/x\nhi\nEOF-43f8cd11'],
    ["global_setting('token_duration')", '360'],
    ["plugin_present?('katello')", 'false'],
    ['to_json({ a: [1, nil] })', '{\n  "a": [\n    1,\n    null\n  ]\n}'],
    ["parse_yaml('a: [1, b]')['a']", '[1, "b"]'],
    ["format('%03d', 7)", '007'],
    ['root_pass.inspect', 'nil'],
    ["snippet_if_exists('none').inspect", 'nil'],
  ])('%s gives %s', (code, expected) => {
    const macro = text(`<%= ${code} %>`);
    // The end mark depends on the path alone.
    expect(macro.replaceAll(/EOF-[0-9a-f]{8}/g, 'EOF')).toBe(expected.replaceAll(/EOF-[0-9a-f]{8}/g, 'EOF'));
  });

  it('merges parameters as Foreman does: common < domain < subnet < operating system < host', () => {
    const { parameters } = scope();
    expect(parameters).toMatchObject({ own: 'host', shape: 'os', size: 'subnet', color: 'domain' });
    expect(unknown.parameters).toMatchObject({ own: 'common', color: 'common' });
  });

  it('gives no token once the build is over', () => {
    const data = scopeOf({ site: site(), host: { ...HOST, build: false }, kind: 'iPXE', base: BASE, now: 0 });
    expect(text("<%= foreman_url('iPXE') %>", {}, data)).toBe(`${BASE}/unattended/iPXE`);
  });

  it('leaves URLs as they are for every loader, and quotes what it is asked to', () => {
    const bare = "<%= foreman_url('provision', { static: 1 }) %>";
    for (const kind of ['PXEGrub2', 'iPXE', 'PXELinux', 'provision'] as const)
      expect(text(bare, {}, scope({ kind }))).toContain('static=1&token=tok');
    const quoted = "<%= loader_quote(foreman_url('provision', { static: 1 })) %>";
    expect(text(quoted, {}, scope({ kind: 'PXEGrub2' }))).toContain('static=1\\&token=tok');
    expect(text(quoted, {}, scope({ kind: 'iPXE' }))).toContain('static=1&token=tok');
  });

  it('renders for a machine nobody knows, and says so when the host is needed', () => {
    expect(text('<%= @host.inspect %> <%= foreman_request_addr %>', {}, unknown)).toBe('nil 192.0.2.1:8080');
    expect(text('<%= medium_uri %>', {}, unknown)).toContain('there is no host');
  });
});

describe('snippets', () => {
  it('have locals of their own, and the variables they are given as instance variables', () => {
    const snippets = { s: '<%= @x %> <%= @y.inspect %>', t: "<%= snippet('s', variables: { y: 2 }) %>" };
    expect(text("<% x = 1 %><%= snippet('s', variables: { x: 5 }) %>", snippets)).toBe('5 nil');
    expect(text("<%= snippet('t', variables: { x: 7 }) %>", snippets)).toBe('7 2');
    expect(text("<% x = 1 %><%= snippet('s') %>", { s: '<%= x %>' })).toContain(
      "undefined local variable or macro 'x'",
    );
  });

  it('fail with the chain of callers', () => {
    const error = failure("one\n<%= snippet('a') %>", {
      a: "\n\n<%= snippet('b') %>",
      b: 'x\n<%= @host.nope %>',
    });
    expect(error).toMatchObject({ template: 'b', line: 2, column: 11 });
    expect(error.callers).toEqual([
      { template: 'a', line: 3 },
      { template: 'main', line: 2 },
    ]);
    expect(error.message).toBe("undefined method 'nope' for host");
    expect(error.excerpt).toContain('> 2 | <%= @host.nope %>');
  });

  it('cannot call each other for ever', () => {
    expect(failure("<%= snippet('a') %>", { a: "<%= snippet('a') %>" }).message).toContain('20 deep');
    const loop = scope({ parameters: { loop: "<%= host_param('loop') %>" } });
    expect(text("<%= host_param('loop') %>", {}, loop)).toContain('20 deep');
  });
});

describe('faults', () => {
  it.each([
    ['a\nb <%= nope %>', 2, 7, "undefined local variable or macro 'nope'"],
    ['<%= [1, 2]\n  .first\n  .nope %>', 3, 4, "undefined method 'nope' for an instance of Integer"],
    ['é\n<%= "é" + 1 %>', 2, 9, 'a String is needed, not an instance of Integer'],
    ['x\n<% def a; end %>', 2, 4, 'def is not allowed in templates'],
    ['<% @x = 1 %>', 1, 4, 'assigning to an instance variable is not allowed in templates'],
    ['<% a = {}; a[1] = 2 %>', 1, 12, 'assigning to an element is not allowed in templates'],
    ['<%= `ls` %>', 1, 5, 'running a command is not allowed in templates'],
    ['<%= File.read("/etc/passwd") %>', 1, 5, 'the constant File is not allowed in templates'],
    ['<%= [1].map(&:to_s) %>', 1, 13, '&:name (write { |item| item.name }) is not allowed in templates'],
    ['<%= "a" =~ /a/ %>', 1, 5, '=~ is not allowed in templates: use match or match?'],
    ['<%= "a".match?(/(?>a)/) %>', 1, 16, 'the group (?> is not supported in a regular expression'],
    ['text\n<%= open', 2, 4, 'this tag is never closed: %> is missing'],
    ["<%= raise('my words') %>", 1, 5, 'my words'],
    ['<%= host_param %>', 1, 5, 'wrong number of arguments (given 0, expected 1..2)'],
    ["<%= global_setting('root_pass') %>", 1, 5, "the setting 'root_pass' is not readable in templates"],
  ])('%j fails at %i:%i', (template, line, column, message) => {
    expect(failure(template)).toMatchObject({ template: 'main', line, column, message });
  });

  it('names the place of a syntax error', () => {
    const error = failure('ok\n<% if true %>\n');
    expect(error.message).toMatch(/^syntax error: /);
    expect(error.line).toBeGreaterThan(1);
  });
});

describe('what lies outside of the tables', () => {
  const NAMES = [
    'constructor',
    '__proto__',
    'prototype',
    'hasOwnProperty',
    'toString',
    'valueOf',
    'send',
    'public_send',
  ];
  const RUBY = [
    'instance_eval',
    'eval',
    'method',
    'class',
    'instance_variable_get',
    'system',
    'exec',
    'binding',
    'exit',
  ];
  const receivers = [
    '@host',
    '"a"',
    '1',
    '[]',
    '{}',
    'nil',
    ':a',
    '1.5',
    '(1..2)',
    '/a/',
    '@host.subnet',
    'medium_provider',
  ];

  it.each([...NAMES, ...RUBY])('%s does not exist', (name) => {
    for (const receiver of receivers) {
      expect(failure(`<%= ${receiver}.${name} %>`).message).toMatch(/^undefined method/);
      expect(text(`<%= ${receiver}.respond_to?("${name}") %>`)).toBe('false');
    }
    expect(failure(`<%= ${name} %>`).message).toMatch(/^undefined|^syntax/);
    expect(failure(`<%= ${name}(1) %>`).message).toMatch(/^undefined|^syntax/);
    expect(failure(`<%= global_setting("${name}") %>`).message).toContain('not readable');
    expect(text(`<%= host_param("${name}").inspect %> <%= { "a" => 1 }["${name}"].inspect %>`)).toBe(
      'nil nil',
    );
    expect(text(`<%= snippet_if_exists("${name}").inspect %>`)).toBe('nil');
  });
});

describe('budgets', () => {
  it.each([
    ['<% a = "aaaaaaaaaaaaaaaa"; while true do a = a + a end %>', 'characters'],
    ['<% a = "x"; while true do a << a end %>', 'characters'],
    ['<% a = [1]; while true do a = a + a end %>', 'elements'],
    ['<% a = [1]; while true do a.concat(a) end %>', 'elements'],
    ['<% while true do end %>', 'steps'],
    ['<% loop_forever = 1; until false do loop_forever += 1 end %>', 'steps'],
    ['<%= "a" * 99_999_999_999 %>', 'characters'],
    ['<%= "a".ljust(999_999_999) %>', 'characters'],
    ['<%= "%999999999d" % 1 %>', 'are not allowed in formats'],
    ['<%= (1..999_999_999).to_a %>', 'elements'],
    ['<%= [0] * 999_999_999 %>', 'elements'],
    ['<%= 9 ** 9 ** 9 %>', 'bits'],
    ['<% a = 7; 100.times { a = a * a } %>', 'bits'],
    ['<%= 1 << 999_999_999 %>', 'bits'],
    ['<%= (1..40).to_a.permutation.to_a.size %>', 'steps'],
    ['<%= ("a".."zzzzzzzz").to_a.size %>', 'steps'],
    ['<% a = []; a << a; a.flatten %>', 'recursive array'],
    ['<% s = "a" * 100_000; r = "b" * 100_000 %><%= s.gsub("a", r) %>', 'characters'],
    ['<% 999_999.times do %>0123456789012345678901234567890123456789<% end %>', 'characters'],
  ])('%s', (template, message) => {
    const answer = result(template);
    if (message !== '') expect(answer.ok).toBe(false);
    if (!answer.ok) expect(answer.error.message).toContain(message);
  });

  it.each(['[]', '()', '{}'])('refuses thousands of nested %s, and goes on', ([open, close]) => {
    const answer = result(`<%= ${open!.repeat(20_000)}1${close!.repeat(20_000)} %>`);
    expect(answer).toMatchObject({ ok: false });
    expect(text('<%= 1 %>')).toBe('1');
  });

  it('leaves room for what real templates need', () => {
    expect(LIMITS.steps).toBeGreaterThanOrEqual(1_000_000);
    expect(text('<%= (1..2000).map { |i| i.to_s.rjust(8) }.join.size %>')).toBe('16000');
  });
});

describe('one render after another', () => {
  it.each([
    "global_setting('administrator')",
    "global_setting('http_proxy_except_list')",
    "host_param('own')",
    '@host.name',
    'template_name',
    'foreman_server_url',
    '@host.params.keys.first',
    '@host.subnet.dns_servers',
    '"literal"',
    '[1]',
  ])('leaves nothing behind in %s', (code) => {
    const before = text(`<%= ${code} %>`);
    expect(text(`<% x = ${code}; x << "leaked" unless x.frozen? %>`)).toBe('');
    expect(text(`<%= ${code} %>`)).toBe(before);
  });
});

describe('any text', () => {
  const fragment = fc.oneof(
    fc.string(),
    fc.constantFrom('<%', '<%=', '<%-', '<%#', '%>', '-%>', '<%%', '%%>', '\n', '\r\n', ' ', 'é', '😀'),
    fc.constantFrom(
      'if',
      'end',
      'do |x|',
      '{',
      '}',
      '(',
      ')',
      '[',
      ']',
      '"',
      "'",
      '#{',
      '/',
      '\\',
      '@host',
      '.name',
      'x',
      '=',
      '&.',
      '1',
      '..',
      ':a',
      ',',
      ';',
      'nil',
      '|',
    ),
  );
  it('as ERB is rendered or refused, and never crashes', () => {
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 25 }), (fragments) => {
        const answer = result(fragments.join(''));
        if (answer.ok) expect(typeof answer.text).toBe('string');
        else {
          expect(answer.error.line).toBeGreaterThan(0);
          expect(answer.error.column).toBeGreaterThan(0);
        }
      }),
      { numRuns: 700 },
    );
  });

  it('as a regular expression is compiled or refused', () => {
    const source = fc.array(
      fc.constantFrom(
        'a',
        '\\',
        '[',
        ']',
        '(',
        ')',
        '?',
        '*',
        '+',
        '{1,2}',
        '{',
        '}',
        '^',
        '$',
        '|',
        '<n>',
        ':',
        '-',
        'h',
        'A',
        '.',
        'é',
        '&&',
        '[:alpha:]',
        'p{L}',
        '1',
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(source, (parts) => {
        const answer = result(`<%= "aé1".match?(/${parts.join('')}/) %>`);
        if (answer.ok) expect(['true', 'false']).toContain(answer.text);
      }),
      { numRuns: 500 },
    );
  });

  it('without tags is itself', () => {
    fc.assert(
      fc.property(
        fc.string().filter((plain) => !plain.includes('<%') && !plain.includes('\r')),
        (plain) => text(plain) === plain,
      ),
    );
  });
});
