import type { X509Certificate } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { certificateFaults, loadCertificate, presentChain, proxyCertificate } from '../app/https.ts';
import { nameOf } from '../certificate/chain.ts';
import { signatureList } from '../certificate/signature-list.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { ChainbootError, reasonOf } from '../errors.ts';
import { printJson, printLine, printTable, say } from './output.ts';
import { globals } from './verbs.ts';

export function certificateVerb(program: Command): void {
  const certificate = program
    .command('certificate')
    .description('the certificate of HTTPS, and the root that machines have to trust');
  showVerb(certificate);
  makeVerb(certificate);
  rootVerb(certificate);
  proxyVerb(certificate);
}

function showVerb(certificate: Command): void {
  certificate
    .command('show')
    .description(
      'what machines are shown, from the certificate of the server to its root, and what is wrong with it',
    )
    .action(async (_options, command: Command) => {
      const { config: file, json } = globals(command);
      const config = loadConfig(file);
      const { origin, chain, key } = await present(config);
      const faults = key === undefined ? [] : certificateFaults(config, { chain, key }, Date.now());
      if (json)
        return printJson({
          origin,
          complete: chain.complete,
          certificates: chain.certificates.map(told),
          faults,
        });
      printTable(['CERTIFICATE', 'FOR', 'UNTIL', 'SHA-256'], chain.certificates.map(row));
      for (const { level, message, hint } of faults) say(`${level}: ${message} (${hint})`);
    });
}

function makeVerb(certificate: Command): void {
  certificate
    .command('make')
    .description('make a root and a certificate for this server, as far as they are missing or too old')
    .option('--renew', 'make a new certificate for this server in any case; the root stays')
    .action(async ({ renew }: { readonly renew?: true }, command: Command) => {
      const { config: file, json } = globals(command);
      const config = loadConfig(file);
      if (config.https.certificate !== undefined) throw new ChainbootError('CERTIFICATE_GIVEN');
      const { chain, news } = await loadCertificate(config, Date.now(), renew);
      if (json) return printJson({ made: news, certificates: chain.certificates.map(told) });
      printTable(['CERTIFICATE', 'FOR', 'UNTIL', 'SHA-256'], chain.certificates.map(row));
      const made = news.length === 0 ? 'nothing had to be made' : `made: ${news.join(', ')}`;
      printLine(`${made}${news.length > 0 ? '; a running daemon takes it over on SIGHUP' : ''}`);
    });
}

const FORMATS = {
  pem: (root: X509Certificate) => Buffer.from(root.toString()),
  der: (root: X509Certificate) => root.raw,
  efi: (root: X509Certificate) => signatureList([root]),
};

function rootVerb(certificate: Command): void {
  const format = new Option(
    '--format <format>',
    'pem (for TRUST= of iPXE, curl), der (for the setup of firmware), efi (a signature list, for OVMF)',
  );
  certificate
    .command('ca')
    .description('the root certificate')
    .addOption(format.choices(Object.keys(FORMATS)).default('pem'))
    .option('-o, --output <file>', 'where to write it (default: standard output)')
    .action(async (options: RootOptions, command: Command) => {
      const { chain } = await present(loadConfig(globals(command).config));
      if (!chain.complete)
        throw new ChainbootError('CERTIFICATE_INCOMPLETE', { last: nameOf(chain.certificates.at(-1)!) });
      const bytes = FORMATS[options.format](chain.certificates.at(-1)!);
      if (options.output === undefined) process.stdout.write(bytes);
      else write(options.output, bytes);
    });
}

const AFTER_PROXY = `
Bring the files to the proxy, into proxy/ beside its database; NAME is that of the smart proxy in the inventory, which its
subnets name. The key is kept nowhere else.`;

function proxyVerb(certificate: Command): void {
  certificate
    .command('proxy')
    .argument('<name>', 'of the proxy')
    .description('the certificate of a proxy of this server (chainboot proxy), signed by our root')
    .requiredOption('-o, --output <directory>', 'where to write certificate.pem, key.pem and ca.pem')
    .addHelpText('after', AFTER_PROXY)
    .action(async (name: string, { output }: { readonly output: string }, command: Command) => {
      const { config: file, json } = globals(command);
      const made = await proxyCertificate(loadConfig(file), name.toLowerCase(), Date.now());
      const files = Object.entries(made).map(([what, pem]) => ({ path: join(output, `${what}.pem`), pem }));
      makeDirectory(output);
      for (const { path, pem } of files) write(path, Buffer.from(pem), 0o600);
      if (json) return printJson({ name, files: files.map(({ path }) => path) });
      for (const { path } of files) printLine(path);
    });
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new ChainbootError('FILE_UNWRITABLE', { name: directory, reason: reasonOf(error) });
  }
}

type RootOptions = { readonly format: keyof typeof FORMATS; readonly output?: string };

async function present(config: Config) {
  const found = await presentChain(config);
  if (found === undefined) throw new ChainbootError('CERTIFICATE_MISSING');
  return found;
}

function told(certificate: X509Certificate) {
  const { subject, issuer, subjectAltName, validFrom, validTo, fingerprint256 } = certificate;
  return {
    subject,
    issuer,
    names: namesOf(certificate, subjectAltName),
    from: new Date(validFrom).toISOString(),
    until: new Date(validTo).toISOString(),
    sha256: fingerprint256,
  };
}

function row(certificate: X509Certificate): readonly string[] {
  const { names, until, sha256 } = told(certificate);
  return [nameOf(certificate), names.join(' '), until.slice(0, 10), sha256];
}

function namesOf({ ca }: X509Certificate, names: string | undefined): readonly string[] {
  return ca ? [] : (names ?? '').split(', ').map((name) => name.replace(/^(DNS|IP Address):/, ''));
}

function write(file: string, bytes: Uint8Array, mode = 0o644): void {
  try {
    writeFileSync(file, bytes, { mode });
  } catch (error) {
    throw new ChainbootError('FILE_UNWRITABLE', { name: file, reason: reasonOf(error) });
  }
}
