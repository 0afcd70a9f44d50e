/** The workflow for GitHub: checks and plans every pull request, and applies what is merged if that is wanted. */

export interface WorkflowOptions {
  /** The version of mailc to install. */
  readonly mailc: string;
  readonly apply: boolean;
}

/**
 * What comes from a pull request reaches the scripts in variables only, since GitHub pastes `${{ … }}` into
 * them as text. `pull_request`, never `pull_request_target`: that one has the secrets of the repository.
 */
export function workflow({ mailc, apply }: WorkflowOptions): string {
  if (!/^[0-9][0-9A-Za-z.+-]*$/.test(mailc)) throw new Error(`not a version: ${mailc}`);
  return `${head(apply)}${planJob(mailc)}${apply ? applyJob(mailc) : ''}`;
}

function head(apply: boolean): string {
  const onMerge = `  push:
    branches: [main]
  workflow_dispatch:
    inputs:
      allow:
        description: Hazards to allow, separated by commas, such as deletes-user
        default: ''
`;
  return `# Checks and plans mail.yaml on every pull request${apply ? ', and applies it once merged' : ''}.
name: mail

on:
  pull_request:
${apply ? onMerge : ''}
permissions: {}

jobs:
`;
}

function setUp(mailc: string): string {
  return `      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
          persist-credentials: false
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - name: Install
        run: npm install --global --ignore-scripts mailc@${mailc}
`;
}

function planJob(mailc: string): string {
  return `  plan:
    if: github.event_name == 'pull_request'
    runs-on: ubuntu-latest
    permissions:
      contents: read
      pull-requests: write
    concurrency:
      group: mail-plan-\${{ github.event.pull_request.number }}
      cancel-in-progress: true
    steps:
${setUp(mailc)}      - name: Validate
        run: mailc validate mail.yaml --format github
      - name: Plan
        env:
          FROM: \${{ github.event.pull_request.base.sha }}
          TO: \${{ github.sha }}
        run: |
          mailc plan mail.yaml --from "$FROM" --to "$TO" --format markdown > plan.md
          cat plan.md >> "$GITHUB_STEP_SUMMARY"
      # A pull request from a fork may not comment; its plan is in the summary.
      - name: Comment
        if: github.event.pull_request.head.repo.full_name == github.repository
        env:
          GH_TOKEN: \${{ github.token }}
          PULL_REQUEST: \${{ github.event.pull_request.number }}
        run: |
          comments="repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments"
          earlier=$(gh api --paginate "$comments" --jq '.[]
            | select(.user.login == "github-actions[bot]" and (.body | startswith("<!-- mailc plan -->"))) | .id')
          earlier=\${earlier%%[!0-9]*}
          if [ -n "$earlier" ]; then
            gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$earlier" --field body=@plan.md
          else
            gh api --method POST "$comments" --field body=@plan.md
          fi
`;
}

function applyJob(mailc: string): string {
  return `
  # Runs where the database can be reached. A change with a hazard stops here: run the workflow by hand then,
  # and name what to allow. The environment "mail" holds the variable, the secret, and who must approve.
  apply:
    if: github.event_name != 'pull_request' && github.ref_name == github.event.repository.default_branch
    runs-on: ubuntu-latest
    environment: mail
    permissions:
      contents: read
    concurrency:
      group: mail-apply
      cancel-in-progress: false
    steps:
${setUp(mailc)}      - name: Apply
        env:
          ALLOW: \${{ inputs.allow }}
          MAILC_DATABASE: \${{ vars.MAILC_DATABASE }}
          PGPASSWORD: \${{ secrets.MAILC_PGPASSWORD }}
        run: mailc apply mail.yaml --yes "--allow=$ALLOW"
`;
}
