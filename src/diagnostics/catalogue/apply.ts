/** The pages of the diagnostics that the stage `apply` reports. */
import type { Catalogue } from './entry.ts';

export const applyCatalogue = {
  'apply-failed': {
    rule: 'An apply does all of its plan or none of it.',
    reason:
      'Something outside mailc refused a step: a full disk, a folder without permission, a connection that broke. What was done before it was undone.',
    cure: 'Put right what the message names, and apply again.',
  },
  'docker-not-available': {
    rule: 'Where containers are built or run, the `docker` command must reach a Docker daemon.',
    reason: 'mailc leaves images and containers to Docker, and asks it by its own command.',
    cure: 'Install Docker, start its daemon, and let the user who runs mailc talk to it; `docker version` shows whether it answers.',
  },
  'image-build-failed': {
    rule: 'Each service image must build from its folder below `images/`.',
    reason:
      'An image is made of Debian packages, so the build needs the base image and a Debian mirror. An image that was there before stays as it was.',
    cure: 'Read the end of what Docker said. Without a registry, make a Debian 13 image with debootstrap and name it with `--base`.',
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
  'secret-unsuitable': {
    rule: 'A chosen secret must be one that the configuration file it goes into can hold.',
    reason:
      'A line break or another control character would end the line in the file, so that the rest of the secret would be read as a setting.',
    cure: 'Choose a secret of printable characters, without white space at its ends.',
  },
} as const satisfies Catalogue;
