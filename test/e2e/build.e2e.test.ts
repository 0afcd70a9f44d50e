// `mailc build`, on the images that the other tests run.

import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { buildImages, builtImage, builtServices } from '../../src/targets/docker-build.ts';
import { docker, run } from './support/run.ts';
import { describeWorld } from './support/shared.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describeWorld('the images', () => {
  it('are not built again when nothing has changed', async () => {
    const base = (await run(['bash', `${root}/test/e2e/base-image.sh`])).trim();
    const images = await buildImages({
      folder: `${root}/images`,
      services: builtServices,
      base,
      fresh: false,
    });
    expect(images).toEqual(builtServices.map((service) => ({ image: builtImage(service), built: false })));
  });

  it.each(builtServices)('%s holds no private key', async (service) => {
    const search =
      'grep -rlE -- "-----BEGIN ([A-Z]+ )?PRIVATE KEY-----" /etc /var /usr/local /root /home 2>/dev/null || :';
    const words = [
      'run',
      '--rm',
      '--network',
      'none',
      '--entrypoint',
      'sh',
      builtImage(service),
      '-c',
      search,
    ];
    expect(await docker(words)).toBe('');
  });
});
