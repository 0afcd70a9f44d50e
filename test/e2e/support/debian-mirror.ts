// A Debian of the test's own, for what builds images: a mirror of a few empty packages, and a base that knows no other.
// So a build takes seconds and no network, and the day comes on which there is something new.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { docker } from './run.ts';
import { startWebServer } from './web-server.ts';

interface DebianMirror {
  /** An image. The package "library" of the mirror is part of it. */
  readonly base: string;
  /** From now on the mirror has these packages, by name and version, and none else. */
  readonly publish: (packages: Readonly<Record<string, string>>) => Promise<void>;
  /** From then on the mirror of security updates, which has none, does not answer. */
  readonly loseUpdates: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const image = 'mailc-test/small-debian:1';

const makePackages = `
cd /packages
# A package of one version has the same bytes whenever it is made.
export SOURCE_DATE_EPOCH=1
while read -r name version; do
  mkdir -p "/tmp/$name/DEBIAN"
  printf '%s\\n' "Package: $name" "Version: $version" 'Architecture: all' 'Maintainer: nobody <nobody@example.com>' \\
    'Description: empty' >"/tmp/$name/DEBIAN/control"
  dpkg-deb --build "/tmp/$name" "$name.deb" >/dev/null
  cat "/tmp/$name/DEBIAN/control" >>Packages
  printf '%s\\n' "Filename: packages/$name.deb" "Size: $(stat -c %s "$name.deb")" \\
    "SHA256: $(sha256sum "$name.deb" | cut -d ' ' -f 1)" '' >>Packages
done`;

/** `debian`: an image of the real one. `address`: of this machine, where builds reach it. */
export async function startDebianMirror(
  debian: string,
  address: string,
  packages: Readonly<Record<string, string>>,
): Promise<DebianMirror> {
  const web = await startWebServer(address);
  const updates = await startWebServer(address);
  updates.files.set('/updates/Packages', '');
  const publish = async (published: Readonly<Record<string, string>>): Promise<void> => {
    const folder = mkdtempSync(join(tmpdir(), 'mailc-mirror-'));
    try {
      const list = Object.entries(published).map(([name, version]) => `${name} ${version}\n`);
      const mount = ['--network', 'none', '--volume', `${folder}:/packages`];
      await docker(['run', '--rm', '-i', ...mount, debian, 'sh', '-euc', makePackages], {
        stdin: list.join(''),
      });
      web.files.clear();
      for (const name of readdirSync(folder))
        web.files.set(`/packages/${name}`, readFileSync(join(folder, name)));
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  await publish(packages);
  const lines = [
    `FROM ${debian}`,
    'RUN rm -rf /etc/apt/sources.list /etc/apt/sources.list.d \\',
    ` && echo 'deb [trusted=yes] ${web.url} packages/' >/etc/apt/sources.list \\`,
    ` && echo 'deb [trusted=yes] ${updates.url} updates/' >>/etc/apt/sources.list \\`,
    ` && echo 'Acquire { http::Proxy "DIRECT"; Retries "0"; };' >/etc/apt/apt.conf.d/99mirror \\`,
    ' && apt-get update && apt-get install -y library',
  ];
  await docker(['build', '--quiet', '--no-cache', '--tag', image, '-'], { stdin: `${lines.join('\n')}\n` });
  return {
    base: image,
    publish,
    loseUpdates: updates.stop,
    stop: async () => {
      await updates.stop();
      await web.stop();
    },
  };
}
