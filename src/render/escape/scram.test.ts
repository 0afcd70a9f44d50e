// What the container of Postgres makes its superuser with.

import { expect, it } from 'vitest';
import { verifies } from '../../targets/database/scram-verifier.ts';
import { scramPassword } from './scram.ts';

it('lets whoever knows the password in, does not hold it, and is the same each time', () => {
  const verifier = scramPassword('correct-horse');
  expect(verifies(verifier, 'correct-horse')).toBe(true);
  expect(verifies(verifier, 'correct-horsf')).toBe(false);
  expect(verifier).not.toContain('correct-horse');
  expect(scramPassword('correct-horse')).toBe(verifier);
});

it('has nothing that would end the one line of its file', () => {
  expect(scramPassword('x')).toMatch(/^SCRAM-SHA-256\$4096:[A-Za-z0-9+/=$:]+$/);
});

it.each(['', 'a\nb', 'naïve'])('refuses %j', (password) => {
  expect(() => scramPassword(password)).toThrow();
});
