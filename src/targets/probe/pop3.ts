/** Ports 110 and 995: mail programs fetch mail (RFC 1939, RFC 2595). */
import { quote } from '../../diagnostics/quote.ts';
import type { Dialog } from './dialog.ts';
import { failingLogin, loginPatience } from './failing-login.ts';
import { type Listener, openListener, secure } from './listener.ts';
import { ProbeFailure, Unanswered } from './probe-result.ts';

export async function probePop3(listener: Listener, signal: AbortSignal): Promise<string> {
  const dialog = await openListener(listener, signal);
  try {
    const greeting = await dialog.line();
    if (!greeting.startsWith('+OK')) throw new ProbeFailure(`the greeting is ${quote(greeting)}`);
    if (listener.tls === 'starttls') await upgrade(dialog, listener);
    const { user, password } = failingLogin;
    const named = await ask(dialog, `USER ${user}`);
    if (!named.startsWith('+OK')) throw new ProbeFailure(`a user's name is answered ${quote(named)}`);
    const login = await ask(dialog, `PASS ${password}`, loginPatience);
    if (login.startsWith('+OK')) throw new ProbeFailure('a login with a made-up name and password succeeds');
    // RFC 3206: [AUTH] is a wrong password, [SYS/TEMP] a database that could not be asked.
    if (!login.startsWith('-ERR [AUTH]')) throw new Unanswered(`a wrong login is answered ${quote(login)}`);
    return 'greets, TLS, refuses a wrong login';
  } finally {
    await dialog.leave('QUIT');
  }
}

async function upgrade(dialog: Dialog, listener: Listener): Promise<void> {
  dialog.send('CAPA');
  const capabilities = await dialog.lines((line) => line === '.' || line.startsWith('-ERR'));
  if (capabilities.some((line) => /^(USER|SASL +\S.*)$/i.test(line))) {
    throw new ProbeFailure('a login is offered before TLS, so passwords would cross the wire in clear');
  }
  const ready = await ask(dialog, 'STLS');
  if (!ready.startsWith('+OK')) throw new ProbeFailure(`STLS is answered ${quote(ready)}`);
  await secure(dialog, listener);
}

function ask(dialog: Dialog, command: string, timeout?: number): Promise<string> {
  dialog.send(command);
  return dialog.line(timeout);
}
