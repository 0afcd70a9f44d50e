import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { imagesOf } from '../resolve/images.ts';
import { buildImages, builtImage, builtServices } from './docker-build.ts';

const folder = fileURLToPath(new URL('../../images', import.meta.url));

it('builds the images that a mail.yaml without `images` runs', () => {
  const { postgres, ...others } = imagesOf({ version: 1 });
  expect(postgres).toBe('postgres:17');
  expect(Object.fromEntries(builtServices.map((service) => [service, builtImage(service)]))).toEqual(others);
});

it('finds a folder for each of them, with a Dockerfile, an entrypoint, a healthcheck and a check', () => {
  for (const service of builtServices) {
    const files = readdirSync(`${folder}/${service}`);
    expect(files).toEqual(expect.arrayContaining(['Dockerfile', 'check', 'entrypoint', 'healthcheck']));
  }
});

it('needs neither BuildKit nor a registry but for the base', () => {
  for (const service of builtServices) {
    const text = readFileSync(`${folder}/${service}/Dockerfile`, 'utf8');
    expect(text).toMatch(/^ARG BASE=debian:trixie-slim\nFROM \$BASE$/m);
    expect(text.match(/^FROM /gm)).toHaveLength(1);
    expect(text).not.toMatch(/^# *syntax|--mount|<<|^ADD http/m);
  }
});

// What docs/decisions/0011 says, and why.
it.each([
  ['amavis', 'amavisd-new=1:2.13.*', 'Amavis 2.13'],
  ['amavis', 'spamassassin=4.0.*', 'SpamAssassin 4'],
  ['clamav', 'clamav-daemon=1.4.*', 'ClamAV 1.4'],
  ['clamav', 'clamav-freshclam=1.4.*', 'ClamAV 1.4'],
  ['clamav', 'clamav-milter=1.4.*', 'ClamAV 1.4'],
  ['dovecot', 'dovecot-core=1:2.4.*', 'Dovecot 2.4'],
  ['opendkim', 'opendkim=2.11.*', 'OpenDKIM 2.11'],
  ['postfix', 'postfix=3.10.*', 'Postfix 3.10'],
  ['postfix', 'postsrsd=1.*', 'postsrsd (1.10)'],
])('pins the image %s to %s, since its renderer is for %s', (service, pin, series) => {
  expect(readFileSync(`${folder}/${service}/Dockerfile`, 'utf8')).toContain(`'${pin}'`);
  expect(readFileSync(`${folder}/../renderers/${service}/README.md`, 'utf8')).toContain(series);
});

it('brings the packages of the base up to date, and fails where it cannot', () => {
  for (const service of builtServices) {
    const text = readFileSync(`${folder}/${service}/Dockerfile`, 'utf8');
    expect(text).toMatch(/apt-get update --error-on=any[\s\S]*apt-get upgrade -y[\s\S]*apt-get install -y/);
  }
});

it('says so when there is no docker command', async () => {
  const path = process.env.PATH;
  process.env.PATH = '/nonexistent';
  try {
    await expect(
      buildImages({ folder, services: ['postfix'], base: 'debian:trixie-slim', fresh: false }),
    ).rejects.toMatchObject({ diagnostics: [{ code: 'docker-not-available' }] });
  } finally {
    process.env.PATH = path;
  }
});
