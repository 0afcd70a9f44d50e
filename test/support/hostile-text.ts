/** Text that a value may hold, and that some reader of configuration might act on. */
import fc from 'fast-check';

/** Without what every escape function refuses: control characters and halves of surrogate pairs. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 5 }),
      fc.constantFrom(
        ...[
          "'",
          '"',
          '\\',
          '\\\\',
          '`',
          '$',
          '${',
          '$(id)',
          '@',
          '@x',
          '%',
          '%{',
          '%%{',
          '%{user}',
          '}',
          '{',
        ],
        ...['#', ' # ', '/*', '//', '<', ';', '=', '!include', '\u202e', ' ', '  ', '\u00a0', 'y', 'text:'],
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join('').replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Cs}/gu, ''));
