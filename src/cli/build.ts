/** mailc build: the images of the services, from the folder that comes with mailc. */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import type { BuiltService } from '../targets/docker-build.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Io } from './io.ts';
import type { AddCommand } from './main.ts';

interface Options {
  readonly base: string;
  readonly fresh?: true;
}

export const buildCommand: AddCommand = (program: Command, io: Io, done) => {
  program
    .command('build')
    .description('build the service images, those that have changed')
    .argument('[service...]', 'amavis, clamav, dovecot, opendkim or postfix (default: all)')
    .option('--base <image>', 'the Debian 13 image that they stand on', 'debian:trixie-slim')
    .option('--fresh', 'build all anew, with the security updates of the day')
    .action(async (services: readonly string[], options: Options) =>
      done(await build(io, services, options)),
    );
};

async function build(io: Io, names: readonly string[], options: Options): Promise<ExitCode> {
  const { buildImages, builtServices } = await import('../targets/docker-build.ts');
  const unknown = names.find((name) => !builtServices.some((service) => service === name));
  if (unknown !== undefined) {
    io.stderr(`error: there is no image "${unknown}"; there are ${builtServices.join(', ')}\n`);
    return exitCodes.usage;
  }
  const folder = imagesFolder();
  if (folder === null) {
    io.stderr('error: the folder "images" is not beside this mailc; install mailc as a whole package\n');
    return exitCodes.usage;
  }
  const services = names.length === 0 ? builtServices : (names as readonly BuiltService[]);
  const results = await buildImages({
    folder,
    services,
    base: options.base,
    fresh: options.fresh === true,
    signal: io.interrupted(),
    started: (image) => {
      if (io.stderrIsTerminal) io.stderr(`building ${image}\n`);
    },
    failed: io.stderr,
  }).catch((cause: unknown) => {
    if (io.interrupted().aborted) return null;
    throw cause;
  });
  if (results === null) return exitCodes.interrupted;
  for (const { image, built } of results) io.stdout(`${image}: ${built ? 'built' : 'up to date'}\n`);
  return exitCodes.done;
}

/** The package holds dist/mailc.cjs and images/ side by side. */
function imagesFolder(): string | null {
  const program = process.argv[1];
  if (program === undefined) return null;
  const folder = join(dirname(realpathSync(program)), '../images');
  return existsSync(join(folder, 'postfix/Dockerfile')) ? folder : null;
}
