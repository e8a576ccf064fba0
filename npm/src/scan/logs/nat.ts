/** Text of programs that test a NAT: netcheck of overlay networks, stunclient, pystun, go-stun, turnutils_natdiscovery. */
import type { LogFamily } from './rules.js';

/** @internal */
export const netcheck: LogFamily = {
  family: 'netcheck',
  title: 'iroh / tailscale netcheck',
  sign: /\bnetcheck\b|\bMappingVariesByDestIP\b|mapping_varies_by_dest|^\s*\* (?:UDP|IPv4|IPv6|HairPinning|PortMapping|Nearest DERP|DERP latency)|\biroh(?:_\w+)?::|^\s*"(?:UDP|GlobalV[46]|PreferredDERP)": /,
  rules: [
    ['nat', /MappingVariesByDestIP"?:? "?(?<state>true|false)/],
    ['nat', /mapping_varies_by_dest(?:_ip(?:v4)?)?: ?(?:Some\()?(?<state>true|false)/],
    ['network', /^\s*[*"] ?UDP"?: (?<state>true|false)/],
    ['network', /\budp(?:_v4)?: (?<state>true|false)/],
    [
      'candidate',
      /(?:\* IPv[46]: (?:yes, )?|"GlobalV[46]": ")\[?(?<address>[\da-f.:]+?)\]?:(?<port>\d+)"?,?$/,
      { side: 'local', type: 'srflx', protocol: 'udp' },
    ],
    ['hint', /\* (?:HairPinning|PortMapping|CaptivePortal|Nearest DERP|DERP latency):? ?(?<state>.{0,60})/],
    ['server-silent', /(?:STUN|stun|probe).*(?:timed? ?out|timeout|failed)/],
  ],
};

/** @internal */
export const natTest: LogFamily = {
  family: 'nat-test',
  title: 'NAT test (stunclient, pystun, go-stun, natdiscovery)',
  sign: /^(?:Binding|Behavior|Filtering) test: |^(?:Local|Mapped) address: |^Nat (?:behavior|filtering): |^NAT Type: |^External (?:IP|Port): |\bNAT with .{5,40} (?:Mapping|Filtering)!|^No NAT\b|^FIREWALL that blocks|UDP reflexive addr: |pystun3?:(?:Result|Do Test)/i,
  rules: [
    ['nat', /^(?<reason>Nat behavior: Endpoint Independent Mapping)/i, { state: 'false' }],
    ['nat', /^(?<reason>Nat behavior: Address (?:and Port )?Dependent Mapping)/i, { state: 'true' }],
    ['nat', /(?<reason>NAT with Endpoint Independent Mapping)!/i, { state: 'false' }],
    ['nat', /(?<reason>NAT with Address (?:and Port )?Dependent Mapping)!/i, { state: 'true' }],
    ['nat', /^(?<reason>NAT Type: Symmetric(?: NAT)?)\s*$/i, { state: 'true' }],
    ['network', /^NAT Type: .*(?:UDP )?block/i, { state: 'false' }],
    ['nat', /^(?<reason>NAT Type: .*(?:cone|restric|full|open|not behind|no NAT).*)/i, { state: 'false' }],
    ['hint', /^(?<reason>Nat (?:behavior|filtering): .{1,60})/i],
    ['hint', /(?<reason>NAT with .{5,40} Filtering)!/i],
    [
      'candidate',
      /(?:^Mapped address|UDP reflexive addr): \[?(?<address>[\da-f.:]+?)\]?:(?<port>\d+)$/i,
      { side: 'local', type: 'srflx', protocol: 'udp' },
    ],
    [
      'candidate',
      /^Local address: \[?(?<address>[\da-f.:]+?)\]?:(?<port>\d+)$/i,
      { side: 'local', type: 'host', protocol: 'udp' },
    ],
    ['server-silent', /^Binding test: fail/i],
    ['hint', /^(?:(?:Binding|Behavior|Filtering) test: |External )/i],
  ],
};
