/** Writes a first mail.yaml: small, complete, and with the next steps in its comments. */
import { Document, isCollection, Scalar, type YAMLMap } from 'yaml';

export interface FirstMailSystem {
  /** `example.com`. */
  readonly domain: string;
  /** The host's fully qualified name, such as `mail.example.com`. */
  readonly host: string;
  /** The host's public addresses. */
  readonly addresses: readonly string[];
  /** The first user, who is postmaster as well: `bob@example.com`. */
  readonly user: string;
  /** As `mailc passwd` prints it. */
  readonly passwordHash: string;
}

/** Whatever the answers are, they stand in the file as values. */
export function firstMailYaml({ domain, host, addresses, user, passwordHash }: FirstMailSystem): string {
  const hello = `hello@${domain}`;
  const document = new Document({
    version: 1,
    hosts: { [host]: { addresses, tls: { letsencrypt: host } } },
    domains: { [domain]: { dkim: { selector: 'mail' } } },
    postmaster: user,
    users: { [user]: { password: quoted(passwordHash) } },
    ...(user === hello ? {} : { aliases: { [hello]: user } }),
  });
  const comments: Readonly<Record<string, string>> = {
    hosts: ' The machine that runs it. The certificate is the one in /etc/letsencrypt/live.',
    domains: ' mailc dns prints the records to publish.',
    postmaster: ' Gets the mail to postmaster@ and abuse@ of every domain.',
    users: ' mailc passwd makes the hash. More users: copy the entry, or include: [users/*.yaml].',
    aliases: ' Addresses without a mailbox: one destination or a list, here or elsewhere.',
  };
  for (const { key } of (document.contents as YAMLMap<Scalar<string>>).items) {
    const comment = comments[key.value];
    if (comment === undefined) continue;
    key.commentBefore = comment;
    key.spaceBefore = true;
  }
  for (const path of [
    ['hosts', host, 'addresses'],
    ['hosts', host, 'tls'],
    ['domains', domain, 'dkim'],
  ]) {
    const node = document.getIn(path, true);
    if (isCollection(node)) node.flow = true;
  }
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: true });
  return `# yaml-language-server: $schema=./schema/mail.schema.json
# The source of the whole mail system. mailc validate checks it, mailc plan shows what a change would do.
${text}`;
}

function quoted(text: string): Scalar<string> {
  const scalar = new Scalar(text);
  scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}
