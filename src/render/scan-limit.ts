/** How much of one message is unpacked: Amavis must stop there, and ClamAV must take whatever Amavis sends. */

/**
 * Bytes, for the message itself and for all that its archives unpack to. An archive that would grow further is a
 * bomb. A part that Amavis unpacked and ClamAV refused would leave the message undelivered.
 */
export function scanLimit(messageSize: number): number {
  return messageSize + 256 * 1024 ** 2;
}
