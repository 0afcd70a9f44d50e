/** A mail.yaml of any size, alike but for the number of users: what the benchmarks compile. */

/** One alias a user, ten users a domain at most a hundred domains; real-length hashes. */
export function aSource(users) {
  const domains = Math.min(100, Math.max(1, Math.round(users / 10)));
  const lines = [
    'version: 1',
    'postmaster: user0@domain0.example',
    'hosts:',
    '  mail.domain0.example:',
    '    addresses: [203.0.113.10, "2001:db8::10"]',
    '    tls: { letsencrypt: domain0.example }',
    'domains:',
    ...range(domains).map((n) => `  domain${n}.example: {}`),
    'users:',
    ...range(users).flatMap((n) => [
      `  user${n}@domain${n % domains}.example:`,
      `    password: "$6$rounds=50000$${salt(n)}$${hash(n)}"`,
      '    quota: 5GB',
    ]),
    'aliases:',
    ...range(users).map(
      (n) => `  alias${n}@domain${n % domains}.example: user${n}@domain${n % domains}.example`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function range(length) {
  return Array.from({ length }, (_, n) => n);
}

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function salt(n) {
  return letters(n, 16);
}

function hash(n) {
  return letters(n + 7, 86);
}

/** Not random, only different: a linear congruential generator (Numerical Recipes' constants). */
function letters(seed, length) {
  let state = seed >>> 0;
  let text = '';
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    text += alphabet[state >>> 26];
  }
  return text;
}
