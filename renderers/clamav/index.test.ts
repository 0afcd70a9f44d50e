// What is rendered for which mail system, and what the real programs say of the files.

import { describe, expect, it } from 'vitest';
import { printContent } from '../../src/render/secret-marker.ts';
import { describeReal } from '../../test/debian/debian13.ts';
import { aMailSystem } from '../../test/support/a-mail-system.ts';
import { laidArtifacts } from '../../test/support/laid-artifacts.ts';
import { clamav } from './index.ts';

describe('ClamAV', () => {
  it('gets its files and one container, whose port nobody outside reaches', () => {
    const { artifacts, containers, diagnostics } = clamav.render(aMailSystem());

    expect(artifacts.map(({ path }) => path)).toEqual([
      'mail.example.com/clamav/clamav-milter.conf',
      'mail.example.com/clamav/clamd.conf',
      'mail.example.com/clamav/freshclam.conf',
    ]);
    expect(containers.map(({ name, service, ports }) => ({ name, service, ports }))).toEqual([
      { name: 'clamav', service: 'clamav', ports: [] },
    ]);
    expect(diagnostics).toEqual([]);
  });

  it('is not there when nothing is scanned', () => {
    const system = aMailSystem({ virus: { enabled: false } });
    expect(clamav.render(system)).toEqual({ artifacts: [], containers: [], diagnostics: [] });
  });

  it('takes a message and all that Amavis unpacks from it', () => {
    const [milter, clamd] = clamav
      .render(aMailSystem({ mail: { messageSize: 100 * 1024 ** 2 } }))
      .artifacts.map(({ content }) => printContent(content));
    for (const limit of ['StreamMaxLength', 'MaxFileSize', 'MaxScanSize']) {
      expect(clamd).toContain(`\n${limit} ${356 * 1024 ** 2}\n`);
    }
    expect(milter).toContain(`\nMaxFileSize ${356 * 1024 ** 2}\n`);
  });
});

describeReal("Debian 13's ClamAV", (debian) => {
  const files = (messageSize: number) =>
    laidArtifacts(clamav.render(aMailSystem({ mail: { messageSize } })).artifacts, 'clamav');

  it.each([64 * 1024, 50 * 1024 ** 2, 1024 ** 3])(
    'reads its files for messages of %i bytes',
    async (size) => {
      const read = await debian.run(['clamconf', '-c', '/etc/mailc/current'], { files: files(size) });
      expect({ code: read.code, stderr: read.stderr }).toEqual({ code: 0, stderr: '' });
      expect(read.stdout).not.toMatch(/ERROR|WARNING|Can't/);
      expect(read.stdout).toContain(`\nStreamMaxLength = "${size + 256 * 1024 ** 2}"\n`);
      expect(read.stdout).toContain('\nOnInfected = "Reject"\n');
      expect(read.stdout).toContain('\nDatabaseMirror = "database.clamav.net"\n');
    },
  );

  it('starts, and answers on its port, with a read-only root file system and nothing but its rights', async () => {
    const container = clamav.render(aMailSystem()).containers[0];
    const rights = container?.capabilities.map((name) => `,+${name.toLowerCase()}`).join('');
    const script = `
      mkdir -p /container /srv/clamav/tmp
      echo 'Test:0:*:58354f2150254041505b345c505a' >/srv/clamav/test.ndb
      chown -R clamav:clamav /srv/clamav
      mount --rbind / /container
      mount -o remount,bind,ro /container
      for folder in ${container?.tmpfs.join(' ')}; do mount -t tmpfs tmpfs "/container$folder"; done
      mount --bind /srv/clamav /container/var/lib/clamav
      chroot /container setpriv --no-new-privs --bounding-set -all${rights} --inh-caps -all \\
        ${container?.command.join(' ')} >/tmp/log 2>&1 &
      for _ in 1 2 3 4 5 6 7 8 9 10; do
        printf 'zPING\\0' | busybox nc -w 1 127.0.0.1 3310 2>/dev/null | tr -d '\\0' | grep PONG && break
        sleep 0.5
      done
      ps -o user= -C clamd
      grep -iE 'warning|error' /tmp/log`;
    const { stdout, stderr } = await debian.run(['sh', '-c', script], { files: files(50 * 1024 ** 2) });
    expect({ stdout, stderr }).toEqual({ stdout: 'PONG\nclamav\n', stderr: '' });
  });
});
