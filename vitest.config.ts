// Where the tests are, and what every run of them has in common.

import { defineConfig } from 'vitest/config';
import { FileOrder } from './test/file-order.ts';
import { SummaryReporter } from './test/summary-reporter.ts';

// biome-ignore lint/style/noDefaultExport: vitest reads the default export.
export default defineConfig({
  test: {
    reporters: ['default', new SummaryReporter()],
    sequence: { sequencer: FileOrder },
    // Real programs on a busy machine of two cores; a unit test never comes near.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    env: {
      // Whoever runs the tests has a git configuration, and a new machine has none.
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'Test',
      GIT_AUTHOR_EMAIL: 'test@example.com',
      GIT_COMMITTER_NAME: 'Test',
      GIT_COMMITTER_EMAIL: 'test@example.com',
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'programs',
          include: ['src/**/*.test.ts', 'renderers/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['test/bench/**', 'test/e2e/**', '**/node_modules/**'],
          globalSetup: ['test/global-setup.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Real containers with fixed names, so one file after the other, in one process that shares what it started.
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.e2e.test.ts'],
          globalSetup: ['test/e2e/global-setup.ts'],
          maxWorkers: 1,
          fileParallelism: false,
          isolate: false,
          hookTimeout: 300_000,
          // Of those that a file allows at once: most of them wait, for Postfix lets its guests wait.
          maxConcurrency: 12,
          // After `live`: a file of these waits for the end of all others.
          sequence: { groupOrder: 2 },
        },
      },
      {
        // As e2e, but what starts the containers is mailc apply itself.
        extends: true,
        test: {
          name: 'live',
          include: ['test/e2e/**/*.live.test.ts'],
          globalSetup: ['test/e2e/global-setup.ts'],
          maxWorkers: 1,
          fileParallelism: false,
          isolate: false,
          hookTimeout: 300_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Mail in flow for minutes while parts of the system come and go; not among those of every change.
        extends: true,
        test: {
          name: 'soak',
          include: ['test/e2e/**/*.soak.test.ts'],
          globalSetup: ['test/e2e/global-setup.ts'],
          maxWorkers: 1,
          fileParallelism: false,
          isolate: false,
          hookTimeout: 300_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
