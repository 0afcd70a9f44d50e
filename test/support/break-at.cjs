/**
 * Loaded before mailc by `node --require`: numbers the side effects of the process, tells them, and breaks one.
 *
 * BREAK_LOG  a file that gets a line for each effect: `12 rename current`
 * BREAK_AT   the number of the effect to break; none without it
 * BREAK_KIND only effects of this kind count, such as `run`; else all do
 * BREAK_HOW  `kill`: SIGKILL instead of the effect, in the middle of it where it is a write of a file
 *            `full`: this write and all later ones meet a full disk
 *            `drop`: the connection to the database is gone
 *            `daemon`: from now on no Docker daemon answers
 */
const childProcess = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const { basename } = require('node:path');

const log = process.env.BREAK_LOG;
const at = Number(process.env.BREAK_AT ?? 0);
const how = process.env.BREAK_HOW;
const only = process.env.BREAK_KIND;
const { appendFileSync, writeSync } = fs;
let count = 0;
let isTelling = false;

/** Whether this effect is the one to break, or comes after it. */
function next(kind, subject) {
  if (only !== undefined && kind !== only) return { isIt: false, isLater: false };
  count += 1;
  if (log !== undefined) {
    isTelling = true;
    appendFileSync(log, `${count} ${kind} ${subject}\n`);
    isTelling = false;
  }
  return { isIt: count === at, isLater: at > 0 && count > at };
}

function kill() {
  process.kill(process.pid, 'SIGKILL');
}

function full() {
  return Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', errno: -28 });
}

/** Effects on the disk; those that need space fail on a full one. */
const writes = {
  openSync: { needsSpace: true, counts: (_path, flags) => typeof flags === 'string' && /[wa+]/.test(flags) },
  writeFileSync: { needsSpace: true, counts: () => true },
  mkdirSync: { needsSpace: true, counts: () => true },
  symlinkSync: { needsSpace: true, counts: () => true },
  renameSync: { needsSpace: false, counts: () => true },
  rmSync: { needsSpace: false, counts: () => true },
  chmodSync: { needsSpace: false, counts: () => true },
  fchmodSync: { needsSpace: false, counts: () => true },
  fsyncSync: { needsSpace: false, counts: () => true },
};

for (const [name, { needsSpace, counts }] of Object.entries(writes)) {
  const real = fs[name];
  fs[name] = (...words) => {
    if (isTelling || !counts(...words)) return real(...words);
    const subject = typeof words[0] === 'string' ? basename(words[name === 'symlinkSync' ? 1 : 0]) : 'file';
    const { isIt, isLater } = next(name.replace('Sync', ''), subject);
    if (how === 'full' && needsSpace && (isIt || isLater)) throw full();
    if (isIt && how === 'kill') {
      if (name === 'writeFileSync' && typeof words[0] === 'number') {
        writeSync(words[0], String(words[1]).slice(0, String(words[1]).length / 2));
      }
      kill();
    }
    return real(...words);
  };
}

/** Those that connected: the pipes to other programs are sockets to Node as well. */
const connected = new WeakSet();
const realConnect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...words) {
  connected.add(this);
  return realConnect.apply(this, words);
};

const realWrite = net.Socket.prototype.write;
net.Socket.prototype.write = function (...words) {
  if (!connected.has(this)) return realWrite.apply(this, words);
  const { isIt } = next('statement', 'database');
  if (isIt && how === 'kill') kill();
  if (isIt && how === 'drop') {
    this.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
    return false;
  }
  return realWrite.apply(this, words);
};

const realSpawn = childProcess.spawn;
childProcess.spawn = (program, words, options) => {
  if (basename(program) !== 'docker' && basename(program) !== 'sh' && basename(program) !== 'systemctl') {
    return realSpawn(program, words, options);
  }
  const { isIt, isLater } = next('run', `${basename(program)} ${words[0] ?? ''} ${words.at(-1) ?? ''}`);
  if (isIt && how === 'kill') kill();
  if (how === 'daemon' && (isIt || isLater)) {
    const env = { ...(options?.env ?? process.env), DOCKER_HOST: 'unix:///run/no-docker-daemon.sock' };
    return realSpawn(program, words, { ...options, env });
  }
  return realSpawn(program, words, options);
};
