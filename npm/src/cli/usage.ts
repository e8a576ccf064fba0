/** Parts that the commands share. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { TransportAddress } from '../address.js';
import { nearest } from './nearest.js';
import { visible, visibleLine } from './visible.js';

/** A command of the command line. */
export interface Command {
  /** Name and arguments. */
  usage: string;
  /** One line. */
  summary: string;
  /** The options in words. */
  help: string;
  /** The options as `readArgs` takes them; shells complete them. */
  options: Options;
  /** Words that an operand may be, for shells to complete; files unless given. */
  operands?: () => readonly string[];
  /** Returns the exit code. */
  run(args: string[]): Promise<number>;
}

/** The arguments are wrong. */
export class UsageError extends Error {}

/** Writes a line to standard output. What comes from an input can neither order the terminal about nor add lines. */
export function print(...parts: (string | Painted)[]): void {
  const shown = parts.map((part) => {
    if (typeof part === 'string') return visibleLine(part);
    const text = visibleLine(part.text);
    return hasColours() ? `\u001b[${COLOURS[part.colour]}m${text}\u001b[39m` : text;
  });
  process.stdout.write(`${shown.join('')}\n`);
}

/** Colours, by the numbers that terminals give to them. */
const COLOURS = { red: 31, green: 32, yellow: 33, blue: 34 } as const;
type Colour = keyof typeof COLOURS;

/** Text in a colour. */
export interface Painted {
  text: string;
  colour: Colour;
}

const SEVERITIES: Record<string, Colour> = { error: 'red', warning: 'yellow', info: 'blue', ok: 'green' };

/** The word for a severity, in its colour. */
export function severityWord(severity: string): string | Painted {
  const colour = SEVERITIES[severity];
  return colour === undefined ? severity : { text: severity, colour };
}

/** Whether standard output shows colours: on a terminal that can, or where FORCE_COLOR is set; never with NO_COLOR. */
function hasColours(): boolean {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return FORCE_COLOR !== '0';
  return process.stdout.isTTY === true && process.stdout.hasColors();
}

/** Writes lines that are our own, or of which each is a line of what was read, and JSON. */
export function printLines(text: string): void {
  process.stdout.write(`${visible(text)}\n`);
}

/** Writes lines to standard error. */
export function complain(text: string): void {
  process.stderr.write(`${visible(text)}\n`);
}

type Options = NonNullable<ParseArgsConfig['options']>;
/** Result of `readArgs`. */
export type Parsed<T extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: T; allowPositionals: true; strict: true }>
>;

/** `parseArgs` with our kind of error. */
export function readArgs<T extends Options>(args: string[], options: T): Parsed<T> {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(wrongOption(args, options) ?? (error instanceof Error ? error.message : String(error)));
  }
}

/** Fault of the first option that is wrong; null when each is right by itself. */
function wrongOption(args: string[], options: Options): string | null {
  const { tokens } = parseArgs({ args, options, allowPositionals: true, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const { name, rawName, value, inlineValue } = token;
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (option === undefined) return unknownOption(rawName, Object.keys(options));
    if (option.type === 'boolean' && value !== undefined) return `${rawName} takes no value`;
    if (option.type === 'string' && value === undefined) return `${rawName} takes a value`;
    if (option.type === 'string' && value?.startsWith('-') && !inlineValue)
      return `${rawName} takes a value, and '${value}' looks like an option: if it is the value, write --${name}=${value}`;
  }
  return null;
}

function unknownOption(written: string, names: readonly string[]): string {
  const near = nearest(written.replace(/^-+/, ''), [...names, 'help']);
  return `there is no option '${written}'${near === null ? '' : `; did you mean --${near}?`}`;
}

/** A whole number of an option. */
export function wholeNumber(name: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new UsageError(`${name} must be a whole number from ${least} to ${most}, not '${text}'`);
}

/** Host and port of `stun:host:port`, `host:port`, `[::1]:port` or `host`. */
export function readServer(text: string): { host: string; port: number } {
  const match =
    /^(?:stun:)?(?:\[([0-9a-f:.]+)\]|([^[\]:?/]+)|([0-9a-f]*:[0-9a-f:.]+))(?::(\d{1,5}))?(?:\?transport=udp)?$/i.exec(
      text,
    );
  const host = match?.[1] ?? match?.[2] ?? match?.[3];
  const port = Number(match?.[4] ?? 3478);
  if (host === undefined || port < 1 || port > 65_535) {
    throw new UsageError(`'${text}' is no STUN server: write stun:host, stun:host:port or [2001:db8::1]:3478`);
  }
  return { host, port };
}

/** All addresses of a server. */
export async function resolveServer(text: string): Promise<TransportAddress[]> {
  const { host, port } = readServer(text);
  const family = (number: number) => (number === 6 ? ('ipv6' as const) : ('ipv4' as const));
  if (isIP(host)) return [{ address: host, port, family: family(isIP(host)) }];
  const found = await lookup(host, { all: true });
  return found.map((one) => ({ address: one.address, port, family: family(one.family) }));
}
