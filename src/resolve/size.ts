/** Turns written sizes into bytes and back. */

const units = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/** `500MB`, `1.5 GiB`, as the schema allows them; K, M, G and T are powers of 1024 with and without the i. */
export function bytesOf(size: string): number {
  const match = /^([\d.]+) ?([KMGT]?)i?B$/.exec(size);
  const power = 'KMGT'.indexOf(match?.[2] || '-') + 1;
  return Math.round(Number(match?.[1]) * 1024 ** power);
}

/** For messages: the largest unit that keeps the number whole, `5GB` and not `5120MB`. */
export function formatSize(bytes: number): string {
  let value = bytes;
  let power = 0;
  while (power < units.length - 1 && value >= 1024 && value % 1024 === 0) {
    value /= 1024;
    power += 1;
  }
  return `${value}${units[power]}`;
}
