/** The files of a new mail system: a first mail.yaml, what an editor and git need, and a workflow for CI. */
import schema from '../../schema/mail.schema.json';
import { type FirstMailSystem, firstMailYaml } from './first-mail-yaml.ts';
import { type WorkflowOptions, workflow } from './workflow.ts';

export interface InitOptions extends FirstMailSystem {
  /** Null for no workflow. */
  readonly workflow: WorkflowOptions | null;
}

export interface InitFile {
  /** Relative to the new repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** In the order in which a person would read them. Pure; writing them is the caller's. */
export function initFiles(options: InitOptions): readonly InitFile[] {
  return [
    { path: 'mail.yaml', text: firstMailYaml(options) },
    { path: 'schema/mail.schema.json', text: `${JSON.stringify(schema, null, 2)}\n` },
    { path: '.gitignore', text: gitignore },
    ...(options.workflow === null
      ? []
      : [{ path: '.github/workflows/mail.yml', text: workflow(options.workflow) }]),
  ];
}

const gitignore = `# Saved plans are good for one apply, and say what is live.
*.plan.json
plan.json
plan.md
# Embedded databases of a first try.
/mail-database/
/try-out/
# Secrets never belong here: mail.yaml names the variable or the file that one comes from.
.env
`;
