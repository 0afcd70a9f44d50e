/** The pages of the diagnostics that the stage `plan` reports. */
import type { Catalogue } from './entry.ts';

export const planCatalogue = {
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
    rule: 'A saved plan is applied by a mailc that knows its format version.',
    reason: 'Another version may give another meaning to the same words.',
    cure: 'Make the plan again with the mailc that applies it.',
  },
} as const satisfies Catalogue;
