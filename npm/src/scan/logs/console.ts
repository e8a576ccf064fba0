/**
 * What applications print of the events of an RTCPeerConnection: states of ICE, and errors of gathering. The names are
 * those of the W3C, the words around them are anybody's; so it is tried behind all logs of programs.
 */
import type { LogFamily } from './rules.js';

/** @internal */
export const console: LogFamily = {
  family: 'console',
  title: 'browser console',
  anybody: true,
  sign: /(?:\b|on)ice ?connection ?state|\bICE state\b|\bonicecandidateerror\b|\bicecandidateerror\b|\bRTCPeerConnectionIceErrorEvent\b|\berrorCode\\?["']?\s?[:=]\s?["']?(?:701|600|4\d\d)\b|\bset (?:remote|local) (?:offer|answer)\b.{0,40}\bstate\b|\baddIceCandidate\b.*\bremote description\b|\bNo remoteDescription\b/i,
  rules: [
    ['candidate-early', /\baddIceCandidate\b.*\bremote description (?:was|is) null|\bNo remoteDescription\b/i],
    [
      'wrong-state',
      /\bset (?:remote|local) (?<type>offer|answer)\b.{0,40}\bstate:? (?<state>stable|have-[\w-]+|closed)\b/i,
    ],
    [
      'name-not-found',
      /^(?=.*\berrorCode\W{1,8}701\b)(?=.*(?:lookup received error|could not be resolved|FQDN)).*?\b(?:stun|turn)s?:(?<name>[\w.-]+)/i,
    ],
    ['server-silent', /^(?=.*\berrorCode\W{1,8}701\b).*?\b(?<server>(?:stun|turn)s?:[\w.[\]:?=-]+)/i],
    ['server-silent', /\berrorCode\W{1,8}701\b/i],
    ['server-refused', /^(?=.*\berrorCode\W{1,8}(?<code>600|4\d\d)\b).*?\b(?<server>(?:stun|turn)s?:[\w.[\]:?=-]+)/i],
    [
      'state',
      /(?:(?:\b|on)ice ?connection ?state|\bICE state)(?:change)?\b(?:\W{0,4}\b(?:has|changed?|from|is|to|now|became|value|state)\b){0,4}\W{0,4}(?:(?:new|checking|connected|completed|failed|disconnected)\W{1,4}(?:to\W{1,2})?){0,8}(?<state>new|checking|connected|completed|failed|disconnected|closed)\b/i,
    ],
  ],
};
