# Renders templates with real Ruby: host objects come as data, the macros the library uses are written here,
# independently of src/template/macros. Reads a JSON job from stdin (see library-oracle.ts), answers JSON.
#
# With "seconds" in the job, every case is rendered again and again for that long, and the rate is told.

require 'base64'
require 'cgi'
require 'digest'
require 'erb'
require 'json'
require 'psych'
require 'shellwords'

# Foreman templates use these of Rails.
class Object
  def blank? = respond_to?(:empty?) ? !!empty? : !self
  def present? = !blank?
  def presence = present? ? self : nil
  def in?(list) = list.include?(self)
end

class String
  def blank? = match?(/\A[[:space:]]*\z/)
end

class Numeric
  def blank? = false
end

# A host, an interface ...: its attributes are data.
class Record
  def initialize(host, attributes)
    @host = host
    @attributes = attributes
  end

  def respond_to_missing?(name, _all = false) = @attributes.key?(name.to_s)

  def method_missing(name, *_args)
    raise NoMethodError, "the dump of this object has no '#{name}'" unless @attributes.key?(name.to_s)
    @host.decode(@attributes[name.to_s])
  end

  def to_s = @attributes.key?('to_s') ? method_missing(:to_s) : super
  def name = method_missing(:name)
  def id = method_missing(:id)
end

class Case
  def initialize(job, data)
    @job = job
    @data = data
    @records = {}
  end

  def decode(value)
    return value.map { |item| decode(item) } if value.is_a?(Array)
    return value.is_a?(String) ? value.dup : value unless value.is_a?(Hash)
    tag, content = value.first
    case tag
    when 'ref' then @records[content] ||= Record.new(self, @data['records'][content])
    when 'symbol' then content.to_sym
    when 'float' then content.to_f
    when 'integer' then content.to_i
    when 'hash' then content.to_h { |key, item| [decode(key), decode(item)] }
    when 'layout' then render(content['name'], content['text'], {})
    when 'error' then raise content
    else raise "the dump has no form for #{content}"
    end
  end

  def parameter(name) = expand(name, @data['parameters'][name])
  def parameter?(name) = @data['parameters'].key?(name)
  def fact(name) = @data[name]
  def library = @job['library']

  def render(name, text, variables)
    @standard ||= @data['variables'].to_h { |key, value| [key, decode(value)] }
    Scope.new(self, name, @standard.merge('@template_name' => name), variables).rendered(text)
  end

  private

  def expand(name, value)
    case value
    when String then value.include?('<%') ? render("parameter #{name}", value, {}) : value.dup
    when Array then value.map { |item| expand(name, item) }
    when Hash then value.transform_values { |item| expand(name, item) }
    else value
    end
  end
end

# What a template is evaluated in: its variables, and the macros.
class Scope
  def initialize(host, name, standard, passed)
    @__host = host
    @__name = name
    @__passed = passed
    standard.merge(passed).each { |key, value| instance_variable_set(key, value) }
  end

  def rendered(text)
    code = ERB.new(text.gsub("\r\n", "\n"), trim_mode: '-').src
    instance_eval { binding }.eval(code, @__name)
  end

  def method_missing(name, *_args)
    raise NoMethodError, "the macro '#{name}' is not written in test/golden/library-oracle.rb yet"
  end

  def respond_to_missing?(_name, _all = false) = false

  def template_name = @__name
  def raise(*message) = Kernel.raise(RuntimeError, message.last.to_s)

  def snippet(name, options = {}, variables: nil)
    text = @__host.library[name] or Kernel.raise("no snippet #{name}")
    given = (variables || options).transform_keys { |key| "@#{key}" }
    @__host.render(name, text, @__passed.merge(given))
  end

  def snippet_if_exists(name, options = {}, variables: nil)
    snippet(name, options, variables: variables) if @__host.library.key?(name)
  end

  def host_param(name, default = nil) = @__host.parameter(name) || default

  def host_param_true?(name, default = false)
    return default unless @__host.parameter?(name)
    flag(@__host.parameter(name))
  end

  def host_param_false?(name, default = false)
    return default unless @__host.parameter?(name)
    flag(@__host.parameter(name)) == false
  end

  def host_puppet_server = @__host.parameter('puppet_server')
  def global_setting(name, blank = nil)
    value = @__host.fact('settings').fetch(name, nil)
    value.nil? || value == '' ? blank : value
  end

  def root_pass = @__host.fact('root_pass')
  def medium_provider = nil
  def foreman_request_addr = @__host.fact('base').sub(%r{\Ahttp://}, '')
  def foreman_server_url = @__host.fact('base')
  def foreman_server_fqdn = foreman_request_addr.sub(/:\d+\z/, '')

  def medium_uri(path = '')
    base = @__host.fact('medium') or Kernel.raise('no medium')
    path.to_s.empty? ? base : "#{base.chomp('/')}/#{path}"
  end

  def foreman_url(kind = 'provision', params = {}, unescaped = {})
    all = params.transform_keys(&:to_s).compact
    token = @__host.fact('token')
    all['token'] = token if token
    query = all.map { |key, value| "#{CGI.escape(key)}=#{CGI.escape(value.to_s)}" }.sort
    query += unescaped.map { |key, value| "#{key}=#{value}" }
    url = "#{@__host.fact('base')}/unattended/#{kind}"
    query.empty? ? url : "#{url}?#{query.join('&')}"
  end

  def pxe_kernel_options(_params = nil)
    options = [list('kernelcmd')]
    blacklist = list('blacklist').delete(" \t\n")
    options << "modprobe.blacklist=#{blacklist}" if @__host.fact('family') == 'Redhat' && blacklist != ''
    options.join(' ').strip
  end

  def ks_console
    port, baud = list('console_port'), list('console_baud')
    port == '' || baud == '' ? '' : "console=ttyS#{port},#{baud}"
  end

  def grub_pass
    hash = list('grub_pass')
    return '' if hash == ''
    hash.start_with?('$1$') ? "--md5pass=#{hash}" : "--iscrypted --password=#{hash}"
  end

  def loader_quote(text)
    text = text.to_s.gsub(/[\r\n]+/, ' ')
    case @__host.fact('kind')
    when 'PXEGrub2' then text.gsub(/[\\&;|<>{}()$'"#*~ \t]/) { |sign| "\\#{sign}" }
    when 'PXELinux' then quoted(text)
    when 'iPXE' then quoted(text.gsub('${', '$ {'))
    else text
    end
  end

  def indent(count, skip1: false, skip_content: nil)
    fenced = false
    yield.to_s.each_line.with_index.map do |line, i|
      inside = fenced
      fenced = !fenced if skip_content && line.include?(skip_content)
      (inside || (skip1 && i.zero?)) ? line : ' ' * count + line
    end.join
  end

  def save_to_file(path, text, verbatim: false)
    return "cp /dev/null #{path}" if text.to_s == ''
    mark = "EOF-#{Digest::SHA512.hexdigest(path)[0, 8]}"
    return "cat << #{mark} | base64 -d > #{path}\n#{Base64.encode64(text)}#{mark}" if verbatim
    "cat << #{mark} > #{path}\n#{text.end_with?("\n") ? text : "#{text}\n"}#{mark}"
  end

  def install_packages(packages)
    packages.strip.empty? ? '' : banner('Installing packages', *prepare, "#{tool('install')} #{packages}")
  end

  def update_packages(packages = '')
    action = @__host.fact('family') == 'Debian' ? 'upgrade' : 'update'
    banner('Updating packages', *prepare, "#{tool(action)} #{packages}".rstrip)
  end

  def shell_escape(text) = Shellwords.escape(text.to_s)
  def to_json(value) = JSON.pretty_generate(value)
  def to_yaml(value) = Psych.dump(value)
  def parse_json(text) = JSON.parse(text)
  def parse_yaml(text) = Psych.safe_load(text)
  def gem_version_compare(one, other) = Gem::Version.new(one) <=> Gem::Version.new(other)

  def xml_escape(text)
    names = { '&' => '&amp;', '<' => '&lt;', '>' => '&gt;', '"' => '&quot;' }
    text.to_s.gsub(/[&<>"]/, names).gsub(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/, '')
  end

  private

  def flag(value)
    return true if value == true || value == 1 || value.to_s.match?(/\A(true|t|yes|y|on|1)\z/i)
    return false if value == false || value == 0 || value.to_s.match?(/\A(false|f|no|n|off|0)\z/i)
  end

  def list(name) = Array(@__host.parameter(name)).join(',')

  def quoted(text)
    return text unless text.match?(/[ \t]/)
    name = text[/\A[^=\s"]*=/].to_s
    %(#{name}"#{text.delete_prefix(name).delete('"')}")
  end

  def banner(title, *lines) = ["echo '#'", "echo '# #{title}'", "echo '#'", '', *lines, ''].join("\n")

  def prepare
    case @__host.fact('family')
    when 'Suse' then ['zypper refresh']
    when 'Debian'
      ['if [ -x "$(command -v subscription-manager)" ] ; then subscription-manager refresh ; fi',
       'export DEBIAN_FRONTEND=noninteractive', 'apt-get -y update']
    else []
    end
  end

  def tool(action)
    case @__host.fact('family')
    when 'Suse' then "zypper -n #{action}"
    when 'Debian'
      "apt-get -o Dpkg::Options::=\"--force-confdef\" -o Dpkg::Options::=\"--force-confold\" -y #{action}"
    else
      first = @__host.fact('os') == 'Fedora' ? 22 : 8
      "#{@__host.fact('major').to_i >= first ? 'dnf' : 'yum'} -y #{action}"
    end
  end
end

def rate(seconds)
  now = -> { Process.clock_gettime(Process::CLOCK_MONOTONIC) }
  start = now.call
  count = 0
  while now.call < start + seconds
    yield
    count += 1
  end
  count / (now.call - start)
end

job = JSON.parse($stdin.read)
answers = job['cases'].map do |data|
  run = -> { Case.new(job, data).render(data['template'], job['library'].fetch(data['template']), {}) }
  answer = { text: run.call }
  answer[:rate] = rate(job['seconds'], &run) if job['seconds']
  answer
rescue StandardError, ScriptError => error
  { error: "#{error.message} (#{error.backtrace.find { |line| !line.include?('.rb') } || error.backtrace.first})" }
end
puts JSON.generate(answers)
