/** What `mailc` exits with. Frozen: CI jobs and timers depend on them. */

export const exitCodes = {
  done: 0,
  usage: 1,
  pending: 2,
  invalid: 3,
  hazard: 4,
  stale: 5,
  locked: 6,
  failed: 7,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
