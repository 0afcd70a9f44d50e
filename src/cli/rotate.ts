/** mailc rotate: another value for secrets that nobody chose, planned and applied like everything else. */
import type { Command } from 'commander';
import type { Compiled } from '../compile.ts';
import { dkimKeys } from '../model/dkim-keys.ts';
import { secretHosts } from '../render/host-secrets.ts';
import { type ApplyOptions, addApplyOptions } from './apply.ts';
import type { CompiledSource } from './compile-source.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import type { AddCommand } from './main.ts';

interface Options extends ApplyOptions {
  readonly file: string;
}

export const rotateCommand: AddCommand = (program: Command, io: Io, done) => {
  addApplyOptions(
    program
      .command('rotate')
      .description('give secrets that mailc has made another value: shows the plan, asks, applies')
      .argument('<secrets...>', 'by name, as "mailc backup-list" has them: database.mail.password, srs.key')
      .option('--file <file>', 'the source', 'mail.yaml'),
  ).action(async (names: readonly string[], options: Options) => done(await rotate(io, names, options)));
};

async function rotate(io: Io, names: readonly string[], options: Options): Promise<ExitCode> {
  const { applySource } = await import('./apply-plan.ts');
  const { compileSource } = await import('./compile-source.ts');
  if (options.root === undefined) {
    io.stderr('error: secrets lie on a host: give --root FOLDER, / on the host itself\n');
    return exitCodes.usage;
  }
  const found: { refused: boolean; compiled: CompiledSource | null } = { refused: false, compiled: null };
  const code = await applySource(io, options.file, { ...options, rotate: new Set(names) }, null, async () => {
    const compiled = await compileSource(io, options.file);
    if (compiled === null) return null;
    const objections = names.flatMap((name) => objectionsTo(name, compiled, options));
    for (const objection of objections) io.stderr(objection);
    found.refused = objections.length > 0;
    found.compiled = compiled;
    return found.refused ? null : compiled;
  });
  if (found.refused) return exitCodes.usage;
  if (code === exitCodes.done && found.compiled !== null) tellOthers(io, names, found.compiled, options);
  return code;
}

/** Why this secret cannot be rotated, or not in this way; none where it can. */
function objectionsTo(name: string, { system }: Compiled, options: Options): readonly string[] {
  const secret = system.secrets.find((one) => one.name === name);
  if (secret === undefined) {
    const generated = system.secrets.filter(({ origin }) => origin.kind === 'generated');
    const rotatable = generated.filter((one) => !one.name.startsWith('dkim.'));
    return [
      `error: mail.yaml has no secret ${JSON.stringify(name)}\n`,
      `hint: it has ${rotatable.map((one) => one.name).join(', ')}\n`,
    ];
  }
  if (secret.origin.kind !== 'generated') {
    const where = secret.origin.kind === 'env' ? secret.origin.variable : secret.origin.path;
    return [`error: somebody has chosen ${name}: change it where it is kept (${where}), then mailc apply\n`];
  }
  if (secret.origin.form === 'dkim-rsa-2048') return [dkimStages(name, system)];
  const { passwordSecret, superuserPasswordSecret } = system.database;
  const isOfRole = name === passwordSecret || name === superuserPasswordSecret;
  // On the host itself, the database is reached in its container.
  return isOfRole && options.database === undefined && options.root !== '/'
    ? [`error: ${name} is the password of a role in the database too: give --database URL\n`]
    : [];
}

/** A DKIM key is changed by mail.yaml, because the world has to learn of the new one first. */
function dkimStages(secret: string, system: Compiled['system']): string {
  const domain = system.domains.find(({ dkim }) => dkimKeys(dkim).some((key) => key.secret === secret));
  const dkim = domain?.dkim ?? null;
  if (domain === undefined || dkim === null) throw new Error(`${secret} is of no domain`);
  const next = dkim.next?.selector ?? 'NEW';
  return [
    `error: ${secret} is a DKIM key, which changes in stages: DNS must have the new one before it signs.`,
    'Write under domains in mail.yaml, commit and apply, one after the other:',
    `  1. ${domain.name}: { dkim: { selector: ${dkim.selector}, next: ${next} } }`,
    `     makes the key ${next}, any name that was not used before; publish its record.`,
    `  2. ${domain.name}: { dkim: { selector: ${next}, previous: ${dkim.selector} } }`,
    '     signs with it, once "mailc plan" has found the record in DNS.',
    `  3. ${domain.name}: { dkim: { selector: ${next} } }`,
    '     retires the former key after a week; remove its record then.',
    '',
  ].join('\n');
}

/** Of the other hosts that have the secret too, and that this apply did not reach. */
function tellOthers(io: Io, names: readonly string[], compiled: Compiled, options: Options): void {
  const { hosts } = compiled.system;
  const [first] = hosts.filter(({ name }) => options.host === undefined || name === options.host);
  if (options.host === undefined || first === undefined) return;
  const shared = secretHosts(compiled);
  const others = new Set(
    names.flatMap((name) => shared.get(name) ?? []).filter((name) => name !== first.name),
  );
  for (const other of others) {
    io.stderr(
      `${other} has the former value still: mailc secrets export --host ${first.name} --for ${other} --root / | ` +
        `ssh ${other} mailc secrets import --host ${other} --replace --root /; then apply there\n`,
    );
  }
}
