/** The pages of the diagnostics that the stage `apply` reports. */
import type { Catalogue } from './entry.ts';

export const applyCatalogue = {
  'apply-failed': {
    rule: 'An apply does all of its plan or none of it.',
    reason:
      'Something outside mailc refused a step: a full disk, a folder without permission, a connection that broke. What was done before it was undone.',
    cure: 'Put right what the message names, and apply again.',
  },
  'output-not-writable': {
    rule: 'The output folder must be one that mailc can write to, without symbolic links in it.',
    reason:
      'A symbolic link in a checked-out folder may come from a pull request and lead anywhere on the machine.',
    cure: 'Make the folder writable, remove the link that the message names, or choose another folder with `-o`.',
  },
  'secret-missing': {
    rule: 'A secret that someone chose must be at hand when it is needed.',
    reason:
      'mail.yaml says only where a secret comes from. Without it a service could not log in where it has to, so nothing is changed at all.',
    cure: 'Set the environment variable for `mailc apply`, or put the file where mail.yaml says it is, readable by whoever runs mailc.',
  },
} as const satisfies Catalogue;
