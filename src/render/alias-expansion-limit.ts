/** How many addresses one alias may lead to: Postfix and the compiler's check must agree on it. */

/** The default of Postfix (postconf(5), virtual_alias_expansion_limit): mail to more is deferred, and never goes out. */
export const aliasExpansionLimit = 1000;
