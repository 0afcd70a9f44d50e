/** The pages of the hazards of a plan, and of the diagnostics that the stage `plan` reports. */
import type { HazardId } from '../../model/plan.ts';
import type { Catalogue, CatalogueEntry } from './entry.ts';

/** A hazard is no diagnostic, but its name is printed as one, and someone will want to know what it means. */
const hazards = {
  'changes-password': {
    rule: "Hazard: another hash replaces a user's password.",
    reason:
      'The user can no longer log in with the old password, on every device at once. A password that changes without the user knowing is also what an attacker would do.',
    cure: 'Tell the user, and apply with `--allow changes-password`.',
  },
  'closes-port': {
    rule: 'Hazard: a published port is no longer published, or no longer under its number.',
    reason: 'Mail programs and other servers that use it are cut off until they are set up anew.',
    cure: 'Apply with `--allow closes-port` once nobody uses the port any more.',
  },
  'deletes-alias': {
    rule: 'Hazard: an alias goes.',
    reason:
      'Mail to its address bounces, unless a catch-all takes it; the plan says which. The postmaster@ and abuse@ of a domain that goes as a whole are not counted again.',
    cure: 'Apply with `--allow deletes-alias`, or put the alias back.',
  },
  'deletes-domain': {
    rule: 'Hazard: a domain is no longer hosted here.',
    reason:
      'Mail to every address of it is refused from then on. Its users and aliases go as well, which are hazards of their own.',
    cure: 'Let the MX records point elsewhere first, then apply with `--allow deletes-domain`.',
  },
  'deletes-many': {
    rule: 'Hazard: too much of what is live would go at once.',
    reason:
      'A file that was cut short, an include that was lost or the wrong branch deletes in good order what nobody wanted deleted. It is judged against what is live, not against the file: two or more users, aliases or domains that are a share of `guards.delete_share` or more of all, or the last user of a domain that stays. A single delete is named by its own hazard; postmaster@ and abuse@ are not counted.',
    cure: 'Read the list of deletes to its end (`mailc plan --full`), then apply with `--allow deletes-many`.',
  },
  'deletes-user': {
    rule: 'Hazard: a user goes.',
    reason:
      'The login ends and mail to the address bounces. mailc never deletes the mailbox itself: it stays in the mail folder of the host.',
    cure: 'Apply with `--allow deletes-user`. If only the address changes, write `moved_from:` at the new user, and the mailbox is kept. To stop the login alone, write `enabled: false`.',
  },
  'dkim-unpublished': {
    rule: 'Hazard: mail would be signed with a key that was not found in DNS.',
    reason:
      'Receivers look the public key up under the new selector. Until they find it there, exactly as the host has it, no signature of the domain holds, and with DMARC its mail is refused.',
    cure: 'Write the new selector as `next` first and apply, publish the record that `mailc dns DOMAIN --root /` prints, and wait until `mailc dns DOMAIN --check` finds it. If you know that it is published, and only the resolver here cannot see it, apply with `--allow dkim-unpublished`, or name another one with `--resolver`.',
  },
  'exposes-service': {
    rule: 'Hazard: a service that nobody outside could reach on this host becomes reachable.',
    reason:
      '`opens-port` is one port more of a service that is reachable anyway. This is the first published port of a service on a host that runs already, or a container that publishes a port which is none of the client ports of mail.yaml. A new host is not meant: publishing its ports is what it is for.',
    cure: 'Look whether firewall and certificate are ready for it, then apply with `--allow exposes-service`.',
  },
  'not-committed': {
    rule: 'Hazard: mail.yaml, or a file that it includes, is not as the last commit has it.',
    reason:
      'What is applied should be found in git by whoever looks for it later. Other files of the checkout do not matter.',
    cure: 'Commit it, or apply with `--allow-dirty`.',
  },
  'opens-port': {
    rule: 'Hazard: on a host that runs already, a port is published that was not, or under another number.',
    reason: 'Whatever can reach the host can then talk to that port.',
    cure: 'Apply with `--allow opens-port`.',
  },
  'rotates-key': {
    rule: 'Hazard: a key that the host had is gone, and would be made anew.',
    reason:
      'Files that are installed were made with the key, and its file in `DATA/mailc/secrets` is not there any more. With another DKIM key no signature holds until its record is published; with another SRS key, bounces to forwarded mail are refused.',
    cure: 'Put the file back: from the backup, or, for a DKIM key, from `DATA/mailc/opendkim/current/keys/DOMAIN.SELECTOR.pem`, whose content is the key. If it is lost for good, apply with `--allow rotates-key` and publish the new record at once.',
  },
} as const satisfies Readonly<Record<HazardId, CatalogueEntry>>;

export const planCatalogue = {
  ...hazards,
  'git-not-found': {
    rule: 'Reading a commit needs the program git.',
    reason: 'mailc reads commits through git itself, which knows every way in which objects are stored.',
    cure: 'Install git, or leave out `--from` and `--to` to plan the files as they lie in the folder.',
  },
  'git-no-repository': {
    rule: '`--from` and `--to` want mail.yaml inside a git repository.',
    reason:
      'They compare two commits, so there must be commits. git also refuses a repository that belongs to another user of the machine, since its configuration could run programs.',
    cure: 'Run mailc where the repository is checked out. If git says `dubious ownership`, run mailc as the owner of the folder, or name the folder in `git config --global --add safe.directory FOLDER`.',
  },
  'git-ref-invalid': {
    rule: 'A ref is a branch, a tag or a commit, and nothing that git could take for an option or a range.',
    reason:
      'Names of branches come from whoever opens a pull request. One that begins with `-` would be read as an option by many programs, and a range such as `a..b` names no single state of mail.yaml.',
    cure: 'Give a branch (`main`), a tag (`v1`), a commit (`3f2c1ab`) or an expression for one (`HEAD~1`). A range becomes `--from a --to b`.',
  },
  'git-ref-unknown': {
    rule: 'A ref must name a commit that this clone has.',
    reason:
      'CI systems often fetch one commit only, without the branch that a pull request is to be merged into.',
    cure: 'Fetch it first: `git fetch origin main`, then `--from origin/main`. With `actions/checkout`, set `fetch-depth: 0`.',
  },
  'plan-edited': {
    rule: 'A saved plan is applied as mailc wrote it or not at all.',
    reason:
      'The id of a plan covers all of it. Where the two do not fit, the file was changed or cut short after it was reviewed.',
    cure: 'Make the plan again with `mailc plan -o plan.json`. To change what is done, change mail.yaml.',
  },
  'plan-stale': {
    rule: 'A saved plan is applied only while everything is as it was when the plan was made.',
    reason:
      'Apply does exactly what was printed. If the database, the host or mail.yaml changed since then, the same steps would lead somewhere else.',
    cure: 'Make the plan again, review what is different, and apply that one.',
  },
  'plan-unreadable': {
    rule: 'A saved plan is the JSON file that `mailc plan -o FILE` wrote.',
    reason: 'Applying half of a plan, or something else that happens to be JSON, would be a guess.',
    cure: 'Make the plan again with `mailc plan -o plan.json`.',
  },
  'plan-version': {
    rule: 'A saved plan is applied by the very version of mailc that made it.',
    reason:
      'Another version may write other files from the same mail.yaml, or give another meaning to the same words. What was reviewed is what one version was going to do.',
    cure: 'Make the plan again with the mailc that applies it.',
  },
} as const satisfies Catalogue;
