// A program of the host ends in its time, with all that it has started, and says how.

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { runProgram } from './run-program.ts';

const options = { environment: process.env, timeoutMs: 10_000, signal: new AbortController().signal };

describe('a program', () => {
  it('gives its exit code and both its streams', async () => {
    expect(await runProgram(['sh', '-c', 'echo out; echo err >&2; exit 3'], options)).toEqual({
      ...{ code: 3, timedOut: false, stdout: 'out\n', stderr: 'err\n' },
    });
  });

  it('gets its words as they are', async () => {
    const word = '$(id) `id` "; & \n *';
    expect((await runProgram(['printf', '%s', word], options)).stdout).toBe(word);
  });

  it('is killed past its time, with what it has started', async () => {
    const begin = Date.now();
    const ended = await runProgram(['sh', '-c', 'sleep 60 & sleep 60'], { ...options, timeoutMs: 200 });
    expect(ended).toMatchObject({ code: null, timedOut: true });
    expect(Date.now() - begin).toBeLessThan(5000);
  });

  it('is killed by an interruption', async () => {
    const interruption = new AbortController();
    const running = runProgram(['sh', '-c', 'sleep 60'], { ...options, signal: interruption.signal });
    await sleep(50);
    interruption.abort();
    await expect(running).rejects.toThrow(/abort/i);
  });

  it('that is not there is an error of the system', async () => {
    await expect(runProgram(['mailc-no-such-program'], options)).rejects.toThrow('ENOENT');
  });
});
