/** Port 25: mail from other servers. Nobody may log in there, and nothing is relayed. */
import type { MailSystem } from '../../model/mail-system.ts';
import type { Dialog } from './dialog.ts';
import { type Listener, openListener } from './listener.ts';
import { ProbeFailure } from './probe-result.ts';
import { refusedRecipients } from './refused-recipients.ts';
import { beginSmtp, type SmtpReply, shown, smtpReply, unexpected } from './smtp-dialog.ts';

export async function probeSmtp(
  listener: Listener,
  system: MailSystem,
  signal: AbortSignal,
): Promise<string> {
  // With tests behind the greeting, postscreen answers a client that it has not seen for a while itself, and lets it
  // pass the next time.
  if (!(system.postscreen.enabled && system.postscreen.deepTests)) return converse(listener, system, signal);
  try {
    return await converse(listener, system, signal);
  } catch (cause) {
    if (!(cause instanceof ComeAgain)) throw cause;
    return await converse(listener, system, signal);
  }
}

/** What postscreen(8) answers when a client has just passed its tests. */
class ComeAgain extends ProbeFailure {}

async function converse(listener: Listener, system: MailSystem, signal: AbortSignal): Promise<string> {
  const dialog = await openListener(listener, signal);
  try {
    const { postscreen } = system;
    const greeting = 10_000 + (postscreen.enabled ? postscreen.greetWait * 1000 : 0);
    const extensions = await beginSmtp(dialog, listener, greeting);
    if (extensions.some((line) => /^AUTH\b/i.test(line))) throw new ProbeFailure('a login is offered');
    await refuses(dialog, system);
    return `greets, ${listener.tls === 'none' ? 'without TLS' : 'TLS'}; refuses to relay, and mail to nobody`;
  } finally {
    await dialog.leave('QUIT');
  }
}

async function refuses(dialog: Dialog, system: MailSystem): Promise<void> {
  const sender = await smtpReply(dialog, 'MAIL FROM:<>');
  if (sender.code !== 250) throw unexpected(sender, `a bounce is answered ${shown(sender)}`);
  for (const { address, what, reply: expected } of refusedRecipients(system)) {
    const reply = await smtpReply(dialog, `RCPT TO:<${address}>`);
    if (isComeAgain(reply)) throw new ComeAgain(`every client is told ${shown(reply)}`);
    if (reply.code < 300) throw new ProbeFailure(`${what}, ${address}, is accepted: ${shown(reply)}`);
    if (!expected.test(`${reply.code} ${reply.lines.at(-1) ?? ''}`)) {
      throw unexpected(reply, `${what}, ${address}, is answered ${shown(reply)}`);
    }
  }
}

function isComeAgain({ code, lines }: SmtpReply): boolean {
  return code === 450 && /^4\.3\.2 /.test(lines.at(-1) ?? '');
}
