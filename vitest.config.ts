// Where the tests are, and what every run of them has in common.

import { defineConfig } from 'vitest/config';
import { SummaryReporter } from './test/summary-reporter.ts';

// biome-ignore lint/style/noDefaultExport: vitest reads the default export.
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'renderers/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/bench/**', '**/node_modules/**'],
    globalSetup: ['test/global-setup.ts'],
    reporters: ['default', new SummaryReporter()],
    maxWorkers: 2,
    // Real programs on a busy machine of two cores; a unit test never comes near.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    env: {
      // Whoever runs the tests has a git configuration, and a new machine has none.
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'Test',
      GIT_AUTHOR_EMAIL: 'test@example.com',
      GIT_COMMITTER_NAME: 'Test',
      GIT_COMMITTER_EMAIL: 'test@example.com',
    },
  },
});
