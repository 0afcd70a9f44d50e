/**
 * npm run bench:load [-- MESSAGES [CONNECTIONS [FILTERED]]]: what the running system carries beside the same
 * Postfix and Dovecot with Debian's settings and local files, as ratios of one run. Needs what the end-to-end tests
 * need (docs/end-to-end-tests.md), and waits for them. 10,000 messages over 20 connections without the filter and
 * 200 with it, unless told otherwise.
 */
import { fileURLToPath } from 'node:url';
import { importTypeScript } from '../support/import-typescript.mjs';

const [messages = '10000', connections = '20', filtered = '200'] = process.argv.slice(2);
const entry = fileURLToPath(new URL('load/measure-load.ts', import.meta.url));
const program = await importTypeScript(entry);
const reached = await program.measureLoad({
  messages: Number(messages),
  connections: Number(connections),
  filtered: Number(filtered),
});
process.exitCode = reached ? 0 : 1;
