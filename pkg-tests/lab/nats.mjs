/** nftables rules of the NATs under test. */

/** Behaviour of each kind: the truth the verdicts are compared with. */
export const TRUTH = {
  'full cone': { mapping: 'endpoint-independent', filtering: 'endpoint-independent', classic: 'full cone' },
  restricted: { mapping: 'endpoint-independent', filtering: 'address-dependent', classic: 'restricted cone' },
  cone: { mapping: 'endpoint-independent', filtering: 'address-and-port-dependent', classic: 'port restricted cone' },
  symmetric: { mapping: 'address-and-port-dependent', filtering: 'address-and-port-dependent', classic: 'symmetric' },
  blocked: { mapping: 'unknown', filtering: 'unknown', classic: 'blocked' },
};

/**
 * The rules of one NAT host: `out` and `inside` are its interfaces, `address` its outside address, `agent` the one
 * host behind it, `loss` the share of UDP packets dropped in each direction in per cent.
 */
export function nat(kind, { out, inside, address, agent, loss = 0 }) {
  const {
    chains,
    preroute = '',
    postroute = `oifname ${out} snat to ${address}`,
    forward = '',
  } = KINDS[kind]({ out, inside, address, agent });
  return `
table ip nat {
  ${chains ?? ''}
  # Without this the kernel keeps an entry for a peer's early packet, and the agent's own gets another port.
  chain input {
    type filter hook input priority 0;
    iifname ${out} ct state new drop
  }
  chain loss {
    type filter hook prerouting priority -300;
    ${loss > 0 ? `meta l4proto udp numgen random mod 100 < ${loss} drop` : ''}
  }
  chain forward {
    type filter hook forward priority 0;
    ${forward}
  }
  chain pre {
    type nat hook prerouting priority -100;
    ${preroute}
  }
  chain post {
    type nat hook postrouting priority 100;
    ${postroute}
  }
}
`;
}

const KINDS = {
  cone: ({ out }) => ({ postroute: `oifname ${out} masquerade` }),
  symmetric: ({ out }) => ({ postroute: `oifname ${out} masquerade fully-random` }),
  'full cone': ({ out, address, agent }) => ({ preroute: `iifname ${out} ip daddr ${address} dnat to ${agent}` }),
  restricted: ({ out, inside, address, agent }) => ({
    chains: 'set contacted { type inet_service . ipv4_addr; flags dynamic,timeout; timeout 60s; }',
    forward: `iifname ${inside} oifname ${out} update @contacted { udp sport . ip daddr }`,
    preroute: `iifname ${out} udp dport . ip saddr @contacted ip daddr ${address} dnat to ${agent}`,
  }),
  blocked: ({ out }) => ({ forward: 'meta l4proto udp udp dport != 53 drop', postroute: `oifname ${out} masquerade` }),
};
