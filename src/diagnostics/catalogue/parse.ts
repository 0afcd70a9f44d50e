/** The pages of the diagnostics that the stage `parse` reports, and of those about the files it reads. */
import type { Catalogue } from './entry.ts';

export const parseCatalogue = {
  'yaml-syntax': {
    rule: 'A source file must be valid YAML 1.2.',
    reason:
      'A file that cannot be read in one way only could be understood differently by mailc, by your ' +
      'editor and by the next person. Only the first mistake of a file is shown, since what follows it is ' +
      'mostly its echo.',
    cure:
      'The hint names the usual cause. Values that hold `: `, ` #` or begin with `@`, `%` or a backtick ' +
      'need quotes.',
  },
  'yaml-duplicate-key': {
    rule: 'A key may stand only once in a map.',
    reason:
      'YAML readers that accept two keys of a name silently keep one of them. With a user or an alias ' +
      'that would be a mailbox or a destination that is lost without a word.',
    cure: 'Delete one of the two places, or merge them; both are shown.',
  },
  'yaml-alias': {
    rule: 'Anchors (`&name`) and aliases (`*name`) of YAML are not part of the language.',
    reason:
      'With them a few lines can stand for gigabytes, a value can change at a distance, and a diagnostic ' +
      'cannot point at the one place that is wrong. They are also what an unquoted `*@example.com` would ' +
      'be.',
    cure:
      'Write the value out. A catch-all is a property of its domain:\n\n' +
      '```yaml\ndomains:\n  example.com: { catch_all: bob@example.com }\n```',
  },
  'yaml-tag': {
    rule: 'Tags (`!name`) of YAML are not part of the language.',
    reason:
      'A tag asks the reader to make something else of a value than what is written, which no two readers ' +
      'do alike.',
    cure: 'Delete the tag. When the `!` belongs to the value, put the value in quotes.',
  },
  'yaml-directive': {
    rule: 'Directives (lines that begin with `%`) are not part of the language.',
    reason: '`%YAML 1.1` would change what `yes`, `010` and `1:30` mean. mailc always reads YAML 1.2.',
    cure: 'Delete the line.',
  },
  'yaml-documents': {
    rule: 'A file holds one YAML document.',
    reason:
      'What stands behind a second `---` would belong to no part of the configuration, and be lost silently.',
    cure: 'Move it into a file of its own and name that under `include`.',
  },
  'yaml-key': {
    rule: 'Every key is a string.',
    reason:
      '`1.10` and `1.1` are the same number, and `null`, `true` and `0x1F` are no names. Quoted, they are ' +
      'what they look like.',
    cure: 'Put the key in quotes: `"123": …`.',
  },
  'yaml-too-large': {
    rule: 'A file may have 64 MB in the plain layout, and less where it uses more of YAML.',
    reason:
      'The plain layout (one value a line, brackets that close in their line) is read in one pass that ' +
      'takes little memory; for all of YAML a general reader is needed, which takes thirty times that.',
    cure:
      'Keep to the plain layout from the line shown on, or split the file and name the parts under ' +
      '`include`.',
  },
  'yaml-too-deep': {
    rule: 'Maps and lists may be nested 64 deep.',
    reason:
      'No setting lies deeper than six. Deeper nesting is a mistake of indentation, or an attack on the ' +
      'memory of the reader.',
    cure: 'Look for an unclosed bracket or a line that is indented too far, at or above the place shown.',
  },
  'control-character': {
    rule:
      'Neither the file nor a value in it holds control characters, and values hold no line breaks or ' +
      'tabs.',
    reason:
      'No setting of a mail system needs one, and in a configuration file, an SQL statement or a terminal ' +
      'each of them can begin something else than the value it stands in.',
    cure: 'Delete the character, and write the value in one line. Files end their lines with LF or CRLF.',
  },
  'merge-conflict': {
    rule: 'A source file holds no conflict markers of a merge.',
    reason: 'Between the markers stand two versions of which someone has yet to choose one.',
    cure: 'Keep one side, or parts of both, and delete the three marker lines.',
  },
  'source-unreadable': {
    rule: 'mail.yaml and every file that it includes must exist and be readable.',
    reason: 'A file that is left out would take its users and aliases with it.',
    cure: 'Check the name and the permissions. `mailc init` writes a first mail.yaml.',
  },
  'source-is-folder': {
    rule: 'mail.yaml, and what it includes, are files.',
    reason: 'A folder has no text; its files are included by a pattern.',
    cure: 'Name a file, or write `users/*.yaml` for all the files of a folder.',
  },
  'source-not-utf8': {
    rule: 'Source files are encoded in UTF-8.',
    reason:
      'In another encoding the same bytes are other letters, so that an address would name someone else. ' +
      'A guess would be wrong for some.',
    cure:
      'Save the file as UTF-8. `iconv -f latin1 -t utf-8` converts one; so does the encoding menu of an ' +
      'editor.',
  },
  'include-matches-nothing': {
    rule: 'Every entry under `include` matches at least one file.',
    reason: 'A pattern with a typo would silently leave out every user of the files it was meant for.',
    cure: 'Correct the path, which is relative to the folder of mail.yaml, or delete the entry.',
  },
  'include-outside': {
    rule: 'Included files lie in the folder of mail.yaml or below it.',
    reason:
      'What a commit does must be visible in that commit. A file from elsewhere may differ on the machine ' +
      'that reviews and on the one that applies.',
    cure:
      'Move the file below the folder of mail.yaml, and write its path without `..` and without a leading ' +
      '`/`.',
  },
  'include-pattern': {
    rule: 'A path under `include` is written with `/`, and `*` stands for any part of a file name.',
    reason: 'Other wildcards (`**`, `?`, `[a-z]`, `{a,b}`) mean different things to different programs.',
    cure: 'Write one entry for each folder: `[users/*.yaml, users/guests/*.yaml]`.',
  },
} as const satisfies Catalogue;
