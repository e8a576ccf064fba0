/** A small pcapng of one ICE session between two agents, built when it is asked for: real messages, real integrity. */

import { encodeMessage, type MessageInit, type TransportAddress } from 'icelens';

const LINK_ETHERNET = 1;

type Endpoint = readonly [address: string, port: number];

const CALLER: Endpoint = ['10.1.0.2', 50312];
const CALLER_PUBLIC: Endpoint = ['203.0.113.101', 50312];
const CALLEE: Endpoint = ['203.0.113.102', 36059];
const SERVER: Endpoint = ['203.0.113.10', 3478];

const CALLER_UFRAG = '9uB6';
const CALLEE_UFRAG = '8hhY';
const CALLER_PWD = 'YH75Fviy6338Vbrhrlp8Yh1c';
const CALLEE_PWD = 'asd88fgpdd777uzjYhagZgQx';
const CALLER_TIE_BREAKER = 0x932ff9b151263b36n;
const CALLEE_TIE_BREAKER = 0x1d3a76aa00c4f1e2n;
/** A peer-reflexive candidate would have this priority (RFC 8445 7.1.1): type 110, local 65535, component 1. */
const PRFLX_PRIORITY = 1862270975;

interface Sent {
  /** Milliseconds since the first packet. */
  at: number;
  from: Endpoint;
  to: Endpoint;
  message: MessageInit;
}

/** Packets at the caller's network card; a check to a private address that never answers is part of it. */
export function sampleCapture(): Uint8Array {
  return writePcapng([...serverExchange(), ...lostChecks(), ...answeredChecks(), ...consent()]);
}

function serverExchange(): Sent[] {
  const transactionId = id(1);
  return [
    { at: 0, from: CALLER, to: SERVER, message: { class: 'request', method: 'binding', transactionId } },
    { at: 21.4, from: SERVER, to: CALLER, message: success(transactionId, CALLER_PUBLIC) },
  ];
}

/** RFC 8489 6.2.1: the retransmissions of one transaction, RTO 500 ms doubling. */
function lostChecks(): Sent[] {
  return [130, 630, 1630].map((at) => ({
    at,
    from: CALLER,
    to: ['10.2.0.2', 36059],
    message: callerCheck(id(2), false),
  }));
}

function answeredChecks(): Sent[] {
  return [
    { at: 180, from: CALLER, to: CALLEE, message: callerCheck(id(3), false) },
    { at: 201.2, from: CALLEE, to: CALLER, message: calleeCheck(id(4)) },
    { at: 201.9, from: CALLER, to: CALLEE, message: success(id(4), CALLEE, CALLER_PWD) },
    { at: 222.6, from: CALLEE, to: CALLER, message: success(id(3), CALLER_PUBLIC, CALLEE_PWD) },
    { at: 251, from: CALLER, to: CALLEE, message: callerCheck(id(5), true) },
    { at: 293.7, from: CALLEE, to: CALLER, message: success(id(5), CALLER_PUBLIC, CALLEE_PWD) },
  ];
}

/** RFC 7675: a check about every 5 s keeps consent. */
function consent(): Sent[] {
  return [5211, 10_480].flatMap((at, index): Sent[] => [
    { at, from: CALLER, to: CALLEE, message: callerCheck(id(6 + index), true) },
    { at: at + 42.8, from: CALLEE, to: CALLER, message: success(id(6 + index), CALLER_PUBLIC, CALLEE_PWD) },
  ]);
}

function callerCheck(transactionId: Uint8Array, nominate: boolean): MessageInit {
  const attributes: [string, unknown?][] = [
    ['USERNAME', `${CALLEE_UFRAG}:${CALLER_UFRAG}`],
    ['ICE-CONTROLLING', CALLER_TIE_BREAKER],
    ['PRIORITY', PRFLX_PRIORITY],
  ];
  if (nominate) attributes.push(['USE-CANDIDATE']);
  return signed({ class: 'request', method: 'binding', transactionId, attributes }, CALLEE_PWD);
}

function calleeCheck(transactionId: Uint8Array): MessageInit {
  const attributes: [string, unknown?][] = [
    ['USERNAME', `${CALLER_UFRAG}:${CALLEE_UFRAG}`],
    ['ICE-CONTROLLED', CALLEE_TIE_BREAKER],
    ['PRIORITY', PRFLX_PRIORITY],
  ];
  return signed({ class: 'request', method: 'binding', transactionId, attributes }, CALLER_PWD);
}

function success(transactionId: Uint8Array, [address, port]: Endpoint, password?: string): MessageInit {
  const mapped: TransportAddress = { address, port, family: 'ipv4' };
  const init: MessageInit = {
    class: 'success',
    method: 'binding',
    transactionId,
    attributes: [['XOR-MAPPED-ADDRESS', mapped]],
  };
  return password === undefined ? init : signed(init, password);
}

function signed(init: MessageInit, password: string): MessageInit {
  return { ...init, integrity: { password }, fingerprint: true };
}

/** Fixed ids, so that the sample is the same each time. */
function id(number: number): Uint8Array {
  return Uint8Array.from({ length: 12 }, (_, index) => (number * 151 + index * 37 + 11) & 255);
}

// pcapng: one section header, one interface, an enhanced packet block each (draft-ietf-opsawg-pcapng).

function writePcapng(sent: readonly Sent[]): Uint8Array {
  const ordered = [...sent].sort((a, b) => a.at - b.at);
  return concat([sectionHeader(), interfaceDescription(), ...ordered.map(packetBlock)]);
}

function sectionHeader(): Uint8Array {
  const body = new DataView(new ArrayBuffer(16));
  body.setUint32(0, 0x1a2b3c4d, true);
  body.setUint16(4, 1, true);
  body.setBigInt64(8, -1n, true);
  return block(0x0a0d0d0a, body);
}

function interfaceDescription(): Uint8Array {
  const body = new DataView(new ArrayBuffer(8));
  body.setUint16(0, LINK_ETHERNET, true);
  return block(1, body);
}

function packetBlock({ at, from, to, message }: Sent): Uint8Array {
  const frame = ethernet(from, to, encodeMessage(message));
  const body = new DataView(new ArrayBuffer(20 + padded(frame.length)));
  const microseconds = BigInt(Math.round(at * 1000));
  body.setUint32(4, Number(microseconds >> 32n), true);
  body.setUint32(8, Number(microseconds & 0xffff_ffffn), true);
  body.setUint32(12, frame.length, true);
  body.setUint32(16, frame.length, true);
  new Uint8Array(body.buffer).set(frame, 20);
  return block(6, body);
}

function block(type: number, body: DataView): Uint8Array {
  const length = 12 + body.byteLength;
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, length, true);
  bytes.set(new Uint8Array(body.buffer), 8);
  view.setUint32(length - 4, length, true);
  return bytes;
}

function ethernet(from: Endpoint, to: Endpoint, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(42 + payload.length);
  const view = new DataView(frame.buffer);
  view.setUint16(12, 0x0800);
  view.setUint8(14, 0x45);
  view.setUint16(16, 28 + payload.length);
  view.setUint8(22, 64);
  view.setUint8(23, 17);
  frame.set(octets(from[0]), 26);
  frame.set(octets(to[0]), 30);
  view.setUint16(24, headerChecksum(view));
  view.setUint16(34, from[1]);
  view.setUint16(36, to[1]);
  view.setUint16(38, 8 + payload.length);
  frame.set(payload, 42);
  return frame;
}

/** RFC 791: the ones' complement sum of the IPv4 header. */
function headerChecksum(view: DataView): number {
  let sum = 0;
  for (let at = 14; at < 34; at += 2) sum += view.getUint16(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function octets(address: string): number[] {
  return address.split('.').map(Number);
}

function padded(length: number): number {
  return (length + 3) & ~3;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
