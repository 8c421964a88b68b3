import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BASE, rendered, SECURE_BASE, textOf, type World } from '../../../test/macros/world.ts';
import { FAMILIES, MACROS } from './index.ts';

type Row = [code: string, text: string, world?: World];

const PARAMETERS = { off: false, no: 'No', yes: 'YES', odd: 'maybe', text: 'x', list: [1, 2], nothing: null };
const FACTS = {
  kernelrelease: '6.1.0',
  'system_uptime::seconds': '3600',
  'memory::system::total_bytes': 8 * 2 ** 30,
  'processors::count': 8,
  'processors::physicalcount': 2,
  is_virtual: true,
};
const REDHAT = { name: 'Rocky', major: '9', family: 'Redhat' } as const;

const ROWS: Row[] = [
  ["host_param('text')", 'x'],
  ["host_param('off', 'd')", 'd'],
  ["host_param('off').inspect", 'nil'],
  ["host_param('missing').inspect", 'nil'],
  ["host_param!('text')", 'x'],
  ["host_param_true?('yes')", 'true'],
  ["host_param_true?('odd').inspect", 'nil'],
  ["host_param_true?('missing', 7)", '7'],
  ["host_param_false?('no')", 'true'],
  ["host_param_false?('missing')", 'false'],
  ["host_param_false?('odd')", 'false'],
  ["host_enc('parameters', 'list')[1]", '2'],
  ["host_enc.keys.join(',')", 'parameters'],
  ["subnet_has_param?(@host.subnet, 'color')", 'true'],
  ["subnet_has_param?(@host.subnet, 'text')", 'false'],
  ["subnet_param(@host.subnet, 'color')", 'blue'],
  ["subnet_param(@host.subnet, 'text').inspect", 'nil'],
  [
    "[true, 'false', 1, 0, '0', 'no', '', nil].map { |v| truthy?(v) }.join(' ')",
    'true false true false false true false false',
  ],
  [
    "[true, 'false', 1, 0, 'off', :f, '', nil].map { |v| falsy?(v) }.join(' ')",
    'false true false true true true false false',
  ],
  ['root_pass', '$6$hash', { host: { root_pass: '$6$hash' } }],
  ['root_pass', '$6$all', { settings: { root_pass: '$6$all' } }],
  ['grub_pass', ''],
  ['grub_pass', '--md5pass=$1$a', { parameters: { encrypt_grub: 'true' }, host: { root_pass: '$1$a' } }],
  [
    'grub_pass',
    '--iscrypted --password=$6$a',
    { parameters: { encrypt_grub: true }, host: { root_pass: '$6$a' } },
  ],
  ['grub_pass', '', { host: { root_pass: '$6$a' } }],
  [
    'grub_pass',
    '--iscrypted --password=$6$b',
    { parameters: { grub_pass: '$6$b' }, host: { root_pass: '$6$a' } },
  ],
  ['ks_console', 'console=ttyS1,115200', { parameters: { console_port: 1, console_baud: 115200 } }],
  ['ks_console', ''],
  ['host_memory(@host)', '8192', { host: { facts: FACTS } }],
  [
    '[host_cores(@host), host_sockets(@host), host_virtual(@host)].inspect',
    '[8, 2, true]',
    { host: { facts: FACTS } },
  ],
  ['host_uptime_seconds(@host)', '3600', { host: { facts: FACTS } }],
  ['host_kernel_release(@host)', '6.1.0', { host: { facts: FACTS } }],
  ['[host_memory(nil), host_uptime_seconds(@host)].inspect', '[nil, nil]'],
  ["global_setting('token_duration')", '360'],
  ["global_setting('http_proxy', 'none')", 'none'],
  ["global_setting('safemode_render', 1)", 'true'],
  ["plugin_present?('katello')", 'false'],
  ['preview?', 'false'],
  ['preview?', 'true', { preview: true }],
  ['previous_revision(@host).name', 'web1.example.com'],
  ['foreman_short_version', '3.13'],
  ['host_puppet_server.inspect', 'nil'],
  ['medium_uri', 'http://mirror.example.com/bookworm'],
  ["medium_uri('dists')", 'http://mirror.example.com/bookworm/dists'],
  ['media_path', 'http://mirror.example.com/bookworm'],
  ['pxe_kernel_options', ''],
  ['pxe_kernel_options', 'quiet', { parameters: { kernelcmd: 'quiet', blacklist: 'nouveau' } }],
  [
    'pxe_kernel_options',
    'quiet modprobe.blacklist=a,b',
    { parameters: { kernelcmd: 'quiet', blacklist: 'a, b' }, os: REDHAT },
  ],
  ["foreman_url('provision')", `${BASE}/unattended/provision?token=tok`],
  [
    "foreman_url('x', { b: 1, a: [1, 2], c: { x: 'y z' }, n: nil, e: '' })",
    `${BASE}/unattended/x?a%5B%5D=1&a%5B%5D=2&b=1&c%5Bx%5D=y+z&e=&token=tok`,
  ],
  [
    "foreman_url('iPXE', {}, { mac: '${net0/mac}' })",
    `${BASE}/unattended/iPXE?mac=\${net0/mac}`,
    { unknown: true },
  ],
  ["loader_quote('a=b&c d')", 'a=b\\&c\\ d', { kind: 'PXEGrub2' }],
  ["loader_quote('a=b&c')", 'a=b&c', { kind: 'iPXE' }],
  ['foreman_request_addr', '192.0.2.1:8080'],
  ['foreman_server_url', BASE],
  ['foreman_server_fqdn', '192.0.2.1'],
  ['foreman_server_ca_cert', 'PEM', { parameters: { server_ca_cert: 'PEM' } }],
  ['foreman_server_ca_cert', 'PEM', { parameters: { server_ca_cert: 'PEM' }, secure: true }],
  ['foreman_server_ca_cert', 'ROOT', { secure: true }],
  ["foreman_url('built')", `${SECURE_BASE}/unattended/built?token=tok`, { secure: true }],
  ['foreman_server_url', SECURE_BASE, { secure: true }],
  ['foreman_request_addr', '192.0.2.1:8443', { secure: true }],
  ['foreman_server_fqdn', '192.0.2.1', { secure: true }],
  [
    "loader_quote(foreman_url('provision', { a: 'b c' }))",
    `${SECURE_BASE}/unattended/provision?a=b+c\\&token=tok`,
    { kind: 'PXEGrub2', secure: true },
  ],
  [
    "default_template_url('Kickstart default', 'Base/Web 1')",
    `${BASE}/unattended/template/Kickstart%20default/Base/Web%201`,
  ],
  ['bootdisk_chain_url', `${BASE}/unattended/iPXE?token=tok&mac=52%3A54%3A00%3A00%3A00%3A01`],
  ["bootdisk_chain_url('')", `${BASE}/unattended/iPXE?token=tok&mac=`],
  ["snippet('s', variables: { x: 1 })", '1', { library: { s: '<%= @x %>' } }],
  ["snippet('s', { variables: { x: 1 } })", '1', { library: { s: '<%= @x %>' } }],
  ["snippet('s', { x: 2 })", '2', { library: { s: '<%= @x %>' } }],
  [
    "snippet('s', { variables: { x: 1 } }, variables: { x: 2, y: 3 })",
    '13',
    { library: { s: '<%= @x %><%= @y %>' } },
  ],
  ["snippets('s', {}, variables: { x: 3 })", '3', { library: { s: '<%= @x %>' } }],
  ["snippet_if_exists('missing').inspect", 'nil'],
  ['indent(2) { "a\\nb\\n" }', '  a\n  b\n'],
  ['indent(2, skip1: true) { "a\\nb" }', 'a\n  b'],
  ['indent(2, skip_content: \'EOF\') { "x <<EOF\\nraw\\nEOF\\ny" }', '  x <<EOF\nraw\nEOF\n  y'],
  ["indent(2) { '' }", ''],
  ["join_with_line_break(['a', 'b'])", 'a\nb'],
  ["format('%03d|%s', 7, 'x')", '007|x'],
  [
    'to_json({ a: :b, \'c\' => [], d: {}, e: 1.0, f: nil, 1 => "\\n" })',
    '{\n  "a": "b",\n  "c": [\n\n  ],\n  "d": {\n  },\n  "e": 1.0,\n  "f": null,\n  "1": "\\n"\n}',
  ],
  ['parse_json(\'{"a": [1, 2.5]}\').inspect', '{"a"=>[1, 2.5]}'],
  ['parse_yaml("a: [1, yes]\\nb: {c: \'1\'}").inspect', '{"a"=>[1, true], "b"=>{"c"=>"1"}}'],
  ["N_('x') + _('y')", 'xy'],
  ['xml_escape(\'<a b="c">&\t\' + 1.chr)', '&lt;a b=&quot;c&quot;&gt;&amp;\t'],
  ['shell_escape("it\'s $5\\nb")', "it\\'s\\ \\$5'\n'b"],
  ['save_to_file(\'/a\', "x")', 'cat << EOF-047d8a17 > /a\nx\nEOF-047d8a17'],
  ["save_to_file('/a-$b', '')", 'cp /dev/null /a-$b'],
  ["save_to_file('/a', 'x', verbatim: true)", 'cat << EOF-047d8a17 | base64 -d > /a\neA==\nEOF-047d8a17'],
  [
    "install_packages('vim')",
    "echo '#'\necho '# Installing packages'\necho '#'\n\ndnf -y install vim\n",
    { os: REDHAT },
  ],
  [
    "install_packages('vim')",
    "echo '#'\necho '# Installing packages'\necho '#'\n\nyum -y install vim\n",
    { os: { ...REDHAT, name: 'CentOS', major: '7' } },
  ],
  ["install_packages('').inspect", '""'],
  ["update_packages('vim').lines.last", 'apt-get -y upgrade vim\n'],
  [
    "generate_web_request(utility: 'curl', url: 'http://x/', output_file: '/o')",
    'curl --silent --show-error http://x/ \\\n  --output /o',
  ],
  [
    "generate_web_request(utility: 'curl', url: 'u', ssl_ca_cert: 'c', headers: ['-H a'], params: ['a=1', 'b=2'])",
    'curl --silent --show-error u \\\n  --cacert c \\\n  --request POST \\\n  -H a \\\n  --data a=1 \\\n  --data b=2',
  ],
  [
    "generate_web_request(utility: 'wget', url: 'u', params: ['a=1', 'b=2'])",
    'wget --no-verbose --no-hsts u \\\n  --output-document - \\\n  --post-data a=1\\&b=2',
  ],
  ['current_date', '2026-02-03'],
  ["current_date(format: '%d.%m.%y')", '03.02.26'],
  ["current_time(format: '%H:%M')", '04:05'],
  ['format_time(0)', '1970-01-01  0:00:00 +0000'],
  ["format_time(1782864000, format: '%F %T %z', zone: 'Europe/Prague')", '2026-07-01 02:00:00 +0200'],
  ['rand_hex(4).length', '8'],
  ['rand(5) < 5', 'true'],
  ['rand < 1', 'true'],
  ['rand(3..3)', '3'],
  ['rand_name.match?(/\\A[a-z]+-[a-z]+\\z/)', 'true'],
  ["mac_name('52:54:00:00:00:01') == mac_name('52-54-00-00-00-01')", 'true'],
  ["mac_name('52:54:00:00:00:01') == mac_name('52:54:00:00:00:02')", 'false'],
  ["mac_name('52:54:00:00:00:01').split('-').size", '4'],
  ["dns_lookup('web1.example.com')", '192.0.2.11'],
  ["dns_lookup('192.0.2.11')", 'web1.example.com'],
  ["dns_lookup('db')", '192.0.2.5', { parameters: { dns_names: { db: '192.0.2.5' } } }],
  [
    'transpile_fedora_coreos_config(\'{"ignition": {"version": "3.4.0"}}\')',
    '{"ignition":{"version":"3.4.0"}}',
  ],
];

describe('macros', () => {
  it.each<Row>(ROWS)('%s', (code, text, world = {}) => {
    expect(textOf(code, { parameters: PARAMETERS, ...world })).toBe(text);
  });

  it.each<Row>([
    ["host_param!('missing')", "the parameter 'missing' is not set"],
    ["host_enc('parameters', 'missing')", "'missing' is not in the host's parameters"],
    ["host_enc('classes')", "'classes' is not in the host's parameters"],
    ["subnet_param(nil, 'a')", 'a Subnet is needed, not nil'],
    ["global_setting('root_pass')", "the setting 'root_pass' is not readable"],
    ['foreman_server_ca_cert', 'parameter server_ca_cert'],
    ["snippet('missing')", "there is no snippet named 'missing'"],
    ["raise('stop')", 'stop'],
    ["bootdisk_raise('no IP')", 'no IP'],
    ["indent(-1) { 'x' }", 'negative'],
    ["parse_json('{')", 'not valid JSON'],
    ['parse_yaml("a: &x [1]\\nb: *x")', 'not valid YAML'],
    [
      "install_packages('x')",
      'packages of Windows are not known',
      { os: { family: 'Windows', name: 'W', major: '1' } },
    ],
    ["generate_web_request(utility: 'nc')", "not 'nc'"],
    ["dns_lookup('elsewhere.example.org')", 'templates cannot ask the DNS'],
    ["mac_name('52:54')", 'is not a MAC address'],
    ['rand_hex(10**6)', 'bytes'],
    ["gem_version_compare('x', '1')", 'malformed version'],
    ["format_time(0, zone: 'Mars/Olympus')", 'is not a time zone'],
    ["transpile_coreos_linux_config('passwd: {}')", "write Ignition's JSON"],
    ['load_hosts', 'belongs to report templates'],
    ["input('x')", 'report or job template'],
    ["sequence_hostgroup_param_next('g')", 'rendering changes nothing'],
    ['medium_uri', 'there is no host', { unknown: true }],
  ])('%s is an error: %s', (code, message, world = {}) => {
    expect(() => textOf(code, world)).toThrow(message);
  });

  it('log_… tells who said it, and where', () => {
    const library = { s: '\n<% log_warn "from within" %>' };
    const { logs } = rendered("<% log_info 'one' %>\n<%= snippet 's' %><% log_debug '' %>", { library });
    expect(logs).toEqual([
      { level: 'info', message: 'one', template: 'test', line: 1 },
      { level: 'warn', message: 'from within', template: 's', line: 2 },
    ]);
  });

  it('gem_version_compare answers as RubyGems', (ctx) => {
    const versions =
      '1.0 1 1.2.3 10.2.3 1.9 1.10 2.0.rc1 2.0 2.0.0.rc1 2.0.a 1.0-1 1.0.pre.1 1.a 1.0.a10 1.0.0.a 0'.split(
        ' ',
      );
    const program = `v = %w[${versions.join(' ')}]; puts v.map { |a| v.map { |b| Gem::Version.new(a) <=> Gem::Version.new(b) }.join(' ') }`;
    const answers = ruby(program);
    if (answers === undefined) return ctx.skip('ruby (Debian: ruby) is not installed');
    const ours = versions.map((a) =>
      versions.map((b) => textOf(`gem_version_compare('${a}', '${b}')`)).join(' '),
    );
    expect(ours.join('\n')).toBe(answers.trim());
  });
});

function ruby(program: string): string | undefined {
  try {
    return execFileSync('ruby', ['-e', program], { encoding: 'utf8', timeout: 60_000 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

describe('docs/templates.md', () => {
  const file = new URL('../../../docs/templates.md', import.meta.url);
  const [START, END] = ['<!-- macros -->\n', '<!-- end of macros -->\n'];

  /** The table of a family; whoever changes a macro runs this with UPDATE_GOLDEN=1. */
  function listing(): string {
    const families = FAMILIES.map(([title, table]) => {
      const rows = Object.entries(table).map(
        ([name, macro]) => `| \`${name}${macro!.parameters.replaceAll('|', '\\|')}\` | ${macro!.text} |`,
      );
      return `### ${title}\n\n| macro | answers |\n|---|---|\n${rows.join('\n')}\n`;
    });
    const refused = Object.entries(MACROS).filter(([, macro]) => macro?.refused);
    const reasons = refused.map(([name, macro]) => `| \`${name}\` | ${macro!.text} |`);
    return `${families.join('\n')}\n### Refused\n\n| macro | why |\n|---|---|\n${reasons.join('\n')}\n`;
  }

  it('lists every macro', () => {
    const text = readFileSync(file, 'utf8');
    const [before, rest = ''] = text.split(START);
    const [listed, after] = rest.split(END);
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, `${before}${START}${listing()}${END}${after}`);
    else expect(listed).toBe(listing());
  });
});
