/** The command line: one verb a file. */

import { Command, CommanderError } from 'commander';
import { DEFAULT_CONFIG_FILE } from '../config/load.ts';
import { EXIT, printError } from './output.ts';

const AFTER = `
Exit status:
  0  done
  1  it failed while running
  2  the request, the configuration or the site file was refused; nothing was changed

Environment:
  CHAINBOOT_CONFIG  configuration file, unless --config is given
  NO_COLOR          no colours on the terminal`;

type Verb = (program: Command) => void;

/** In the order of the help. Each is read from the disk when it is wanted: all of them take a second. */
const VERBS: Readonly<Record<string, () => Promise<Verb>>> = {
  serve: async () => (await import('./serve.ts')).serveVerb,
  'dhcp-server': async () => (await import('./dhcp-server.ts')).dhcpServerVerb,
  proxy: async () => (await import('./proxy.ts')).proxyVerb,
  proxies: async () => (await import('./proxies.ts')).proxiesVerb,
  check: async () => (await import('./check.ts')).checkVerb,
  apply: async () => (await import('./apply.ts')).applyVerb,
  export: async () => (await import('./export.ts')).exportVerb,
  schema: async () => (await import('./schema.ts')).schemaVerb,
  import: async () => (await import('./import.ts')).importVerb,
  host: async () => (await import('./host.ts')).hostVerb,
  subnet: async () => (await import('./subnet.ts')).subnetVerb,
  template: async () => (await import('./template.ts')).templateVerb,
  boots: async () => (await import('./boots.ts')).bootsVerb,
  boot: async () => (await import('./boots.ts')).bootsVerb,
  why: async () => (await import('./why.ts')).whyVerb,
  rehearse: async () => (await import('./rehearse.ts')).rehearseVerb,
  decode: async () => (await import('./decode.ts')).decodeVerb,
  replay: async () => (await import('./replay.ts')).replayVerb,
  capture: async () => (await import('./capture.ts')).captureVerb,
  neighbours: async () => (await import('./neighbours.ts')).neighboursVerb,
  doctor: async () => (await import('./doctor.ts')).doctorVerb,
  audit: async () => (await import('./audit.ts')).auditVerb,
  api: async () => (await import('./api.ts')).apiVerb,
  user: async () => (await import('./user.ts')).userVerb,
  token: async () => (await import('./token.ts')).tokenVerb,
  'dhcp-config': async () => (await import('./dhcp-config.ts')).dhcpConfigVerb,
  certificate: async () => (await import('./certificate.ts')).certificateVerb,
  firmware: async () => (await import('./firmware.ts')).firmwareVerb,
  demo: async () => (await import('./demo.ts')).demoVerb,
};

/** Runs one command line. Never rejects. */
export async function run(argv: readonly string[], version: string): Promise<void> {
  const program = new Command('chainboot')
    .description('PXE in, HTTP out: network boot that explains itself')
    .version(version)
    .option('-c, --config <file>', 'configuration file', process.env.CHAINBOOT_CONFIG ?? DEFAULT_CONFIG_FILE)
    .option('--json', 'machine-readable output')
    .addHelpText('after', AFTER)
    .showSuggestionAfterError()
    .exitOverride()
    .configureHelp({ showGlobalOptions: true });
  for (const verb of await wanted(argv.slice(2))) verb(program);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    // commander has said what was wrong with the words of the command line.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.refused;
    else process.exitCode = printError(error);
  }
}

/** The verb that is named, or all of them where none is: for the help, and for what comes near to the words. */
async function wanted(words: readonly string[]): Promise<ReadonlySet<Verb>> {
  const named = words.find((word, i) => !word.startsWith('-') && !TAKES_FILE.test(words[i - 1] ?? ''));
  const load = named !== undefined && Object.hasOwn(VERBS, named) ? VERBS[named] : undefined;
  const loads = load === undefined ? Object.values(VERBS) : [load];
  return new Set(await Promise.all(loads.map((each) => each())));
}

/** Of the options before a verb, the one with a word of its own. */
const TAKES_FILE = /^(-c|--config)$/;
