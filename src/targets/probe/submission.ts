/** Ports 587 and 465: users hand in mail, and nobody else does. */
import { failingLogin, loginPatience, plain } from './failing-login.ts';
import { type Listener, openListener } from './listener.ts';
import { ProbeFailure } from './probe-result.ts';
import { beginSmtp, shown, smtpReply, unexpected } from './smtp-dialog.ts';

export async function probeSubmission(listener: Listener, signal: AbortSignal): Promise<string> {
  const dialog = await openListener(listener, signal);
  try {
    const extensions = await beginSmtp(dialog, listener);
    if (!extensions.some((line) => /^AUTH\b.*\bPLAIN\b/i.test(line)))
      throw new ProbeFailure('no login is offered');
    const anonymous = await smtpReply(dialog, 'MAIL FROM:<>');
    if (anonymous.code === 250) {
      const recipient = await smtpReply(dialog, `RCPT TO:<${failingLogin.user}>`);
      if (recipient.code < 300) throw new ProbeFailure('a recipient is accepted without a login');
      await smtpReply(dialog, 'RSET');
    }
    const { user, password } = failingLogin;
    const login = await smtpReply(dialog, `AUTH PLAIN ${plain(user, password)}`, loginPatience);
    if (login.code === 235) throw new ProbeFailure('a login with a made-up name and password succeeds');
    if (login.code !== 535) throw unexpected(login, `a wrong login is answered ${shown(login)}`);
    return 'greets, TLS, refuses a wrong login and mail without one';
  } finally {
    await dialog.leave('QUIT');
  }
}
