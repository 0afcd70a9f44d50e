/** The option --resolver, of every command that may ask live DNS. */
import { Option } from 'commander';

/** Which DNS server is asked: those of the machine, unless said. */
export function resolverOption(): Option {
  return new Option('--resolver <address>', 'the DNS server to ask, an IP address with or without a port');
}
