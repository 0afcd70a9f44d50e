/** SMTP as a client speaks it (RFC 5321), for the probes of ports 25, 587 and 465. */
import { quote } from '../../diagnostics/quote.ts';
import { canaryDomain } from '../../model/canary.ts';
import type { Dialog } from './dialog.ts';
import { type Listener, secure } from './listener.ts';
import { ProbeFailure, Unanswered } from './probe-result.ts';

export interface SmtpReply {
  readonly code: number;
  /** Without the codes; of a greeting or EHLO the first is the server's name and what follows it. */
  readonly lines: readonly string[];
}

/** Sends a command, if one is given, and waits for its reply. Milliseconds. */
export async function smtpReply(
  dialog: Dialog,
  command: string | null,
  timeout?: number,
): Promise<SmtpReply> {
  if (command !== null) dialog.send(command);
  const lines = await dialog.lines((line) => !/^\d{3}-/.test(line), timeout);
  const last = lines.at(-1) ?? '';
  if (!/^[2-5]\d\d( |$)/.test(last)) throw new ProbeFailure(`${quote(last)} is no answer of SMTP`);
  return { code: Number(last.slice(0, 3)), lines: lines.map((line) => line.slice(4)) };
}

/** For a reply that a probe did not want. */
export function unexpected({ code }: SmtpReply, message: string): ProbeFailure {
  return code < 500 ? new Unanswered(message) : new ProbeFailure(message);
}

/** As it is shown: `550 5.1.1 User unknown`, in quotes. */
export function shown({ code, lines }: SmtpReply): string {
  return quote(`${code} ${lines.at(-1) ?? ''}`);
}

/**
 * Greeting and EHLO by the host's name, no login offered in clear, TLS. Gives the extensions of the last EHLO.
 * `greeting`: milliseconds for the first line, which postscreen(8) holds back.
 */
export async function beginSmtp(
  dialog: Dialog,
  listener: Listener,
  greeting?: number,
): Promise<readonly string[]> {
  const greeted = await smtpReply(dialog, null, greeting);
  if (greeted.code !== 220) throw unexpected(greeted, `the greeting is ${shown(greeted)}`);
  expectName(greeted.lines.at(-1), listener, 'greeting');
  const extensions = await ehlo(dialog, listener);
  if (listener.tls !== 'starttls') return extensions;
  if (extensions.some((line) => /^AUTH\b/i.test(line))) {
    throw new ProbeFailure('a login is offered before TLS, so passwords would cross the wire in clear');
  }
  const ready = await smtpReply(dialog, 'STARTTLS');
  if (ready.code !== 220) throw new ProbeFailure(`STARTTLS is answered ${shown(ready)}`);
  await secure(dialog, listener);
  return ehlo(dialog, listener);
}

async function ehlo(dialog: Dialog, listener: Listener): Promise<readonly string[]> {
  const reply = await smtpReply(dialog, `EHLO probe.${canaryDomain}`);
  if (reply.code !== 250) throw new ProbeFailure(`EHLO is answered ${shown(reply)}`);
  expectName(reply.lines[0], listener, 'answer to EHLO');
  return reply.lines.slice(1);
}

function expectName(line: string | undefined, { serverName }: Listener, where: string): void {
  const name = line?.split(' ')[0] ?? '';
  if (name.toLowerCase() !== serverName) throw new ProbeFailure(`the ${where} names ${quote(name)}`);
}
