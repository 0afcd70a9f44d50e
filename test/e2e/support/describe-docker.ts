// Like describe; where there is no Docker the tests are skipped, and the name says why.

import { describe, inject } from 'vitest';
import type { Prepared } from './prepare.ts';

export function describeDocker(name: string, body: (prepared: Prepared) => void): void {
  const prepared = inject('docker');
  if ('unavailable' in prepared) {
    // The body runs, to name its tests, but they do not.
    describe.skip(`${name} [not run: ${prepared.unavailable}]`, () =>
      body({ postgresImage: '', archive: '' }));
  } else {
    describe(name, () => body(prepared));
  }
}
