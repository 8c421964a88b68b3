/** The command line: one verb a file. */

import { Command, CommanderError } from 'commander';
import { DEFAULT_CONFIG_FILE } from '../config/load.ts';
import { apiVerb } from './api.ts';
import { applyVerb } from './apply.ts';
import { auditVerb } from './audit.ts';
import { bootsVerb } from './boots.ts';
import { captureVerb } from './capture.ts';
import { certificateVerb } from './certificate.ts';
import { checkVerb } from './check.ts';
import { decodeVerb } from './decode.ts';
import { demoVerb } from './demo.ts';
import { dhcpConfigVerb } from './dhcp-config.ts';
import { doctorVerb } from './doctor.ts';
import { exportVerb } from './export.ts';
import { firmwareVerb } from './firmware.ts';
import { hostVerb } from './host.ts';
import { importVerb } from './import.ts';
import { neighboursVerb } from './neighbours.ts';
import { EXIT, printError } from './output.ts';
import { rehearseVerb } from './rehearse.ts';
import { replayVerb } from './replay.ts';
import { schemaVerb } from './schema.ts';
import { serveVerb } from './serve.ts';
import { subnetVerb } from './subnet.ts';
import { templateVerb } from './template.ts';
import { tokenVerb } from './token.ts';
import { userVerb } from './user.ts';
import { whyVerb } from './why.ts';

const AFTER = `
Exit status:
  0  done
  1  it failed while running
  2  the request, the configuration or the site file was refused; nothing was changed

Environment:
  CHAINBOOT_CONFIG  configuration file, unless --config is given
  NO_COLOR          no colours on the terminal`;

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
  for (const verb of [
    serveVerb,
    checkVerb,
    applyVerb,
    exportVerb,
    schemaVerb,
    importVerb,
    hostVerb,
    subnetVerb,
    templateVerb,
    bootsVerb,
    whyVerb,
    rehearseVerb,
    decodeVerb,
    replayVerb,
    captureVerb,
    neighboursVerb,
    doctorVerb,
    auditVerb,
    apiVerb,
    userVerb,
    tokenVerb,
    dhcpConfigVerb,
    certificateVerb,
    firmwareVerb,
    demoVerb,
  ])
    verb(program);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    // commander has said what was wrong with the words of the command line.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.refused;
    else process.exitCode = printError(error);
  }
}
