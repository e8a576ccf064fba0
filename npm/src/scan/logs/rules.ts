/** Rules of log families. A family is one file beside this one; `table.ts` lists them. */

/** Meaning of a line of a log. */
export type LogEventName =
  | 'candidate'
  | 'pair'
  | 'selected'
  | 'state'
  | 'failed'
  | 'no-pairs'
  | 'check-timeout'
  | 'check-refused'
  | 'check-received'
  | 'consent-lost'
  | 'role-conflict'
  | 'candidate-early'
  | 'wrong-state'
  | 'mdns-failed'
  | 'name-not-found'
  | 'server'
  | 'server-silent'
  | 'server-refused'
  | 'allocated'
  | 'allocation-refused'
  | 'unknown-user'
  | 'wrong-password'
  | 'permission'
  | 'peer-denied'
  | 'refreshed'
  | 'usage'
  | 'closed'
  | 'no-ports'
  | 'dtls-state'
  | 'dtls-failed'
  | 'network'
  | 'nat'
  | 'gathered'
  | 'announced'
  | 'error-code'
  | 'proxy-silent'
  | 'proxy-refused'
  | 'hint';

/** Named groups that rules may capture; what they mean is the same in every family. */
export type LogField =
  | 'session'
  | 'user'
  | 'realm'
  | 'client'
  | 'server'
  | 'peer'
  | 'relayed'
  | 'lifetime'
  | 'code'
  | 'reason'
  | 'side'
  | 'type'
  | 'protocol'
  | 'address'
  | 'port'
  | 'local'
  | 'remote'
  | 'localType'
  | 'remoteType'
  | 'state'
  | 'before'
  | 'localPort'
  | 'remotePort'
  | 'count'
  | 'name'
  | 'sent'
  | 'received';

/** Values a pattern can't capture because the line does not spell them. */
export type Fixed = Partial<Record<LogField, string>>;

/** One row: the event, the pattern of its line, and what the line implies. The first row that matches wins. */
export type LogRule = readonly [event: LogEventName, pattern: RegExp, fixed?: Fixed];

/** The log of one program or library. */
export interface LogFamily {
  /** Stable, as in `Log.family`. */
  family: string;
  /** Its name for people. */
  title: string;
  /** Mark that every line of it has, and no other log. */
  sign: RegExp;
  /** Words that anybody prints: a line with the sign of another family is that family's. */
  anybody?: true;
  rules: readonly LogRule[];
}
