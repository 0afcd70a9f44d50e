/** Writes a number of bytes as mail.yaml would. */

const units = ['B', 'KB', 'MB', 'GB', 'TB'];

/** `5GB`; 1 KB is 1024 bytes. The largest unit that says the number exactly, with at most two decimals. */
export function formatSize(bytes: number): string {
  for (let power = units.length - 1; power > 0; power--) {
    const amount = bytes / 1024 ** power;
    if (amount >= 1 && Number.isInteger(amount * 100)) return `${amount}${units[power]}`;
  }
  return `${bytes}B`;
}
