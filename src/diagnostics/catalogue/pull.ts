/** The pages of what `mailc pull` and `mailc init --agent` report: a host that pulls what it runs from git. */
import type { Catalogue } from './entry.ts';

export const pullCatalogue = {
  'agent-config-invalid': {
    rule: '`/etc/mailc/agent.yaml` names the repository, the branch and who may sign, and nothing that is unknown.',
    reason:
      'A host that pulls does what a branch says. A setting that is misspelt would be a list of signers that nobody reads, or the branch that nobody meant. Addresses and names of branches are handed to git, so those that git could take for an option or a program are refused.',
    cure: 'Correct the line. `mailc init --agent` writes a whole file; docs/agent.md explains each setting.',
  },
  'agent-program-misplaced': {
    rule: 'The unit starts Node and mailc from a place that only root can write to.',
    reason:
      'A unit of root that starts a program from a home folder runs whatever the owner of that folder puts there. `mailc init --agent` lets the unit read home folders then (`ProtectHome=read-only`), so that it works at all; what lies in `/tmp` it does not find (`PrivateTmp=`).',
    cure: 'Install Node and mailc for the whole machine (`npm install --global mailc` as root, with the Node of the system), and run `mailc init --agent` again.',
  },
  'agent-state-unreadable': {
    rule: "The agent's `state.json` is as `mailc pull` wrote it.",
    reason:
      'It says which commit was applied last, and so which commits would be a step back. Without it, any commit that an allowed key has signed, however old, would do.',
    cure: 'Look at the branch by hand. If its head is the commit that you want, remove `state.json`; the next pull then takes that one.',
  },
  'commit-signature-refused': {
    rule: 'The head of the branch is signed by a key that the host allows, and that is valid now.',
    reason:
      'Whoever can push to the repository could otherwise run the mail system. The signature is judged as `git verify-commit` does: the key stands in the allowed signers (for the namespace `git`) or in the gpg keys, it is neither expired nor revoked, and the commit is the one that was signed. With ssh, git asks whether the key was valid on the day that the commit gives for itself; the author chooses that day, so mailc asks for today as well.',
    cure: 'Look at the commit before anything else. If it is good, let someone who may sign make one on top of it: `git commit --allow-empty -S -m "Vouch for it"`. If the key is to be allowed, add it on the host.',
  },
  'commit-unsigned': {
    rule: 'The head of the branch is signed.',
    reason:
      'The host trusts keys, not the server that the repository lies on. The signature of the head covers all that came before it; commits below it need none of their own.',
    cure: 'Sign it: `git commit --amend --no-edit -S`, or a commit on top of it: `git commit --allow-empty -S`. `git config commit.gpgSign true` does it for all to come. What a web page merges is signed with the key of that server, or not at all.',
  },
  'pull-branch-rewound': {
    rule: 'The head of the branch comes after the commit that was applied last.',
    reason:
      'An old commit is signed as well as a new one. Whoever can move the branch, and can sign nothing, could bring back a user who was removed, a password that was changed or a fault that was mended.',
    cure: 'If the branch was rewound on purpose, run the command that the report names; it holds for that commit only. Otherwise find out who moved the branch.',
  },
  'pull-fetch-failed': {
    rule: 'The branch can be fetched, within the time limit, as objects that git accepts.',
    reason:
      'The host is offline, the repository or the branch is not there, the host may not read it, or git refused what it was sent. What runs goes on as it is.',
    cure: 'Put right what git says. For ssh, the host key must stand in the known hosts and the private key must be one without a passphrase; for https, `credentials` names a file for git-credential-store.',
  },
} as const satisfies Catalogue;
