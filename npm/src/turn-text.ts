/** Sentences of TURN events, and the paragraph behind each. */

/** Why a request failed: the closed list of the crate's `turn::client::Reason`. */
export type TurnReason =
  | 'silent'
  | 'integrity'
  | 'no-credentials'
  | 'wrong-credentials'
  | 'challenge'
  | 'alternate-unusable'
  | 'alternate-loop'
  | 'bad-request'
  | 'forbidden'
  | 'unknown-attribute'
  | 'address-in-use'
  | 'allocation-lost'
  | 'family-not-supported'
  | 'other-credentials'
  | 'transport-not-supported'
  | 'family-mismatch'
  | 'peer-connection'
  | 'quota'
  | 'server'
  | 'capacity'
  | 'bad-response'
  | 'too-long';

/** In words. @internal */
export const REASONS: Readonly<Record<TurnReason, string>> = {
  silent: 'no answer came',
  integrity: 'answers came, and none was signed with the password',
  'no-credentials': 'the server asks for a user name and password, and there are none',
  'wrong-credentials': 'the server refuses the user name or password',
  challenge: "the server's challenge can't be answered",
  'alternate-unusable': 'the server sends the client elsewhere without an address that can be used',
  'alternate-loop': 'servers send the client in a circle',
  'bad-request': 'the server finds the request malformed',
  forbidden: "the server's policy does not allow it",
  'unknown-attribute': 'the server does not know an attribute that is needed',
  'address-in-use': 'the server holds an allocation for each local address that was tried',
  'allocation-lost': 'the allocation no longer exists',
  'family-not-supported': 'the server relays no such address family',
  'other-credentials': 'the allocation was made with another user name',
  'transport-not-supported': 'the server relays no such transport protocol',
  'family-mismatch': "the peer is not of the relayed address's family",
  'peer-connection': "the TCP connection to the peer exists already, or can't be made",
  quota: 'the user has as many allocations as allowed',
  server: 'the server reports an error of its own',
  capacity: 'the server has no address or room left',
  'bad-response': "the answer lacks what it must have, or has another family's address",
  'too-long': "the user name is longer than 509 bytes, or the request can't be written",
};

/** The paragraph behind each event. @internal */
export const RULES: Readonly<Record<string, string>> = {
  allocated: 'RFC 8656 §7.3',
  refreshed: 'RFC 8656 §8.3',
  redirected: 'RFC 8489 §10',
  'local-address-wanted': 'RFC 8656 §7.4',
  permitted: 'RFC 8656 §10.3',
  'permission-refused': 'RFC 8656 §10.2',
  'channel-bound': 'RFC 8656 §12.3',
  'channel-refused': 'RFC 8656 §12.2',
  data: 'RFC 8656 §11.4',
  icmp: 'RFC 8656 §11.6',
  failed: 'RFC 8656 §7.4',
  closed: 'RFC 8656 §8.3',
};
