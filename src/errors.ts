/**
 * The error catalogue. Every error a user can meet has a code, a sentence and a hint, and the API, the CLI,
 * the log and an iPXE console say the same words. Tests assert codes, never sentences.
 */

/** `{name}` in a sentence or hint is filled from the values the error carries. */
type Entry = { readonly status: number; readonly sentence: string; readonly hint: string };

export const CATALOGUE = {
  // configuration and site files
  CONFIG_UNREADABLE: {
    status: 500,
    sentence: 'the file {file} cannot be read: {reason}',
    hint: 'check its path and permissions',
  },
  CONFIG_INVALID: {
    status: 422,
    sentence: '{file} has {count} problem(s)',
    hint: 'every problem is listed with file:line:col; nothing was changed',
  },
  SITE_INVALID: {
    status: 422,
    sentence: '{file} was refused as a whole: {count} problem(s)',
    hint: 'every problem is listed with file:line:col; the running state is untouched',
  },
  SITE_FILES_MISSING: {
    status: 422,
    sentence: 'there is no *.yaml or *.yml file below {directory}',
    hint: 'name the site file itself; names that begin with a dot are not looked at',
  },
  SITE_MOVED_ON: {
    status: 409,
    sentence: 'what would be deleted is not what was shown any more: somebody else changed the inventory',
    hint: 'run it again and look at what it shows',
  },
  NOT_FOUND: {
    status: 404,
    sentence: 'there is no {kind} named "{name}"',
    hint: 'list them with: chainboot {kind} list',
  },
  BOOT_UNKNOWN: {
    status: 404,
    sentence: 'no boot "{id}" is in the trace',
    hint: 'list the boots with: chainboot boots',
  },
  REHEARSAL_UNKNOWN: {
    status: 403,
    sentence: 'the request says that it belongs to a rehearsal, and there is no such rehearsal now',
    hint: 'rehearsals are begun with: chainboot rehearse HOST',
  },
  REHEARSAL_REFUSED: {
    status: 422,
    sentence: 'it cannot be rehearsed: {reason}',
    hint: 'see: chainboot rehearse --help',
  },
  SERVER_UNREACHABLE: {
    status: 503,
    sentence: 'the running server cannot be asked at {socket}: {reason}',
    hint: 'run this as the user of the service, or as root; chainboot serve must be running',
  },
  REHEARSAL_BUSY: {
    status: 429,
    sentence: 'as many rehearsals are running as may at once',
    hint: 'wait until they are done',
  },
  CAPTURE_UNREADABLE: {
    status: 422,
    sentence: 'the capture {file} cannot be read: {reason}',
    hint: 'pcap and pcapng are read, as tcpdump -w, dumpcap and Wireshark write them',
  },
  CAPTURE_DAMAGED: {
    status: 422,
    sentence: '{file} is damaged behind frame {frames}: {reason}',
    hint: 'what is before that place was shown; was it copied while it was still being written?',
  },
  CAPTURE_BUSY: {
    status: 429,
    sentence: 'as many machines are being recorded as may be at once',
    hint: 'wait until one of them is done',
  },
  CAPTURE_IMPOSSIBLE: {
    status: 503,
    sentence: 'nothing can be recorded: {reason}',
    hint: 'start the server (chainboot serve), or run this as root to record on the links themselves',
  },
  DHCP_SERVER_UNREACHABLE: {
    status: 502,
    sentence: 'the DHCP server {server} cannot be asked: {reason}',
    hint: 'chainboot check tells what it needs; it is asked again by itself, and what it has then counts',
  },
  DHCP_SERVER_REFUSED: {
    status: 502,
    sentence: 'the DHCP server {server} refuses {what}: {reason}',
    hint: 'these are its own words; what was not done is planned again: chainboot dhcp-server plan {server}',
  },
  USAGE: { status: 400, sentence: '{reason}', hint: 'see: chainboot --help' },
  // API
  UNAUTHENTICATED: {
    status: 401,
    sentence: 'Unable to authenticate user {login}',
    hint: 'send login and password, or a personal access token in place of the password',
  },
  FORBIDDEN: {
    status: 403,
    sentence: 'Access denied: {login} has not the role {role}',
    hint: 'an administrator gives roles: chainboot user role',
  },
  CSRF_MISSING: {
    status: 403,
    sentence: 'a change by a browser session needs the header {header}',
    hint: 'its value came with the session, from POST /api/sessions',
  },
  PASSWORD_UNUSABLE: {
    status: 422,
    sentence: 'the password cannot be used: {reason}',
    hint: 'give one at the prompt, or in a file with --password-file FILE',
  },
  TLS_NEEDED: {
    status: 403,
    sentence: 'the API is answered over HTTPS only',
    hint: 'use https://; api.plain_http in the configuration allows http, which shows passwords to the network',
  },
  RATE_LIMITED: {
    status: 429,
    sentence: 'too many failed attempts: try again in {retry_after} s',
    hint: 'nothing is wrong with the server; wait, and look for what goes on trying a wrong password',
  },
  RECORD_NOT_FOUND: {
    status: 404,
    sentence: "Resource {kind} not found by id '{key}'",
    hint: 'records are found by number, by name or by title; list them to see what there is',
  },
  RECORD_INVALID: {
    status: 422,
    sentence: 'the change was refused as a whole: {count} problem(s)',
    hint: 'each is listed with its field; nothing was changed',
  },
  RECORD_SHIPPED: {
    status: 422,
    sentence: 'the {kind} "{name}" comes with Chainboot and cannot be deleted',
    hint: 'leave it unused, or make one of the same name, which takes its place',
  },
  BOOT_FILES_NONE: {
    status: 422,
    sentence: 'installers of {os} are not a kernel and an initrd that can be named (family {family})',
    hint: 'the family of the operating system decides on that',
  },
  SEARCH_INVALID: {
    status: 400,
    sentence: 'the search "{search}" is wrong at character {at}: {reason}',
    hint: 'docs/search.md has the language and the fields of every resource',
  },
  ORDER_INVALID: {
    status: 400,
    sentence: 'the order "{order}" is wrong: {reason}',
    hint: 'name fields of the resource, each with ASC or DESC after it, such as name DESC, id',
  },
  API_UNREACHABLE: {
    status: 502,
    sentence: 'no API answers at {url}: {reason}',
    hint: 'is the server running, and the API enabled (chainboot check)? Another root certificate is given with --ca FILE',
  },
  PROXY_UNREACHABLE: {
    status: 502,
    sentence: 'the smart proxy at {url} cannot be asked: {reason}',
    hint: 'try it with: curl {url}/v2/features',
  },
  PROXY_DISTRUSTED: {
    status: 502,
    sentence: 'the smart proxy at {url} and this server do not trust each other: {reason}',
    hint: 'its certificate must be signed by smart_proxies_client.ca, ours by its own authority, and our name be in its trusted_hosts',
  },
  PROXY_ORDER_REFUSED: {
    status: 502,
    sentence: 'the smart proxy {proxy} answers {what} with {status}: {reason}',
    hint: 'look into the log of the smart proxy; it is tried again by itself',
  },
  PROXY_FILE_AWAITED: {
    status: 503,
    sentence:
      'the smart proxy {proxy} has not fetched {file} from {url} yet: {has} of {size} bytes are there',
    hint: 'it is told so and looked at again by itself; if it stays so, look into the log of the smart proxy: does it reach the URL?',
  },
  PROXY_RESERVATION_TAKEN: {
    status: 409,
    sentence: 'the smart proxy {proxy} has another reservation, {other}, so {mac} cannot have {ip}',
    hint: 'delete it there, or change the address or the MAC of one of the two; it is tried again by itself',
  },
  CONFIG_NOT_REBUILT: {
    status: 422,
    sentence: 'what the smart proxies should have did not arrive ({count} errors)',
    hint: 'it is tried again by itself; chainboot proxies shows how far it is',
  },
  PROXY_FEATURE_MISSING: {
    status: 422,
    sentence: 'the smart proxy {proxy} does not offer {feature}, which the subnet {subnet} names it for',
    hint: 'enable it there, or name another smart proxy in the subnet',
  },
  PROXY_CLIENT_UNTRUSTED: {
    status: 403,
    sentence: 'the client {client} may not drive this smart proxy: {reason}',
    hint: 'it needs a certificate signed by smart_proxy.ca, and its name belongs into smart_proxy.trusted_hosts',
  },
  PROXY_TLS_NEEDED: {
    status: 403,
    sentence: '{path} is answered over HTTPS only',
    hint: 'ask on smart_proxy.port with a client certificate, or set smart_proxy.plain_http',
  },
  PROXY_PARAMETER_INVALID: {
    status: 400,
    sentence: 'the parameter {parameter} is wrong: {reason}',
    hint: 'see docs/smart-proxy.md for the parameters of each request',
  },
  PXE_MAC_INVALID: {
    status: 403,
    sentence: 'Invalid MAC address: {mac}',
    hint: 'write it as 52:54:00:12:34:56',
  },
  PXE_VARIANT_UNKNOWN: {
    status: 403,
    sentence: 'Unrecognized pxeboot config type: {variant}',
    hint: 'one of: {known}',
  },
  PXE_CONFIG_MISSING: {
    status: 404,
    sentence: 'no {variant} configuration was sent here for {mac}',
    hint: 'it is sent when the host enters or leaves build mode in Foreman',
  },
  DHCP_SUBNET_UNKNOWN: {
    status: 404,
    sentence: 'Subnet {network} not found',
    hint: 'declare a subnet of that network here: chainboot subnet',
  },
  DHCP_RECORD_UNKNOWN: {
    status: 404,
    sentence: 'Record {network}/{record} not found',
    hint: 'list the records with: GET /dhcp/{network}',
  },
  DHCP_RECORD_COLLISION: {
    status: 409,
    sentence: 'Record {network}/{ip} already exists: {mac} has {taken}',
    hint: 'delete that record first, or choose another address',
  },
  DHCP_RECORD_DECLARED: {
    status: 403,
    sentence: 'the reservation of {mac} belongs to the host {host} of this server itself',
    hint: 'delete the host here instead: chainboot host delete {host}',
  },
  DHCP_RANGE_FULL: {
    status: 400,
    sentence: 'no address is free between {from} and {to}',
    hint: 'widen the range, or delete reservations nobody needs',
  },
  // a proxy of ours, and the server behind it
  UPSTREAM_NOT_SET: {
    status: 422,
    sentence: 'it is not said which server this proxy is for',
    hint: 'chainboot proxy --upstream https://server.example.com:8444, or upstream.url in the configuration',
  },
  UPSTREAM_IS_SET: {
    status: 422,
    sentence: 'this is the configuration of a proxy (upstream.url is {url})',
    hint: 'start it with chainboot proxy; a server of its own has no upstream',
  },
  UPSTREAM_UNREACHABLE: {
    status: 503,
    sentence: 'the server {url} cannot be asked: {reason}',
    hint: 'look whether it runs, whether its port proxies.port is open to this machine, and at upstream.ca',
  },
  UPSTREAM_REFUSED: {
    status: 502,
    sentence: 'the server {url} refuses {what}: {reason}',
    hint: 'look at the certificate of this proxy (upstream.certificate), and whether its name is one of the smart_proxies there',
  },
  UPSTREAM_FILE_UNREACHABLE: {
    status: 503,
    sentence: 'the file {name} cannot be fetched for the machine: {reason}',
    hint: 'look whether the server or mirror that has it runs; machines get what is in the cache meanwhile',
  },
  PROXY_UNTRUSTED: {
    status: 403,
    sentence: 'the proxy {client} is refused: {reason}',
    hint: 'it needs a certificate that proxies.ca has signed: chainboot certificate proxy NAME makes one',
  },
  PROXY_UNREGISTERED: {
    status: 403,
    sentence: 'no proxy of the name "{name}" is declared',
    hint: 'declare it in smart_proxies under the name (CN) in its certificate, and name it in its subnets',
  },
  PROXY_OF_OTHERS: {
    status: 403,
    sentence: 'the host {host} is on no subnet of the proxy {proxy}',
    hint: 'name the proxy in the subnet of the host (tftp_proxy, httpboot_proxy or template_proxy)',
  },
  PROXY_NEWER_BUILD: {
    status: 409,
    sentence: 'the report for {host} is of an installation that was begun before the present one',
    hint: 'nothing is to be done: the host goes on with its newer installation',
  },
  PROXY_NO_REHEARSALS: {
    status: 422,
    sentence: 'a proxy has no templates of its own to rehearse with',
    hint: 'rehearse on the server: chainboot rehearse HOST',
  },
  CACHE_TOO_SMALL: {
    status: 507,
    sentence: 'the file {name} ({size} MiB) does not fit into the cache ({most} MiB)',
    hint: 'raise upstream.cache_mib',
  },
  CACHE_UNWRITABLE: {
    status: 507,
    sentence: 'the file {name} cannot be kept in the cache: {reason}',
    hint: 'make room on the disk of upstream.cache, or set a smaller upstream.cache_mib',
  },
  CACHE_DIGEST_WRONG: {
    status: 502,
    sentence: 'the file {name} did not arrive as it was sent: its SHA-256 is {found} and not {wanted}',
    hint: 'it was thrown away and is fetched anew; look at the memory and disk of this machine if it happens again',
  },
  TEMPLATES_UNREACHABLE: {
    status: 502,
    sentence: 'the Foreman at {url} cannot be asked for {path}: {reason}',
    hint: 'check smart_proxy.foreman_url, and that this machine reaches it',
  },
  TEMPLATES_REFUSED: {
    status: 502,
    sentence: 'the Foreman at {url} answers {path} with {status}: {reason}',
    hint: 'look the machine up in Foreman: is it in build mode, and are its templates there?',
  },
  DOWNLOAD_REFUSED: {
    status: 502,
    sentence: 'the file {url} cannot be had: {reason}',
    hint: 'try it with: curl -v {url}',
  },
  POWER_UNSUPPORTED: {
    status: 501,
    sentence: 'the power of {host} cannot be switched from here',
    hint: 'switch it on by hand, or by its BMC: it boots as soon as it asks',
  },
  PARAMETER_INVALID: {
    status: 400,
    sentence: '{count} parameter(s) of the request cannot be used',
    hint: 'each is listed with what is expected; /docs describes all of them',
  },
  BODY_MALFORMED: {
    status: 400,
    sentence: 'the body of the request cannot be read: {reason}',
    hint: 'send one JSON object, with Content-Type: application/json',
  },
  BODY_TOO_DEEP: {
    status: 400,
    sentence: 'the body of the request nests deeper than {limit} levels',
    hint: 'no record needs that; see /docs for what they look like',
  },
  BODY_TOO_LARGE: {
    status: 413,
    sentence: 'the body of the request is too long',
    hint: 'api.body_limit_kib in the configuration is the longest that is read',
  },
  MEDIA_TYPE_UNSUPPORTED: {
    status: 415,
    sentence:
      "'Content-Type: {type}' is unsupported in API v2 for POST and PUT requests; please use 'Content-Type: application/json'",
    hint: 'say so with curl: -H "Content-Type: application/json"',
  },
  ROUTE_UNKNOWN: {
    status: 404,
    sentence: 'there is no {method} {path} in this API',
    hint: 'see /docs for what there is',
  },
  FOREMAN_UNREACHABLE: {
    status: 502,
    sentence: 'no Foreman answers at {url}: {reason}',
    hint: 'try it with: curl {url}/api/status; a root certificate of its own is given with --ca FILE',
  },
  FOREMAN_REFUSED: {
    status: 502,
    sentence: 'Foreman at {url} answers {path} with {status}: {reason}',
    hint: 'the user needs permission to view what is to be imported; an administrator or the role Viewer has it',
  },
  // store
  STORE_UNAVAILABLE: {
    status: 503,
    sentence: 'the database {file} cannot be opened: {reason}',
    hint: 'check that its directory exists, is writable and not full',
  },
  STORE_CORRUPT: {
    status: 500,
    sentence: 'the {kind} record {id} in the database is damaged: {reason}',
    hint: 'restore the database from a backup, or delete and declare the record again',
  },
  LEASES_UNWRITABLE: {
    status: 503,
    sentence: 'leases cannot be written to {file}: {reason}',
    hint: 'no address is acknowledged until they can be; free space on that file system or mend its permissions',
  },
  LEASES_UNREADABLE: {
    status: 500,
    sentence: 'the lease journal {file} cannot be used: {reason}',
    hint: 'check that the path in the configuration is the right one; move the file away to begin a new journal',
  },
  // links and servers
  LINK_MISSING: {
    status: 500,
    sentence: 'there is no network interface named {link}',
    hint: 'list the interfaces with: ip -brief link',
  },
  LINK_NO_ADDRESS: {
    status: 500,
    sentence: 'the interface {link} has no IPv4 address',
    hint: 'give it one and plug it in: an interface without carrier counts as having none; see: ip -brief address',
  },
  ADDRESS_MISSING: {
    status: 500,
    sentence: '{address} is not an address of this machine, so {what} port {port} cannot be opened on it',
    hint: 'list the addresses with: ip -brief address',
  },
  PORT_DENIED: {
    status: 500,
    sentence: 'not allowed to open {what} port {port}',
    hint: 'run as root, or with the capabilities CAP_NET_BIND_SERVICE and CAP_NET_RAW',
  },
  PORT_TAKEN: {
    status: 500,
    sentence: '{what} port {port} on {address} is in use by another program',
    hint: 'see which one with: ss -lnp sport = :{port}; or name another port (for the API, too, that is https.port)',
  },
  PORT_UNUSABLE: {
    status: 500,
    sentence: '{what} port {port} on {address} cannot be opened: {reason}',
    hint: 'see the state of the interface with: ip -brief address',
  },
  LINKS_ALIKE: {
    status: 500,
    sentence:
      'port {port} cannot be opened on {link} beside {other}: without koffi their broadcasts look alike',
    hint: 'install koffi (npm install koffi), or serve one link only',
  },
  FRAMES_DENIED: {
    status: 500,
    sentence: 'clients on {link} that have no address yet are answered by broadcast: {reason}',
    hint: 'for layer-2 unicast run as root, or with the capability CAP_NET_RAW',
  },
  // unattended
  HOST_UNKNOWN: {
    status: 404,
    sentence: 'no host is known for this request ({evidence})',
    hint: 'declare a host with this MAC address in the site file and apply it',
  },
  HOST_MAC_CONFLICT: {
    status: 403,
    sentence: 'the request from {address} says it is {mac}, but that address was leased to {leased}',
    hint: 'a machine can only ask for its own files; if a NIC was changed, update the host and boot again',
  },
  TOKEN_UNKNOWN: {
    status: 404,
    sentence: 'the build token of this request belongs to no host',
    hint: 'put the host into build mode again: chainboot host build NAME',
  },
  TOKEN_EXPIRED: {
    status: 401,
    sentence: 'the build token of {host} expired at {expired}',
    hint: 'put the host into build mode again: chainboot host build {host}',
  },
  HOST_NOT_IN_BUILD: {
    status: 405,
    sentence: '{host} is not in build mode, so it gets no {kind} file',
    hint: 'put it into build mode: chainboot host build {host}',
  },
  HOST_UNBOOTABLE: {
    status: 422,
    sentence: '{host} cannot enter build mode: {count} thing(s) are missing or wrong',
    hint: 'everything that is missing is listed; mend it, or go on in spite of it with --force',
  },
  HOST_NO_OS: {
    status: 409,
    sentence: '{host} has no operating system',
    hint: 'set operatingsystem for the host in the site file and apply it',
  },
  SUBNET_FULL: {
    status: 422,
    sentence: 'the subnet {subnet} has no free address for {host}',
    hint: 'give the host an address, or make the range of the subnet (from, to) larger',
  },
  NOT_HELD: {
    status: 409,
    sentence: '{name} is not held',
    hint: 'see what is held with: chainboot host held',
  },
  TEMPLATE_MISSING: {
    status: 404,
    sentence: 'there is no {kind} template for {host} running {os}',
    hint: 'list a template of this kind under provisioning_templates of the operating system',
  },
  TEMPLATE_FAILED: {
    status: 500,
    sentence: 'the template {template} did not render: {reason}',
    hint: 'look at it with: chainboot template lint "{template}" --host {host}',
  },
  TEMPLATES_KEPT: {
    status: 409,
    sentence: 'nothing was deleted: {count} problem(s)',
    hint: 'every problem is listed',
  },
  KIND_UNKNOWN: {
    status: 404,
    sentence: 'there is no template kind "{kind}"',
    hint: 'the kinds are PXELinux, PXEGrub2, iPXE, provision, finish, user_data and the others of Foreman',
  },
  BOOT_RATE_LIMITED: {
    status: 429,
    sentence:
      '{address} asks for more scripts and answer files than one address may, for {retry_after} s more',
    hint: 'iPXE asks again by itself; for many machines behind one address raise http.boot_burst and http.boot_rate',
  },
  METRICS_DENIED: {
    status: 403,
    sentence: '{address} is in none of the networks that may read /metrics',
    hint: 'add its network to metrics.allow in the configuration',
  },
  // moving in
  IMPORT_UNREADABLE: {
    status: 422,
    sentence: '{place} is not {source} configuration: {reason}',
    hint: 'let the server that it was written for check the file, and give the file it reads first',
  },
  IMPORT_REFUSED: {
    status: 422,
    sentence: '{count} thing(s) of {file} cannot be moved in, so nothing was changed',
    hint: 'each is listed; mend them where they came from, or import the rest with --partial',
  },
  IMPORT_EXISTS: {
    status: 409,
    sentence: '{count} record(s) of {file} are here already and say otherwise; nothing was changed',
    hint: 'each is listed; --update changes them to what is imported',
  },
  // files
  FILE_NOT_FOUND: {
    status: 404,
    sentence: 'there is no file {name}',
    hint: 'loaders come from the directories in loaders.directories, boot files from the media',
  },
  BOOT_FILE_ELSEWHERE: {
    status: 404,
    sentence:
      '{name} belongs to the medium {medium}, which is on a web server, and only media in directories are served by this name',
    hint: 'use a loader that speaks HTTP, iPXE for one, or keep the medium in a directory',
  },
  FIRMWARE_NAME: {
    status: 422,
    sentence: '{name} is no name for a loader',
    hint: 'use letters, digits and ._+-, with one directory at most, as in grub2/grubx64.efi; give it with --name',
  },
  FIRMWARE_EXISTS: {
    status: 409,
    sentence: 'there is another loader named {name}',
    hint: 'choose another name with --name, or replace it with --force',
  },
  FIRMWARE_UNREACHABLE: {
    status: 502,
    sentence: '{url} cannot be fetched: {reason}',
    hint: 'nothing was changed; look at the URL, then try again',
  },
  FIRMWARE_TOO_LARGE: {
    status: 422,
    sentence: '{url} has more than {limit} bytes',
    hint: 'that is no boot loader; nothing was kept',
  },
  FIRMWARE_MISMATCH: {
    status: 422,
    sentence: '{url} has the SHA-256 {found}, not {wanted}',
    hint: 'nothing was kept; get the checksum from whom you trust, and do not use a file that has another',
  },
  FILE_FORBIDDEN: {
    status: 403,
    sentence: 'the name {name} is outside of what is served',
    hint: 'names are relative, without .., drive letters or back-slashes',
  },
  FILE_UNREADABLE: {
    status: 403,
    sentence: 'the file {name} cannot be read: {reason}',
    hint: 'check its permissions for the user Chainboot runs as',
  },
  FILE_UNWRITABLE: {
    status: 500,
    sentence: 'the file {name} cannot be written: {reason}',
    hint: 'check that its directory exists, is writable and not full',
  },
  FILE_CHANGED: {
    status: 503,
    sentence: 'the file {name} was changed while it was being sent',
    hint: 'ask again; replace served files by renaming a complete one over them',
  },
  METHOD_NOT_ALLOWED: { status: 405, sentence: '{method} is not possible on {path}', hint: 'use {allowed}' },
  RANGE_NOT_SATISFIABLE: {
    status: 416,
    sentence: 'the range {range} lies outside of {name} ({size} bytes)',
    hint: 'ask for bytes below the size',
  },
  REQUEST_TOO_LARGE: { status: 413, sentence: 'the request is larger than {limit} bytes', hint: 'send less' },
  REQUEST_MALFORMED: {
    status: 400,
    sentence: 'the request cannot be understood: {reason}',
    hint: 'ask with plain HTTP/1.1 and a percent-encoded path without ..',
  },
  // HTTPS
  TLS_UNTRUSTED: {
    status: 495,
    sentence: 'the machine at {address} refuses the certificate of this server ({reason})',
    hint: 'give it the root certificate (chainboot certificate ca): firmware by its setup, iPXE by building it in (TRUST=)',
  },
  TLS_NOTHING_IN_COMMON: {
    status: 400,
    sentence: 'the machine at {address} has no TLS version or cipher in common with this server ({reason})',
    hint: 'it needs TLS 1.2 with RSA at least; let it boot over plain HTTP',
  },
  TLS_PLAIN_HTTP: {
    status: 400,
    sentence: 'the machine at {address} speaks plain HTTP on the HTTPS port',
    hint: 'ask with https://, or at the port of http.port',
  },
  TLS_SILENT: {
    status: 408,
    sentence: 'the machine at {address} connected to the HTTPS port and did not finish its handshake in time',
    hint: 'harmless from a scanner; from a machine that boots, look at its console and at the network between',
  },
  TLS_BROKEN_OFF: {
    status: 400,
    sentence: 'the machine at {address} broke its TLS handshake off without a word',
    hint: 'firmware does that when it does not trust the certificate or when its clock is wrong: see docs/https.md',
  },
  TLS_LEFT: {
    status: 400,
    sentence: 'the machine at {address} made a TLS connection and left without asking for anything',
    hint: 'the name or address in its URL may not be in the certificate: see chainboot certificate show',
  },
  TLS_MALFORMED: {
    status: 400,
    sentence: 'what the machine at {address} sent to the HTTPS port is no TLS ({reason})',
    hint: 'ask with https://',
  },
  HTTPS_OFF: {
    status: 404,
    sentence: 'HTTPS is not enabled',
    hint: 'enable it in the configuration: https.enabled',
  },
  CERTIFICATE_GIVEN: {
    status: 409,
    sentence: 'the certificate is given by https.certificate, so none is made',
    hint: 'renew it where it came from and reload the daemon, or take https.certificate out of the configuration',
  },
  CERTIFICATE_MISSING: {
    status: 404,
    sentence: 'no certificate was made yet',
    hint: 'make one with: chainboot certificate make (the daemon does it too, when HTTPS is enabled)',
  },
  CERTIFICATE_INCOMPLETE: {
    status: 409,
    sentence: 'the root is not known: the chain ends with {last}',
    hint: 'put the rest of the chain into the file of https.ca',
  },
  CERTIFICATE_UNUSABLE: {
    status: 500,
    sentence: 'the certificate {file} cannot be used: {reason}',
    hint: 'see everything that is wrong with it with: chainboot check',
  },
  // lab
  LAB_COMMAND: {
    status: 500,
    sentence: 'the command "{command}" failed: {reason}',
    hint: 'the lab needs root, the Debian packages iproute2 and qemu-system-x86, and network namespaces',
  },
  LAB_STUCK: {
    status: 500,
    sentence:
      'the boot did not get to "{milestone}" within {seconds} s; the last thing that worked was "{last}"',
    hint: 'the last lines of the server and of the machine are printed above',
  },
  LAB_ENDED: {
    status: 500,
    sentence: '{what} ended before the boot got to "{milestone}"; the last thing that worked was "{last}"',
    hint: 'the last lines of the server and of the machine are printed above',
  },
  // TFTP
  TFTP_MALFORMED: {
    status: 400,
    sentence: 'the TFTP request cannot be understood: {reason}',
    hint: 'ask with a read request of RFC 1350 in mode octet or netascii',
  },
  TFTP_READ_ONLY: {
    status: 403,
    sentence: '{name} cannot be written: files are only served, never accepted',
    hint: 'put loaders into one of loaders.directories instead',
  },
  TFTP_BUSY: {
    status: 503,
    sentence: '{count} transfers are running already, so {name} has to wait: try again',
    hint: 'machines ask again by themselves; tftp.max_clients is the limit, and what boots over HTTP does not count',
  },
  TFTP_CLIENT_BUSY: {
    status: 503,
    sentence: '{count} transfers to this address are running already, so {name} has to wait: try again',
    hint: 'many machines behind one address, as with NAT, need a larger tftp.max_per_client',
  },
  TFTP_NETASCII_TOO_LARGE: {
    status: 413,
    sentence: '{name} is too large for mode netascii, which is for text',
    hint: 'ask in mode octet (tftp: "mode binary"; atftp: "--option mode octet")',
  },
  LAB_INTERRUPTED: {
    status: 500,
    sentence: 'stopped by {signal}; the last thing that worked was "{last}"',
    hint: 'everything the lab had made is removed again',
  },
  INTERNAL: {
    status: 500,
    sentence: 'something went wrong inside Chainboot: {reason}',
    hint: 'this is a defect: please report it with the log lines around it',
  },
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof CATALOGUE;
export type ErrorValues = Readonly<Record<string, string | number | boolean | undefined>>;

export function fill(text: string, values: ErrorValues): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : String(value);
  });
}

/** An error of the catalogue. `problems` lists the single faults of a file, each with its place. */
export class ChainbootError extends Error {
  override readonly name = 'ChainbootError';
  readonly code: ErrorCode;
  readonly values: ErrorValues;
  readonly problems: readonly Problem[];
  constructor(code: ErrorCode, values: ErrorValues = {}, problems: readonly Problem[] = [], cause?: unknown) {
    super(fill(CATALOGUE[code].sentence, values), { cause });
    this.code = code;
    this.values = values;
    this.problems = problems;
  }

  get status(): number {
    return CATALOGUE[this.code].status;
  }

  get hint(): string {
    return fill(CATALOGUE[this.code].hint, this.values);
  }
}

/** One fault in a file the user wrote. Lines and columns count from 1. */
export type Problem = {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly path: string;
  readonly message: string;
  readonly suggestion?: string;
  /** Where the fault has one. */
  readonly code?: string;
};

export function formatProblem(problem: Problem): string {
  const place =
    problem.line === undefined ? problem.file : `${problem.file}:${problem.line}:${problem.column ?? 1}`;
  const where = problem.path === '' ? '' : `${problem.path}: `;
  const advice = problem.suggestion === undefined ? '' : ` (${problem.suggestion})`;
  return `${place}: ${where}${problem.message}${advice}`;
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
