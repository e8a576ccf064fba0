/**
 * Answers every question for an address with one, over DNS (`dns` as argument) or multicast DNS (`mdns`), so that a
 * candidate whose name a browser asks for gets a pair, and one that it never asks for does not.
 */
import { createSocket } from 'node:dgram';

const ADDRESSES = new Map([
  [1, [203, 0, 113, 77]],
  [28, [0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x77]],
]);
const GROUP = '224.0.0.251';
const ANSWER = 0x8400;

/** The first question of a query: its bytes and type; null when there is none. */
function question(message) {
  if (message.length < 17 || (message[2] & 0x80) !== 0) return null;
  let at = 12;
  while (at < message.length && message[at] !== 0) at += message[at] + 1;
  if (at + 5 > message.length) return null;
  return {
    bytes: message.subarray(12, at + 5),
    name: message.subarray(12, at + 1),
    type: message.readUInt16BE(at + 1),
  };
}

function answer(message, { bytes, name, type }, multicast) {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(multicast ? 0 : message.readUInt16BE(0), 0);
  header.writeUInt16BE(multicast ? ANSWER : ANSWER | 0x180, 2);
  header.writeUInt16BE(multicast ? 0 : 1, 4);
  const address = ADDRESSES.get(type);
  if (address === undefined) return Buffer.concat([header, multicast ? Buffer.alloc(0) : bytes]);
  header.writeUInt16BE(1, 6);
  const fixed = Buffer.from([0, type, multicast ? 0x80 : 0, 1, 0, 0, 0, 60, 0, address.length]);
  return Buffer.concat([header, multicast ? Buffer.alloc(0) : bytes, name, fixed, Buffer.from(address)]);
}

const multicast = process.argv[2] === 'mdns';
const socket = createSocket({ type: 'udp4', reuseAddr: true });
socket.on('message', (message, from) => {
  const asked = question(message);
  if (asked === null || (multicast && !ADDRESSES.has(asked.type))) return;
  if (multicast) socket.send(answer(message, asked, true), 5353, GROUP);
  else socket.send(answer(message, asked, false), from.port, from.address);
});
if (multicast) {
  socket.bind(5353, '0.0.0.0', () => {
    socket.addMembership(GROUP, process.argv[3]);
    socket.setMulticastInterface(process.argv[3]);
    console.log('ready');
  });
} else {
  socket.bind(53, '127.0.0.1', () => console.log('ready'));
}
