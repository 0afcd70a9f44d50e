/** A password from whoever runs mailc: twice and unseen on a terminal, one line from a pipe. */
import { passwordProblem } from '../password/hash-password.ts';
import type { Io } from './io.ts';

/** Null when Ctrl-C or end of file came instead of an answer. */
export async function readPassword(io: Io): Promise<string | { readonly refused: string } | null> {
  if (!io.stdinIsTerminal) return checked(firstLine(await readAll()));
  const password = await askUnseen(io, 'Password: ');
  if (password === null) return null;
  const again = await askUnseen(io, 'Again: ');
  if (again === null) return null;
  return password === again ? checked(password) : { refused: 'the two passwords differ' };
}

function checked(password: string): string | { readonly refused: string } {
  const refused = passwordProblem(password);
  return refused === null ? password : { refused };
}

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? '';
}

async function readAll(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return new TextDecoder('utf-8', { fatal: false }).decode(Buffer.concat(chunks));
}

/** Raw mode, so that nothing is echoed; the keys that a person expects to work do. */
function askUnseen(io: Io, prompt: string): Promise<string | null> {
  io.stderr(prompt);
  const { stdin } = process;
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.resume();
  return new Promise((resolve) => {
    let typed = '';
    const finish = (answer: string | null): void => {
      stdin.off('data', onData);
      stdin.setRawMode(false);
      stdin.pause();
      io.stderr('\n');
      resolve(answer);
    };
    const onData = (text: string): void => {
      for (const key of text) {
        const ended = key === '\r' || key === '\n';
        const left = key === '\u0003' || (key === '\u0004' && typed === '');
        if (ended || left) {
          finish(ended ? typed : null);
          return;
        }
        if (key === '\u007f' || key === '\b') typed = [...typed].slice(0, -1).join('');
        else if (key === '\u0015') typed = '';
        else typed += key;
      }
    };
    stdin.on('data', onData);
  });
}
