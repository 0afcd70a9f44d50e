/**
 * A server that speaks as much of PostgreSQL's protocol (version 3.0) as a plan needs, and has nothing to tell: the
 * code that reads a database is compiled when it first runs, and not everyone who builds mailc has a server.
 */
const { createServer } = require('node:net');

/** `url` is for `--database`; nothing listens any more after `stop`. */
async function startServer() {
  const server = createServer(answer);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  return { url: `postgres://nobody@127.0.0.1:${port}/none?sslmode=disable`, stop: () => server.close() };
}

function answer(socket) {
  let pending = Buffer.alloc(0);
  let isStarted = false;
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    // The first message has no letter before its length.
    for (;;) {
      const head = isStarted ? 1 : 0;
      const length = pending.length < head + 4 ? Infinity : head + pending.readInt32BE(head);
      if (pending.length < length) return;
      const message = pending.subarray(0, length);
      pending = pending.subarray(length);
      if (!isStarted) socket.write(Buffer.concat([authenticated, ready]));
      else if (message[0] === 0x51)
        socket.write(Buffer.concat([results(message.toString('latin1', 5)), ready]));
      isStarted = true;
    }
  });
}

/** A result of no rows for each statement, but for the one that asks for the server's version. */
function results(text) {
  return Buffer.concat(text.split(';').map((part) => (/server_version/.test(part) ? version : nothing)));
}

function message(letter, ...parts) {
  const body = Buffer.concat(
    parts.map((part) => (typeof part === 'number' ? int32(part) : Buffer.from(part))),
  );
  return Buffer.concat([Buffer.from(letter), int32(body.length + 4), body]);
}

function int32(number) {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(number);
  return bytes;
}

const authenticated = message('R', 0);
const ready = message('Z', 'I');
const done = message('C', 'SELECT 0\0');
const int16 = (number) => int32(number).subarray(2);
/** A name, no table's column, type text (25) of any length, in text format. */
const column = Buffer.concat([
  Buffer.from('a\0'),
  int32(0),
  int16(0),
  int32(25),
  int16(-1),
  int32(-1),
  int16(0),
]);
const nothing = Buffer.concat([message('T', int16(1), column), done]);
const version = Buffer.concat([
  message('T', int16(2), column, column),
  message('D', int16(2), 6, '170000', 4, '17.0'),
  done,
]);

module.exports = { startServer };
