// The longest files first, as vitest has them by itself, and last the one that asks how soon mail flows again.

import { BaseSequencer, type TestSpecification } from 'vitest/node';

export class FileOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLast = ({ moduleId }: TestSpecification) => moduleId.endsWith('/outages.e2e.test.ts');
    const sorted = await super.sort(files);
    return [...sorted.filter((file) => !isLast(file)), ...sorted.filter(isLast)];
  }
}
