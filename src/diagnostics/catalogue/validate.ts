/** The pages of the diagnostics that the stage `validate` reports. */
import type { Catalogue } from './entry.ts';

export const validateCatalogue = {
  'document-empty': {
    rule: 'mail.yaml holds at least its version.',
    reason:
      'An empty file would describe a mail system without users, and a plan to delete everyone. A file ' +
      'that was emptied by mistake must not look like that.',
    cure: 'Restore the file from git, or run `mailc init` for a first one.',
  },
  'key-unknown': {
    rule: 'Every key is one that the language knows.',
    reason:
      'A key with a typo would otherwise be a setting that silently does nothing: `qouta: 5GB` would be ' +
      'no limit at all.',
    cure:
      'Correct the key as the hint says. docs/reference.md lists all of them, and an editor that knows ' +
      'the schema completes them.',
  },
  'key-missing': {
    rule: 'A key without a default must be written.',
    reason:
      'mailc guesses nothing that it cannot know, such as the addresses of a host or the password of a user.',
    cure: 'Add the key, as the hint says.',
  },
  'value-invalid': {
    rule: 'Every value has the form that its key asks for.',
    reason:
      'What a value of another form means would be a guess, and a wrong guess about a quota or a port is ' +
      'found out in production.',
    cure:
      'Write what the message names. Note that YAML 1.2 reads `yes` and `no` as texts, and `0123` and ' +
      '`1e3` as numbers; quotes make a text of anything.',
  },
  'secret-in-clear': {
    rule: 'No secret is written in clear.',
    reason:
      'mail.yaml lives in git: everyone who can read the repository, and every copy of it ever made, has ' +
      'what stands in it. Deleting it in a later commit does not take it back.',
    cure:
      'Users have a hash, which `mailc passwd` makes. For other secrets name where they are kept:\n\n' +
      '```yaml\nrelay:\n  host: smtp.provider.example\n  username: mail\n  password: { env: ' +
      'RELAY_PASSWORD }\n```\n\nWhatever was committed in clear must be changed at its provider.',
  },
  'more-errors': {
    rule: 'After ten thousand mistakes mailc stops looking for more.',
    reason: 'So many are mostly one, made everywhere, and a list that nobody reads is no help.',
    cure: 'Correct the first ones, everywhere, and look again.',
  },
  'include-key': {
    rule: 'An included file holds only `domains`, `users` and `aliases`.',
    reason:
      'These three grow with the number of people, and are worth splitting. All other settings stand in ' +
      'one file, where they can be read together.',
    cure: 'Move the key into mail.yaml.',
  },
  'key-in-two-files': {
    rule: 'A user, an alias or a domain is defined in one file.',
    reason:
      'Which of two definitions counts would depend on the order of the files, and the other would be ' +
      'lost silently.',
    cure: 'Delete one of the two places, or merge them; both are shown.',
  },
} as const satisfies Catalogue;
