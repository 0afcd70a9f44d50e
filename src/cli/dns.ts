/** mailc dns: the records to publish, and whether they are. */
import { domainToASCII } from 'node:url';
import { type Command, Option } from 'commander';
import type { PublicKeys } from '../../renderers/dns/records.ts';
import type { Compiled } from '../compile.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import type { AddCommand } from './main.ts';
import { resolverOption } from './resolver-option.ts';

interface Options {
  readonly format: 'zone' | 'json';
  readonly file: string;
  readonly root?: string;
  readonly host?: string;
  readonly check?: true;
  readonly resolver?: string;
}

export const dnsCommand: AddCommand = (program: Command, io: Io, done) => {
  program
    .command('dns')
    .description('print the DNS records to publish, or see whether live DNS has them')
    .argument('[domain]', 'only this domain')
    .addOption(new Option('--format <format>', 'how to print').choices(['zone', 'json']).default('zone'))
    .option('--file <file>', 'the source', 'mail.yaml')
    .option('--root <folder>', "a host's root folder: its DKIM keys are read there")
    .option('--host <name>', 'the host of mail.yaml that --root belongs to')
    .option('--check', 'compare with live DNS, a line each; exit 2 when it differs')
    .addOption(resolverOption())
    .action(async (domain: string | undefined, options: Options) => done(await dns(io, domain, options)));
};

async function dns(io: Io, only: string | undefined, options: Options): Promise<ExitCode> {
  const { compileSource } = await import('./compile-source.ts');
  const compiled = await compileSource(io, options.file);
  if (compiled === null) return exitCodes.invalid;
  const { system } = compiled;
  const wanted = only === undefined ? null : domainToASCII(only);
  if (wanted !== null && !system.domains.some((domain) => domain.name === wanted)) {
    const { suggest } = await import('../diagnostics/suggest.ts');
    const near = suggest(
      wanted,
      system.domains.map((domain) => domain.name),
    );
    io.stderr(
      `error: mail.yaml has no domain ${JSON.stringify(only)}${near === null ? '' : `: did you mean ${near}?`}\n`,
    );
    return exitCodes.usage;
  }
  const publicKeys = await readPublicKeys(io, options, compiled);
  const { allDnsRecords } = await import('../../renderers/dns/records.ts');
  const domains = allDnsRecords(system, publicKeys).filter(
    ({ domain }) => wanted === null || domain === wanted,
  );
  if (options.check) {
    const { checkDns } = await import('./check-dns.ts');
    for (const note of domains.flatMap(({ notes }) => notes)) io.stderr(`${note}\n`);
    const format = options.format === 'json' ? 'json' : 'text';
    return checkDns(io, domains, { resolver: options.resolver ?? null, format });
  }
  if (options.format === 'json') {
    const records = domains.flatMap((one) =>
      one.records.map(({ source: _, ...record }) => ({ domain: one.domain, ...record })),
    );
    io.stdout(`${JSON.stringify({ formatVersion: 1, records }, null, 2)}\n`);
    return exitCodes.done;
  }
  const { printZone } = await import('../../renderers/dns/index.ts');
  const { printContent } = await import('../render/secret-marker.ts');
  io.stdout(domains.map((one) => printContent(printZone(one))).join('\n'));
  return exitCodes.done;
}

async function readPublicKeys(io: Io, options: Options, compiled: Compiled): Promise<PublicKeys> {
  if (options.root === undefined) return new Map();
  const { openHostTargets } = await import('./open-targets.ts');
  const { dkimPublicKeys } = await import('../targets/host/dkim-public-keys.ts');
  const { root, host } = options;
  const targets = await openHostTargets(io, host === undefined ? { root } : { root, host }, compiled);
  return dkimPublicKeys(compiled.system, targets.hosts);
}
