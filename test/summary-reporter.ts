// Says at the end of a run, in words that nobody can overlook, what was not run and why, and in one last line how
// many passed. MAILC_TEST_COUNTS names a file that gets the numbers too: scripts/test.sh adds its other checks.

import { writeFileSync } from 'node:fs';
import type { SerializedError } from 'vitest';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

export class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const skipped = tests.filter((test) => test.result().state === 'skipped');
    const passed = tests.filter((test) => test.result().state === 'passed').length;
    // A file that did not load, a hook that threw and a stray rejection fail the run without failing a test.
    const suites = modules.flatMap((module) => [module, ...module.children.allSuites()]);
    const broken = suites.filter((suite) => suite.errors().length > 0).length + unhandledErrors.length;
    const failed = tests.length - passed - skipped.length + broken;

    for (const [reason, count] of countBy(skipped, reasonOf)) {
      console.log(`NOT RUN: ${count} ${count === 1 ? 'test' : 'tests'}: ${reason}`);
    }
    const file = process.env.MAILC_TEST_COUNTS;
    if (file === undefined) console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`);
    else writeFileSync(file, `${passed} ${failed} ${skipped.length}\n`);
  }
}

/** What describeReal and describePostgres wrote into the name, or the note of `context.skip(note)`. */
function reasonOf(test: TestCase): string {
  const result = test.result();
  const note = result.state === 'skipped' ? result.note : undefined;
  return (
    note ?? /\[not run: ([^\]]*)\]/.exec(test.fullName)?.[1] ?? `skipped in ${test.module.relativeModuleId}`
  );
}

function countBy<Item>(items: readonly Item[], key: (item: Item) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return counts;
}
