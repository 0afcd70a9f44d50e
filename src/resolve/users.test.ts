import { expect, test } from 'vitest';
import { type aWrittenConfig, aWrittenUser } from '../../test/support/a-written-config.ts';
import { faults, resolved } from '../../test/support/resolving.ts';

test("a quota is the user's, else the domain's, else the general one, and may be no limit", () => {
  const quotas = (differences: Parameters<typeof aWrittenConfig>[0]) =>
    resolved(differences).users.map(({ quota }) => quota);
  const users = {
    'a@example.com': { ...aWrittenUser, quota: '1.5GB' },
    'b@example.com': aWrittenUser,
    'c@example.com': { ...aWrittenUser, quota: false as const },
  };
  const gigabyte = 1024 ** 3;

  expect(quotas({ users, postmaster: 'a@example.com', mail: { quota: '3 GiB' } })).toEqual([
    1.5 * gigabyte,
    3 * gigabyte,
    null,
  ]);
  expect(
    quotas({
      users,
      postmaster: 'a@example.com',
      mail: { quota: '3GB' },
      domains: { 'example.com': { quota: '2GB' } },
    }),
  ).toEqual([1.5 * gigabyte, 2 * gigabyte, null]);
  expect(
    faults({ mail: { quota: '0B', message_size: '2GB' }, domains: { 'example.com': { quota: '1MB' } } }),
  ).toEqual([
    'quota-below-message-size at domains/example.com/quota',
    'message-size-out-of-range at mail/message_size',
    'quota-out-of-range at mail/quota',
  ]);
});

test('a user sends as addresses of hosted domains that exist', () => {
  const users = {
    'bob@example.com': {
      ...aWrittenUser,
      send_as: [
        'sales@example.com',
        'ann@example.com',
        'x@elsewhere.org',
        'nobody@example.com',
        'bob@example.com',
      ],
    },
    'ann@example.com': aWrittenUser,
  };

  expect(faults({ users, aliases: { 'sales@example.com': 'ann@example.com' } })).toEqual([
    'send-as-other-user at users/bob@example.com/send_as/1',
    'send-as-foreign-domain at users/bob@example.com/send_as/2',
    'send-as-unknown at users/bob@example.com/send_as/3',
  ]);
});

test('a mailbox is taken over once, and not from a user', () => {
  const from = (moved_from: string) => ({ ...aWrittenUser, moved_from });
  const users = {
    'bob@example.com': from('robert@old.example'),
    'ann@example.com': from('Robert@old.example'),
    'cat@example.com': from('bob@example.com'),
  };

  expect(faults({ users })).toEqual([
    'moved-from-twice at users/ann@example.com/moved_from',
    'moved-from-user at users/cat@example.com/moved_from',
  ]);
});
