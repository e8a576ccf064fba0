/** Advice from the log of API calls and events that a dump has of a connection: what failed, in which order, how long it took. */
import type { Advisor, Evidence } from './advice.js';
import type { DumpConnection, DumpEvent } from './dump.js';

/** Advice on the events of one connection. `connected`: one of its pairs worked. @internal */
export function adviseEvents(
  connection: DumpConnection,
  connected: boolean,
  evidence: readonly Evidence[],
  advisor: Advisor,
): void {
  adviseFailures(connection, connected, evidence, advisor);
  adviseOrder(connection, evidence, advisor);
  adviseGlare(connection, evidence, advisor);
  adviseGatheringTime(connection, evidence, advisor);
}

const FAILED =
  /^(createOffer|createAnswer|setLocalDescription|setRemoteDescription|addIceCandidate)(?:OnFailure|Failed)$/;
/** Characters that are shown of the reason a browser gave. */
const REASON = 160;

/** Text without the quotes of JSON. */
const plain = (value: string) => value.replace(/^"|"$/g, '').replace(/\s+/g, ' ').trim();

/** Calls that the browser refused, by call and reason. */
function adviseFailures(
  { id, events }: DumpConnection,
  connected: boolean,
  evidence: readonly Evidence[],
  advisor: Advisor,
): void {
  const failed = new Map<string, { call: string; reason: string; count: number }>();
  for (const { type, value } of events) {
    const call = FAILED.exec(type)?.[1];
    if (call === undefined) continue;
    const reason = plain(value).slice(0, REASON) || '?';
    const one = failed.get(`${call} ${reason}`);
    if (one !== undefined) one.count++;
    else if (failed.size < 20) failed.set(`${call} ${reason}`, { call, reason, count: 1 });
  }
  for (const { call, reason, count } of failed.values()) {
    const severity = connected || call === 'addIceCandidate' ? 'warning' : 'error';
    advisor.add('dump.call-failed', severity, evidence, { connection: id, call, count, said: reason });
  }
}

/** Candidates that were given before the description they belong to, and refused for that. */
function adviseOrder({ id, events }: DumpConnection, evidence: readonly Evidence[], advisor: Advisor): void {
  const described = events.findIndex(({ type }) => type === 'setRemoteDescription');
  const before = described < 0 ? events : events.slice(0, described);
  const early = before.filter(({ type }) => type === 'addIceCandidate').length;
  const refused = events.some(({ type }) => /^addIceCandidate(?:OnFailure|Failed)$/.test(type));
  if (early > 0 && refused) advisor.add('dump.candidate-early', 'warning', evidence, { connection: id, count: early });
}

const KIND = /"?type"?\s*:\s*"?(offer|answer|pranswer|rollback)\b/;
const kindOf = ({ value }: DumpEvent) =>
  KIND.exec(value.slice(0, 200))?.[1] ?? KIND.exec(value.slice(-100))?.[1] ?? null;

/** Offers of both sides that crossed. */
function adviseGlare({ id, events }: DumpConnection, evidence: readonly Evidence[], advisor: Advisor): void {
  let offered = false;
  let crossed = 0;
  let refused = 0;
  for (const [index, event] of events.entries()) {
    const kind = kindOf(event);
    if (event.type === 'setLocalDescription') offered = kind === 'offer' || (kind === null && offered);
    if (event.type !== 'setRemoteDescription') continue;
    if (kind === 'offer' && offered) {
      crossed++;
      const outcome = events.slice(index + 1).find(({ type }) => /^setRemoteDescriptionOn/.test(type));
      if (outcome?.type === 'setRemoteDescriptionOnFailure') refused++;
    }
    offered = false;
  }
  if (crossed === 0) return;
  const outcome = refused > 0 ? 'glare.refused' : 'glare.settled';
  advisor.add('dump.glare', refused > 0 ? 'warning' : 'info', evidence, { connection: id, count: crossed, outcome });
}

/** How long gathering took, and when each server's first candidate or error came. */
function adviseGatheringTime({ id, events }: DumpConnection, evidence: readonly Evidence[], advisor: Advisor): void {
  let began: number | null = null;
  let ended: number | null = null;
  const servers = new Map<string, string>();
  for (const { type, value, time } of events) {
    if (time === null) continue;
    if (/icegatheringstatechange$/i.test(type)) {
      if (/gathering/.test(value)) began ??= time;
      else if (/complete/.test(value) && began !== null) ended ??= time;
    }
    const url = /\burl"?\s*:\s*"?((?:stun|turn)s?:[^",\s]+)/i.exec(value)?.[1];
    if (began === null || ended !== null || url === undefined || servers.has(url) || servers.size >= 20) continue;
    if (/icecandidateerror$/i.test(type)) servers.set(url, `${url} ${time - began} ms, ${errorOf(value)}`);
    else if (/icecandidate$/i.test(type)) servers.set(url, `${url} ${time - began} ms`);
  }
  if (began === null || ended === null) return;
  const listed = servers.size === 0 ? '' : ` (${[...servers.values()].join('; ')})`;
  advisor.add('dump.gathering-time', 'info', evidence, { connection: id, time: Math.round(ended - began), listed });
}

const errorOf = (value: string) => /error_?code"?\s*[:=]\s*"?(\d+)/i.exec(value)?.[1] ?? '?';
