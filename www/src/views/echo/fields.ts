import type { StunMessage } from 'icelens';
import { t } from '../../i18n/index.svelte';
import { type ByteField, byteFields, hexText } from '../../ui/bytes';

export interface Secrets {
  username: string;
  realm: string;
  password: string;
}

function credentials(s: Secrets) {
  return s.realm === '' ? { password: s.password } : { username: s.username, realm: s.realm, password: s.password };
}

/** The value as it is read off the bytes; the type's words go to the note. */
function text(field: ByteField, message: StunMessage): string {
  if (field.start === 0) return field.text.split(' ')[0] ?? field.text;
  if (field.end === 20) return hexText(message.transactionId, 4);
  if (field.name !== 'FINGERPRINT') return field.text;
  return `0x${hexText(message.bytes.subarray(field.start + field.head, field.end), 8)}`;
}

function note(field: ByteField, message: StunMessage): string | undefined {
  if (field.start === 0) return messageTitle(message);
  if (field.start === 2) return t('echo.note.length', { all: message.bytes.length });
  if (field.padding > 0) return t('echo.note.padding', { n: field.padding });
  if (field.name === 'XOR-MAPPED-ADDRESS') return t('echo.note.xor');
  if (field.name === 'FINGERPRINT') return 'CRC-32';
  return undefined;
}

function check(field: ByteField, message: StunMessage, secrets: Secrets | null): ByteField['check'] {
  const verdict =
    field.name === 'FINGERPRINT'
      ? message.fingerprint
      : field.name.startsWith('MESSAGE-INTEGRITY') && secrets && secrets.password !== ''
        ? message.verify(credentials(secrets))
        : 'absent';
  if (verdict === 'absent') return undefined;
  return { good: verdict === 'valid', word: t(verdict === 'valid' ? 'echo.valid' : 'echo.invalid') };
}

/** The fields of a message for the byte view: notes, checks, and the transaction id linked with the other message. */
export function messageByteFields(message: StunMessage, secrets: Secrets | null, linked: boolean): ByteField[] {
  return byteFields(message.bytes, message.fields()).map((field) => {
    const id = field.end === 20;
    return {
      ...field,
      text: text(field, message),
      note: note(field, message),
      check: check(field, message, secrets),
      linked: linked && id,
    };
  });
}

/** `Binding success`, with the error's code where there is one. */
export function messageTitle(message: StunMessage): string {
  const method = typeof message.method === 'number' ? `0x${message.method.toString(16)}` : message.method;
  const name = method.replace(/(^|-)([a-z])/g, (_, dash, letter) => dash.replace('-', ' ') + letter.toUpperCase());
  const error = message.errorCode;
  return `${name} ${message.class}${error ? `, ${error.code} ${error.reason}` : ''}`;
}
