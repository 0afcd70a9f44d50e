/** The canary's mailbox, by IMAP: finds its messages and removes them. */
import { quote } from '../../diagnostics/quote.ts';
import { formatAddress } from '../../model/address.ts';
import { canary } from '../../model/canary.ts';
import { type CanaryWay, subjectOf } from './canary-ways.ts';
import type { Dialog } from './dialog.ts';
import { loginPatience } from './failing-login.ts';
import { beginImap, imapAnswer } from './imap.ts';
import type { Listener } from './listener.ts';
import { ProbeFailure } from './probe-result.ts';

/** Seconds after which a message of an earlier probe, which gave up, is removed. */
const forgottenAfter = 600;

export class CanaryMailbox {
  readonly #dialog: Dialog;

  private constructor(dialog: Dialog) {
    this.#dialog = dialog;
  }

  /** Logs in on a connection that was just opened; closes it when that fails. */
  static async open(dialog: Dialog, imap: Listener, password: string): Promise<CanaryMailbox> {
    try {
      await beginImap(dialog, imap);
      const login = (
        await imapAnswer(dialog, `LOGIN "${formatAddress(canary)}" "${password}"`, loginPatience)
      ).at(-1);
      if (login?.startsWith('t OK') !== true) {
        throw new ProbeFailure(`its login by IMAP is answered ${quote(login?.slice(2) ?? '')}`);
      }
      const mailbox = new CanaryMailbox(dialog);
      await mailbox.#run('SELECT INBOX');
      return mailbox;
    } catch (cause) {
      await dialog.leave('t LOGOUT');
      throw cause;
    }
  }

  /** The header of the message that came this way; null while there is none. */
  async headerOf(way: CanaryWay, token: string): Promise<string | null> {
    const [uid] = await this.#search(`HEADER Subject "${subjectOf(way, token)}"`);
    if (uid === undefined) return null;
    return (await this.#run(`UID FETCH ${uid} (BODY.PEEK[HEADER])`)).join('\n');
  }

  async remove(token: string): Promise<void> {
    await this.#remove(await this.#search(`HEADER Subject "${token}"`));
  }

  async removeForgotten(): Promise<void> {
    await this.#remove(await this.#search(`OLDER ${forgottenAfter}`));
  }

  async close(): Promise<void> {
    await this.#dialog.leave('t LOGOUT');
  }

  async #remove(uids: readonly string[]): Promise<void> {
    if (uids.length === 0) return;
    await this.#run(`UID STORE ${uids.join(',')} +FLAGS.SILENT (\\Deleted)`);
    await this.#run(`UID EXPUNGE ${uids.join(',')}`);
  }

  async #search(criteria: string): Promise<readonly string[]> {
    const found = (await this.#run(`UID SEARCH ${criteria}`)).find((line) => line.startsWith('* SEARCH'));
    return found?.match(/\d+/g) ?? [];
  }

  async #run(command: string): Promise<readonly string[]> {
    const answer = await imapAnswer(this.#dialog, command);
    const end = answer.at(-1) ?? '';
    if (end.startsWith('t OK')) return answer;
    throw new ProbeFailure(`${command.split(' ', 2).join(' ')} by IMAP is answered ${quote(end)}`);
  }
}
