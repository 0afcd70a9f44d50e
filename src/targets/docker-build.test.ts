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
