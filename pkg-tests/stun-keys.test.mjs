// Passwords and the keys made of them: what is not a password verifies nothing, and no key stands for another's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as full from 'icelens';
import * as sdp from 'icelens/sdp';
import * as small from 'icelens/stun';

const notStrings = [undefined, null, [], {}, 0, 5, true, new String('p'), Symbol('p'), () => 'p', new Uint8Array(4)];

for (const [entry, { createResponder, decodeMessage, encodeMessage, userHash }] of Object.entries({
  icelens: full,
  'icelens/stun': small,
  'icelens/sdp': sdp,
})) {
  const signed = (integrity) =>
    encodeMessage({ class: 'request', method: 'binding', attributes: [['USERNAME', 'mallory']], integrity });

  test(`${entry}: verify refuses what is not a string`, () => {
    const message = decodeMessage(signed({ password: '' }));
    for (const password of notStrings) {
      assert.throws(() => message.verify({ password }), /^TypeError: password must be a string, not /);
      const long = { username: 'mallory', realm: 'r', password };
      assert.throws(() => message.verify(long), /^TypeError: password must be a string, not /);
      assert.throws(() => message.verify({ ...long, password: 'p', username: password }), TypeError);
      assert.throws(() => message.verify({ ...long, password: 'p', realm: password }), TypeError);
      assert.throws(() => userHash(password, 'r'), TypeError);
      assert.throws(() => signed({ password }), TypeError);
    }
    assert.throws(() => message.verify({}), TypeError);
    assert.throws(() => message.verify(undefined), /^TypeError: credentials must be an object/);
    for (const algorithm of ['sha1', 'toString', 2, null]) {
      assert.throws(() => message.verify({ username: 'u', realm: 'r', password: 'p', algorithm }), TypeError);
    }
  });

  test(`${entry}: the error does not tell a password`, () => {
    const message = decodeMessage(signed({ password: 'p' }));
    for (const password of [123456, ['123456'], { secret: '123456' }]) {
      assert.throws(
        () => message.verify({ password }),
        (error) => !error.message.includes('123456'),
      );
    }
  });

  test(`${entry}: an empty password verifies nothing unless it is meant`, () => {
    const message = decodeMessage(signed({ password: '' }));
    assert.equal(message.verify({ password: '' }), 'invalid');
    assert.equal(message.verify({ password: '', emptyPassword: true }), 'valid');
    const user = { username: 'mallory', realm: 'r', password: '' };
    const long = decodeMessage(signed(user));
    assert.equal(long.verify(user), 'invalid');
    assert.equal(long.verify({ ...user, emptyPassword: true }), 'valid');
    const unsigned = decodeMessage(encodeMessage({ class: 'request', method: 'binding' }));
    assert.equal(unsigned.verify({ password: '' }), 'absent');
  });

  test(`${entry}: no key stands for that of another user`, () => {
    const one = { username: 'a\0b', realm: 'c', password: 'p' };
    const other = { username: 'a', realm: 'b\0c', password: 'p' };
    const message = decodeMessage(signed(one));
    assert.equal(message.verify(one), 'valid');
    assert.equal(message.verify(other), 'invalid');
    assert.equal(message.verify({ ...one, algorithm: 'sha-256' }), 'invalid');
    assert.equal(message.verify({ password: 'p' }), 'invalid');
    assert.equal(message.verify(one), 'valid');
  });

  test(`${entry}: many users with one password, more than there are slots`, () => {
    const users = Array.from({ length: 150 }, (_, i) => ({ username: `u${i}`, realm: 'r', password: 'same' }));
    const messages = users.map((user) => decodeMessage(signed(user)));
    messages.forEach((message, i) => {
      assert.equal(message.verify(users[i]), 'valid');
      assert.equal(message.verify(users[(i + 1) % users.length]), 'invalid');
    });
  });

  test(`${entry}: a responder asks for passwords that are strings`, () => {
    for (const password of notStrings) {
      assert.throws(
        () => createResponder({ shortTerm: { username: 'u', password } }),
        /^TypeError: shortTerm\.password/,
      );
      assert.throws(() => createResponder({ shortTerm: { username: password, password: 'p' } }), TypeError);
      assert.throws(() => createResponder({ longTerm: { realm: 'r', users: { u: password } } }), /users\["u"\]/);
      assert.throws(() => createResponder({ longTerm: { realm: password, users: {} } }), /^TypeError: longTerm\.realm/);
    }
    assert.throws(() => createResponder({ longTerm: { realm: 'r', users: null } }), /^TypeError: longTerm\.users/);
    assert.throws(() => createResponder({ shortTerm: { username: 'u', password: '' } }), /emptyPassword/);
  });

  test(`${entry}: a responder does not know a user with an empty password`, () => {
    const source = { address: '192.0.2.1', port: 5 };
    const ask = (responder) => {
      const bare = encodeMessage({ class: 'request', method: 'binding' });
      const { value: nonce } = decodeMessage(responder.answer(bare, source).response).attributes.find(
        ({ name }) => name === 'NONCE',
      );
      const attributes = [
        ['USERNAME', 'u'],
        ['REALM', 'r'],
        ['NONCE', nonce],
      ];
      const integrity = { username: 'u', realm: 'r', password: '' };
      return responder.answer(encodeMessage({ class: 'request', method: 'binding', attributes, integrity }), source);
    };
    assert.equal(ask(createResponder({ longTerm: { realm: 'r', users: { u: '' } } })).code, 401);
    assert.equal(
      ask(createResponder({ longTerm: { realm: 'r', users: { u: '' }, emptyPassword: true } })).verdict,
      'success',
    );
  });
}
