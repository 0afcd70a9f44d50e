/** Port 4190: mail programs store Sieve scripts (RFC 5804). */
import { quote } from '../../diagnostics/quote.ts';
import type { Dialog } from './dialog.ts';
import { failingLogin, loginPatience, plain } from './failing-login.ts';
import { type Listener, openListener, secure } from './listener.ts';
import { ProbeFailure, Unanswered } from './probe-result.ts';

export async function probeSieve(listener: Listener, signal: AbortSignal): Promise<string> {
  const dialog = await openListener(listener, signal);
  try {
    const greeting = await answer(dialog);
    if (!/^OK\b/i.test(greeting.at(-1) ?? '')) {
      throw new ProbeFailure(`the greeting is ${quote(greeting.at(-1) ?? '')}`);
    }
    if (greeting.some((line) => /^"SASL" "[^"]/i.test(line))) {
      throw new ProbeFailure('a login is offered before TLS, so passwords would cross the wire in clear');
    }
    dialog.send('STARTTLS');
    const ready = (await answer(dialog)).at(-1) ?? '';
    if (!/^OK\b/i.test(ready)) throw new ProbeFailure(`STARTTLS is answered ${quote(ready)}`);
    await secure(dialog, listener);
    await answer(dialog);
    const { user, password } = failingLogin;
    dialog.send(`AUTHENTICATE "PLAIN" "${plain(user, password)}"`);
    const login = (await answer(dialog, loginPatience)).at(-1) ?? '';
    if (/^OK\b/i.test(login)) throw new ProbeFailure('a login with a made-up name and password succeeds');
    // Not (TRYLATER): then the database could not be asked.
    if (!/^NO "/i.test(login)) throw new Unanswered(`a wrong login is answered ${quote(login)}`);
    return 'greets, TLS, refuses a wrong login';
  } finally {
    await dialog.leave('LOGOUT');
  }
}

function answer(dialog: Dialog, timeout?: number): Promise<readonly string[]> {
  return dialog.lines((line) => /^(OK|NO|BYE)\b/i.test(line), timeout);
}
