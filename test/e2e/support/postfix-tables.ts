// Postfix's tables on the running system, asked as Postfix asks them: which ones, and in which order, its own
// configuration says.

import type { World } from './shared.ts';

/** Those that name tables; of the service `submission` where it has its own. */
const parameters = [
  'owner_request_special',
  'recipient_delimiter',
  'virtual_alias_domains',
  'virtual_alias_maps',
  'virtual_mailbox_domains',
  'virtual_mailbox_maps',
  'smtpd_recipient_restrictions',
  'smtpd_sender_restrictions',
  'sender_dependent_default_transport_maps',
  'submission/inet/smtpd_client_restrictions',
  'submission/inet/smtpd_sender_login_maps',
] as const;
type Parameter = (typeof parameters)[number];

export class PostfixTables {
  readonly #world: World;
  readonly #settings: ReadonlyMap<string, string>;
  /** Every table that a question went to. */
  readonly asked = new Set<string>();

  private constructor(world: World, settings: ReadonlyMap<string, string>) {
    this.#world = world;
    this.#settings = settings;
  }

  static async of(world: World): Promise<PostfixTables> {
    const [own, all] = [
      parameters.filter((name) => name.includes('/')),
      parameters.filter((name) => !name.includes('/')),
    ];
    const script = `postconf -x ${all.join(' ')}; postconf -xP ${own.join(' ')}`;
    const { stdout, stderr } = await world.exec('postfix', ['sh', '-c', script]);
    if (stderr !== '') throw new Error(`postconf: ${stderr}`);
    const lines = stdout.trim().split('\n');
    return new PostfixTables(
      world,
      new Map(
        lines.map((line) => {
          const at = line.indexOf(' =');
          return [line.slice(0, at), line.slice(at + 2).trim()];
        }),
      ),
    );
  }

  #setting(parameter: Parameter): string {
    const value = this.#settings.get(parameter);
    if (value === undefined) throw new Error(`postconf does not know ${parameter}`);
    return value;
  }

  /**
   * What a list of tables says of each address that it knows: first of the whole address, then of the one without
   * detail, then of its domain (virtual(5), "TABLE SEARCH ORDER"); the first table that knows wins.
   */
  async mapped(maps: Parameter, addresses: Iterable<string>): Promise<ReadonlyMap<string, string>> {
    return this.#find(wordsOf(this.#setting(maps)), addresses, (address) => [
      address,
      this.withoutDetail(address),
      `@${domainOf(address)}`,
    ]);
  }

  /** The same for what decides whom to let do something (access(5)), as `check_recipient_access`. */
  async judged(
    restrictions: Parameter,
    check: string,
    addresses: Iterable<string>,
  ): Promise<ReadonlyMap<string, string>> {
    const words = wordsOf(this.#setting(restrictions));
    const tables = words.filter((_, at) => words[at - 1] === check);
    return this.#find(tables, addresses, (address) => [
      address,
      this.withoutDetail(address),
      domainOf(address),
      `${localpartOf(address)}@`,
    ]);
  }

  /** Members of a list of names and tables. */
  async listed(list: Parameter, names: Iterable<string>): Promise<ReadonlySet<string>> {
    const words = wordsOf(this.#setting(list));
    const tables = words.filter((word) => word.includes(':'));
    const found = await this.#find(tables, names, (name) => [name]);
    return new Set([...names].filter((name) => found.has(name) || words.includes(name.toLowerCase())));
  }

  /** As split_addr() does, with the names that it leaves whole. */
  withoutDetail(address: string): string {
    const localpart = localpartOf(address);
    const delimiter = this.#setting('recipient_delimiter');
    const at = delimiter === '' ? -1 : localpart.indexOf(delimiter, 1);
    const special = this.#setting('owner_request_special') === 'yes' && delimiter === '-';
    const whole =
      /^(mailer-daemon|double-bounce|postmaster)$/i.test(localpart) ||
      (special && /^owner-|.-request$/i.test(localpart));
    return at < 0 || whole ? address : `${localpart.slice(0, at)}@${domainOf(address)}`;
  }

  /** In one run, for each costs more than its answer. */
  async #find(
    tables: readonly string[],
    subjects: Iterable<string>,
    formsOf: (subject: string) => readonly string[],
  ): Promise<ReadonlyMap<string, string>> {
    const forms = new Map([...subjects].map((subject) => [subject, formsOf(subject)]));
    const keys = new Set([...forms.values()].flat());
    for (const table of tables) this.asked.add(table);
    const script = `keys=$(cat); for table; do printf '%s\\n' "$keys" | postmap -q - "$table"; echo; done`;
    const command = ['sh', '-c', script, 'sh', ...tables];
    const { stdout, stderr } = await this.#world.exec('postfix', command, [...keys].join('\n'));
    if (stderr !== '') throw new Error(`postmap: ${stderr}`);
    const answers = stdout
      .split(/^\n/m)
      .map(
        (lines) =>
          new Map(
            lines
              .split('\n')
              .map((line) => [line.slice(0, line.indexOf('\t')), line.slice(line.indexOf('\t') + 1)]),
          ),
      );
    const found = new Map<string, string>();
    for (const [subject, keysOf] of forms) {
      const first = keysOf.flatMap((key) => answers.flatMap((answer) => answer.get(key) ?? []))[0];
      if (first !== undefined) found.set(subject, first);
    }
    return found;
  }
}

export function localpartOf(address: string): string {
  return address.slice(0, address.lastIndexOf('@'));
}

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

/** Commas and blanks separate them, outside of braces. */
function wordsOf(value: string): readonly string[] {
  const words: string[] = [];
  let depth = 0;
  let word = '';
  for (const letter of `${value} `) {
    if (letter === '{') depth += 1;
    if (letter === '}') depth -= 1;
    if (depth > 0 || !/[\s,]/.test(letter)) word += letter;
    else if (word !== '') {
      words.push(word);
      word = '';
    }
  }
  return words;
}
