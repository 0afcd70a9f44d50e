/** The pages of what running containers can go wrong with, on a live host. */
import type { Catalogue } from './entry.ts';

export const runtimeCatalogue = {
  'check-refused': {
    rule: 'Each service must accept its configuration before anything is changed for it.',
    reason:
      "The service's own checker, run in its image, refused what was staged, in the words of the message. Most often a certificate or its key cannot be read, or `images:` names an image with another version of the program. Nothing was changed.",
    cure: 'Put right what the message names; the file stands below `out/` after `mailc compile`.',
  },
  'container-foreign': {
    rule: 'A container that has the name of one of this mail system must be of this mail system.',
    reason:
      'mailc only ever stops and removes containers that it has made for this host, which it knows by their labels.',
    cure: 'Rename or remove the other container, and apply again.',
  },
  'container-not-healthy': {
    rule: 'A service must answer within its time after it was started or reloaded.',
    reason:
      'Its container runs, and what the healthcheck of its image asks is not answered: a program that ended, a certificate that it cannot read, a port that is taken, or a machine too slow for the time.',
    cure: 'The log of the container says why.',
  },
  'container-not-started': {
    rule: 'Docker must be able to start each container as its script describes it.',
    reason:
      'A published port may be taken by another program, a file that is mounted may be missing, or the image is not there.',
    cure: 'Put right what the message names, and apply again.',
  },
  'docker-failed': {
    rule: 'Docker must do what mailc asks of it.',
    reason: 'The daemon answered, and refused, for the reason in the message.',
    cure: 'Put right what the message names, and apply again.',
  },
  'image-missing': {
    rule: 'The images of all services of a host must be on it before an apply.',
    reason:
      'Containers are started without pulling: an image of that name on a public registry would be somebody else’s.',
    cure: 'Run `mailc build` on the host; for Postgres `docker pull`, or `docker load`, the image that the message names.',
  },
  'network-not-made': {
    rule: 'The containers of a mail system need the network that `network:` describes.',
    reason:
      'Docker could not make it or take away the one before it: its addresses may overlap with those of another network, or a container that is not of this mail system is in it.',
    cure: 'Give `network.name` or the subnets other values, or take the other container out of the network.',
  },
  'reload-refused': {
    rule: 'A service must reread its configuration when it is asked to.',
    reason: 'Its own command for that failed, for the reason in the message; it may have ended.',
    cure: 'The log of the container says why.',
  },
  'swarm-manager-away': {
    rule: 'Where hosts share a network, a container starts only while a manager of the Docker swarm answers.',
    reason:
      'Docker lets a container into the network of several hosts by asking a manager. The apply would have stopped a container that could not come back, so nothing was changed; what runs goes on without a manager.',
    cure: 'Apply again when the host that the message names is back. Three managers on three hosts go on when one of them is away.',
  },
  'systemd-failed': {
    rule: 'On a host with `supervisor: systemd`, systemd must do what mailc asks of it.',
    reason: 'It refused, for the reason in the message, or does not run on this machine.',
    cure: 'Put right what the message names and apply again, or use `supervisor: docker`.',
  },
} as const satisfies Catalogue;
