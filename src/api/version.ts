/** Foreman's version whose API this is a dialect of: clients look at it before they send what others do not know. */
export const FOREMAN_VERSION = '3.12.0';
