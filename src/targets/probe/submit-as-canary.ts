/** Hands in messages as the canary, which nobody else can log in as. */
import { formatAddress } from '../../model/address.ts';
import { canary } from '../../model/canary.ts';
import { loginPatience, plain } from './failing-login.ts';
import { type Listener, openListener } from './listener.ts';
import { beginSmtp, type SmtpReply, shown, smtpReply, unexpected } from './smtp-dialog.ts';

export interface Submission {
  readonly recipient: string;
  /** Lines end with CRLF, and none begins with a dot. */
  readonly text: string;
}

/** Throws a ProbeFailure unless Postfix takes all of them. */
export async function submitAsCanary(
  listener: Listener,
  password: string,
  messages: readonly Submission[],
  signal: AbortSignal,
): Promise<void> {
  const dialog = await openListener(listener, signal);
  const expect = async (
    code: number,
    what: string,
    command: string,
    timeout?: number,
  ): Promise<SmtpReply> => {
    const reply = await smtpReply(dialog, command, timeout);
    if (reply.code === code) return reply;
    throw unexpected(reply, `${what} on ${listener.name} is answered ${shown(reply)}`);
  };
  const address = formatAddress(canary);
  try {
    await beginSmtp(dialog, listener);
    await expect(235, 'its login', `AUTH PLAIN ${plain(address, password)}`, loginPatience);
    for (const { recipient, text } of messages) {
      await expect(250, 'its sender', `MAIL FROM:<${address}>`);
      await expect(250, `its recipient ${recipient}`, `RCPT TO:<${recipient}>`);
      await expect(354, 'DATA', 'DATA');
      // OpenDKIM is asked before the answer.
      await expect(250, 'its message', `${text}\r\n.`, 30_000);
    }
  } finally {
    await dialog.leave('QUIT');
  }
}
