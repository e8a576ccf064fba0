/** `icelens decode`. */
import { readFile } from 'node:fs/promises';
import type { Field } from '../stun/fields.js';
import { decodeMessage } from '../stun/full.js';
import { StunError } from '../stun.js';
import { type Command, print, readArgs, UsageError } from './usage.js';

/** The command. */
export const decode: Command = {
  usage: 'decode [HEX|BASE64|FILE]',
  summary: 'Shows a STUN or TURN message field by field, with the bytes of each.',
  help: `The message is given as hex (spaces and colons allowed) or base64, as a file that holds its bytes, or on standard input.

      --json   prints the message as JSON

Exit code: 0 decoded, 2 no message.`,
  async run(args) {
    const { values, positionals } = readArgs(args, { json: { type: 'boolean', default: false } });
    if (positionals.length > 1) throw new UsageError(`one message is decoded, not ${positionals.length}`);
    const bytes = await messageBytes(positionals[0]);
    try {
      const message = decodeMessage(bytes);
      print(
        values.json
          ? JSON.stringify(message, null, 2)
          : message
              .fields()
              .flatMap((field) => lines(field, 0))
              .join('\n'),
      );
      return 0;
    } catch (error) {
      if (error instanceof StunError) throw new Error(`no STUN message: ${error.message} (byte ${error.offset})`);
      throw error;
    }
  },
};

function lines({ name, start, end, text, children = [] }: Field, depth: number): string[] {
  const place = `${start}–${end - 1}`.padStart(9);
  const line = `${place}  ${'  '.repeat(depth)}${name.padEnd(26 - 2 * depth)} ${text}`.trimEnd();
  return [line, ...children.flatMap((child) => lines(child, depth + 1))];
}

async function messageBytes(argument: string | undefined): Promise<Uint8Array> {
  const written = argument === undefined ? undefined : fromText(argument);
  if (written) return written;
  const bytes = await readInput(argument);
  return fromText(new TextDecoder().decode(bytes)) ?? bytes;
}

/** The bytes that hex or base64 stands for, if the text is one of them. */
function fromText(text: string): Uint8Array | undefined {
  const hex = text.replace(/^\s*0x|[\s:]/g, '');
  if (/^([0-9a-f]{2}){20,}$/i.test(hex)) return Buffer.from(hex, 'hex');
  const base64 = text.replace(/\s/g, '');
  if (/^[A-Za-z0-9+/_-]{27,}=*$/.test(base64)) return Buffer.from(base64, 'base64');
  return undefined;
}

/** A file's bytes, or those of standard input when there is no file or it is `-`. */
async function readInput(file: string | undefined): Promise<Uint8Array> {
  if (file !== undefined && file !== '-') {
    try {
      return await readFile(file);
    } catch (error) {
      throw new Error(`can't read '${file}': ${error instanceof Error ? error.message : error}`);
    }
  }
  if (process.stdin.isTTY) throw new UsageError('nothing to read: give it as an argument or on standard input');
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
