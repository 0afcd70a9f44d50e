import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeFolders } from './make-folders.ts';

test('makes a folder and those above it, each with the mode', () => {
  const root = mkdtempSync(join(tmpdir(), 'mailc-folders-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  makeFolders(join(root, 'a/b/c'), 0o700);
  makeFolders(join(root, 'a/b/c'), 0o755);
  expect(statSync(join(root, 'a')).mode & 0o777).toBe(0o700);
  expect(statSync(join(root, 'a/b/c')).mode & 0o777).toBe(0o700);
});

test('says so where a file stands in the way', () => {
  const root = mkdtempSync(join(tmpdir(), 'mailc-folders-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  writeFileSync(join(root, 'file'), '');
  expect(() => makeFolders(join(root, 'file/below'))).toThrow();
});

test.runIf(process.platform === 'linux')('returns where nothing can be made', () => {
  expect(() => makeFolders('/proc/mailc/data')).toThrow();
});
