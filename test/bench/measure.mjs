/** Wall time of whole processes, taken in turns so that a busy machine slows all alike. */
import { spawnSync } from 'node:child_process';

/**
 * Runs every command `rounds` times, round robin, and gives the milliseconds of each by name, a number a round.
 * `commands` is { name: [program, ...arguments] }; a command that fails ends the benchmark.
 */
export function times(commands, rounds, options = {}) {
  const taken = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const [name, [program, ...words]] of Object.entries(commands)) {
      const start = process.hrtime.bigint();
      const result = spawnSync(program, words, { encoding: 'utf8', ...options });
      const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
      if (result.status !== 0) throw new Error(`${name} failed with ${result.status}:\n${result.stderr}`);
      // The first round only warms the file cache.
      if (round >= 0) taken[name].push(milliseconds);
    }
  }
  return taken;
}

/** The median of what each round says: both of its runs met the same neighbours on a busy machine. */
export function ratio(numerators, denominators) {
  return median(numerators.map((time, round) => time / denominators[round]));
}

export function median(list) {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Prints a line and says whether the goal was reached. */
export function report(name, value, goal, unit = 'x') {
  const reached = value <= goal;
  console.log(
    `${reached ? 'ok  ' : 'MISS'} ${name.padEnd(58)} ${value.toFixed(2)}${unit}  (goal ${goal}${unit})`,
  );
  return reached;
}
