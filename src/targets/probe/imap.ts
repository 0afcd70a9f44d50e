/** Ports 143 and 993: mail programs read mail (RFC 9051). */
import { quote } from '../../diagnostics/quote.ts';
import type { Dialog } from './dialog.ts';
import { failingLogin, loginPatience } from './failing-login.ts';
import { type Listener, openListener, secure } from './listener.ts';
import { ProbeFailure, Unanswered } from './probe-result.ts';

export async function probeImap(listener: Listener, signal: AbortSignal): Promise<string> {
  const dialog = await openListener(listener, signal);
  try {
    await beginImap(dialog, listener);
    const { user, password } = failingLogin;
    const login = (await imapAnswer(dialog, `LOGIN "${user}" "${password}"`, loginPatience)).at(-1) ?? '';
    if (login.startsWith('t OK')) throw new ProbeFailure('a login with a made-up name and password succeeds');
    // Not [UNAVAILABLE]: then the database could not be asked.
    if (!login.startsWith('t NO [AUTHENTICATIONFAILED]')) {
      throw new Unanswered(`a wrong login is answered ${quote(login.slice(2))}`);
    }
    return 'greets, TLS, refuses a wrong login';
  } finally {
    await dialog.leave('t LOGOUT');
  }
}

/** The greeting, no login in clear, TLS. */
export async function beginImap(dialog: Dialog, listener: Listener): Promise<void> {
  const greeting = await dialog.line();
  if (!greeting.startsWith('* OK')) throw new ProbeFailure(`the greeting is ${quote(greeting)}`);
  if (listener.tls !== 'starttls') return;
  const capability =
    (await imapAnswer(dialog, 'CAPABILITY')).find((line) => /^\* CAPABILITY /i.test(line)) ?? '';
  if (!/ LOGINDISABLED\b/i.test(capability) || / AUTH=/i.test(capability)) {
    throw new ProbeFailure('a login is offered before TLS, so passwords would cross the wire in clear');
  }
  const ready = (await imapAnswer(dialog, 'STARTTLS')).at(-1) ?? '';
  if (!ready.startsWith('t OK')) throw new ProbeFailure(`STARTTLS is answered ${quote(ready.slice(2))}`);
  await secure(dialog, listener);
}

/** Sends a command under the tag `t`; gives all lines up to the one that completes it. */
export async function imapAnswer(
  dialog: Dialog,
  command: string,
  timeout?: number,
): Promise<readonly string[]> {
  dialog.send(`t ${command}`);
  return dialog.lines((line) => line.startsWith('t ') || line.startsWith('* BYE'), timeout);
}
