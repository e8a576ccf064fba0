/** Passwords taken out of a text before it goes into a link. Lengths stay, so every offset stays. */

const SECRETS: readonly RegExp[] = [
  /(a=ice-pwd:)([^\s"'\\<]+)/gi,
  /(a=crypto:\d+\s+\S+\s+inline:)([^\s"'\\<|]+)/gi,
  /("(?:credential|password|pwd|icePwd|ice_pwd)"\s*:\s*")((?:[^"\\]|\\.)+)/gi,
  /(\\"(?:credential|password|pwd|icePwd|ice_pwd)\\"\s*:\s*\\")([^"\\]+)/gi,
  /(\bcredential:\s*['"]?)([^\s'",}]+)/gi,
  /((?:proxy-)?authorization:[^\r\n]*?\bresponse=")([^"\r\n]+)/gi,
  /(turns?:[^\s:@/]+:)([^\s@/]+)(?=@)/gi,
];

export function removePasswords(text: string): { text: string; removed: number } {
  let removed = 0;
  let clean = text;
  for (const secret of SECRETS) {
    clean = clean.replace(secret, (_whole, before: string, value: string) => {
      removed++;
      return before + 'x'.repeat(value.length);
    });
  }
  return { text: clean, removed };
}
