// Comparison of what Live shows with what the browser itself says.

/** In the page, before anything else: keeps what each connection is told, beside the page's own use of it. */
export function spy() {
  const Original = globalThis.RTCPeerConnection;
  globalThis.spied = [];
  globalThis.RTCPeerConnection = class extends Original {
    told = [];
    given = [];
    errors = [];
    /** Types that statistics gave each candidate, by its id: a prflx candidate may become the one that was signalled. */
    types = {};
    constructor(configuration, ...more) {
      super(configuration, ...more);
      this.asked = configuration ?? {};
      globalThis.spied.push(this);
      this.addEventListener('icecandidate', (event) => {
        const { candidate } = event;
        if (candidate?.candidate)
          this.told.push({ line: candidate.candidate, url: candidate.url ?? event.url ?? null, at: performance.now() });
      });
      this.addEventListener('icecandidateerror', ({ url, errorCode }) => this.errors.push({ url, code: errorCode }));
    }
    createDataChannel(...args) {
      const channel = super.createDataChannel(...args);
      if (args[0] === 'text') Object.assign(globalThis, { left: this, channel });
      return channel;
    }
    async getStats(...args) {
      const stats = await super.getStats(...args);
      for (const { id, candidateType } of stats.values()) {
        if (candidateType) this.types[id] = [...new Set(this.types[id]).add(candidateType)];
      }
      return stats;
    }
    addIceCandidate(candidate) {
      if (candidate?.candidate) this.given.push(candidate.candidate);
      return super.addIceCandidate(candidate);
    }
  };
}

/** In the page: the raw facts, then at once what is drawn; null before the peers are made. */
export async function read() {
  const { left, channel, spied } = globalThis;
  if (!left) return null;
  const stats = [...(await left.getStats()).values()];
  const text = (e) => e?.textContent.replace(/\s+/g, ' ').trim() ?? '';
  const ends = (e) => [...e.querySelectorAll('[title]')].map((x) => x.title);
  const all = (selector) => [...document.querySelectorAll(selector)];
  return {
    now: performance.now(),
    stats,
    types: left.types,
    told: left.told.map(({ line }) => line),
    given: left.given,
    state: left.connectionState,
    channel: channel.readyState,
    gathering: spied.some((it) => it.signalingState !== 'closed' && it.iceGatheringState !== 'complete'),
    policy: left.asked.iceTransportPolicy ?? 'all',
    urls: (left.asked.iceServers ?? []).map(({ urls }) => urls),
    heard: spied.flatMap((connection) => connection.told),
    errors: spied.flatMap((connection) => connection.errors),
    columns: all('#live-pairs thead th').map((th) => ends(th)[0]),
    rows: all('#live-pairs tbody tr').map((tr) => ({
      heads: [...tr.querySelectorAll('th .dense')].map(text),
      title: ends(tr.querySelector('th'))[0],
      merged: text(tr.querySelector('.merged')),
      cells: [...tr.querySelectorAll('td.cell, td.none')].map((td) => ({
        id: td.dataset.pair ?? null,
        state: td.dataset.state ?? null,
        text: text(td),
      })),
    })),
    note: text(document.querySelector('#live-pairs header .note')),
    servers: all('#live-servers .rows li:not([data-problem], .add)').map((li) => ({
      sign: li.querySelector('svg')?.getAttribute('aria-label') ?? '',
      url: text(li.querySelector('.break')),
      reason: text(li.querySelector('.reason')),
    })),
    answer: all('[data-answer] .clause').map(text),
    remark: text(document.querySelector('[data-answer] .second')),
    log: all('#live-log li').map(text),
  };
}

const family = (endpoint) => {
  const address = endpoint.replace(/:\d+$/, '');
  return /^[\d.]+$/.test(address) ? 4 : address.includes(':') ? 6 : null;
};
const parse = (line) => {
  const [, , protocol, , address, port, , type, ...rest] = line.replace('candidate:', '').split(' ');
  const value = (name) => rest[rest.indexOf(name) + 1];
  const related = rest.includes('raddr') ? { address: value('raddr'), port: Number(value('rport')) } : null;
  const tcpType = rest.includes('tcptype') ? value('tcptype') : null;
  return { protocol, address, port: Number(port), type, related, tcpType };
};
/** `host:port` of a server's URL. */
const hostOf = (url) => url.replace(/^\w+:/, '').replace(/\?.*/, '');
const isTurn = (url) => /^turns?:/.test(url);
/** How long the page may take to draw a candidate that came, ms. */
const DRAWING_MS = 2000;

/** Each says one thing that is shown and is not so, by calling `claim(is, words)`. */
const CLAIMS = {
  cells({ rows, columns }, raw, claim) {
    for (const row of rows) {
      for (const [at, cell] of row.cells.entries()) {
        const pair = raw.pairs.get(cell.id);
        if (cell.id !== null && pair) {
          if (cell.state === 'succeeded') claim(pair.responsesReceived > 0, `${cell.text}, without an answer`);
          if (cell.state === 'failed') claim(pair.state === 'failed', `${cell.text}, though ${pair.state}`);
          const sent = /(\d+) sent/.exec(cell.text);
          if (sent) claim(pair.requestsSent >= Number(sent[1]), `${cell.text}, of ${pair.requestsSent}`);
        }
        if (cell.id !== null) continue;
        const [a, b] = [family(row.title), family(columns[at])];
        const where = `${row.title} × ${columns[at]}`;
        claim(cell.text !== '', `an empty cell: ${where}`);
        if (/IPv4 and IPv6/.test(cell.text)) claim(a !== null && b !== null && a !== b, `${cell.text}: ${where}`);
        if (/address is hidden/.test(cell.text)) claim(a === null || b === null, `${cell.text}: ${where}`);
      }
    }
  },

  checked({ note, rows, log }, { pairs }, claim) {
    const checked = Number(/^(\d+) checked/.exec(note)?.[1] ?? 0);
    // The page keeps pairs that the browser no longer lists.
    const gone = rows.flatMap((row) => row.cells).filter((cell) => cell.id !== null && !pairs.has(cell.id)).length;
    const sent = [...pairs.values()].filter((p) => p.requestsSent > 0).length;
    // One of them may share its cell with a pair of the same ends that is listed: then the log alone has it.
    const answered = new Set(log.flatMap((line) => /The check (.+?) was answered/.exec(line)?.[1] ?? [])).size;
    claim(checked <= Math.max(sent + gone, answered), note);
  },

  unpaired({ rows }, { local, remote }, claim) {
    for (const { merged, heads } of rows) {
      const base = /sent from (\S+), so/.exec(merged)?.[1];
      for (const head of base ? heads : []) {
        const own = local.find((c) => c.type === 'srflx' && head.endsWith(`:${c.port}`));
        const [address, port] = [base.replace(/:\d+$/, '').replace(/[[\]]/g, ''), Number(/:(\d+)$/.exec(base)?.[1])];
        claim(own?.related?.port === port, `${head}: ${merged}`);
        if (family(base) !== null && own?.related && own.related.address !== '0.0.0.0')
          claim(own.related.address === address, `${head}: ${merged}`);
      }
      const protocol = /no remote candidate speaks (\w+)/.exec(merged)?.[1];
      if (protocol) claim(!remote.some((c) => c.protocol.toLowerCase() === protocol), merged);
      const meets = /no remote candidate is (\w+)/.exec(merged)?.[1];
      if (meets) claim(!remote.some((c) => c.tcpType === meets), merged);
      const version = /no remote candidate has an IPv(\d)/.exec(merged)?.[1];
      if (version) claim(!remote.some((c) => family(`${c.address}:1`) === Number(version)), merged);
    }
  },

  servers({ servers, heard, errors, now }, _raw, claim) {
    for (const { sign, url, reason } of servers) {
      if (url === '') continue;
      const own = heard.filter((c) => c.url !== null && hostOf(c.url) === hostOf(url));
      const relays = own.filter(({ line }) => parse(line).type === 'relay');
      const says = `${sign} ${url} ${reason}`;
      if (sign === 'answered' && reason === '') claim((isTurn(url) ? relays : own).length > 0, says);
      if (/^No (?:answer|connection)/.test(reason))
        claim(!(isTurn(url) ? relays : own).some(({ at }) => now - at > DRAWING_MS), says);
      const code = Number(/^(?:Error )?(\d{3}) (?:after|no answer)/.exec(reason)?.[1] ?? 0);
      if (code > 0)
        claim(
          errors.some((e) => e.code === code && hostOf(e.url) === hostOf(url)),
          says,
        );
    }
  },

  outcome({ answer, state, channel, types }, raw, claim) {
    const [outcome] = answer;
    const answered = [...raw.pairs.values()].filter((pair) => pair.responsesReceived > 0);
    const ends = answered.map((pair) => [raw.ends.get(pair.localCandidateId), raw.ends.get(pair.remoteCandidateId)]);
    const some = (fits) => ends.some(([a, b]) => a && b && fits(a, b));
    const relayed = (a, b) => [a, b].some((end) => end.candidateType === 'relay');
    if (outcome === 'Connected directly')
      claim(
        some((a, b) => !relayed(a, b)),
        outcome,
      );
    if (outcome === 'Connected through a relay') claim(some(relayed), outcome);
    if (outcome === 'Not connected') claim(state !== 'connected', `${outcome}, though ${state}`);
    for (const clause of answer) {
      if (clause === 'the data channel is open') claim(channel === 'open', `${clause}, though ${channel}`);
      const path =
        /^(?:first in \d+ ms, now )?(host|srflx|prflx|relay) to (host|srflx|prflx|relay)(?: over IPv([46]))?/.exec(
          clause,
        );
      if (!path) continue;
      const [, local, remote, version] = path;
      const over = (end) => family(`${end.address ?? ''}:1`);
      // The drawing may be of the statistics before these.
      const fits = (a, b) =>
        types[a.id].includes(local) &&
        types[b.id].includes(remote) &&
        (!version || [over(a), over(b)].every((n) => n === null || n === Number(version)));
      claim(some(fits), clause);
    }
  },

  causes({ answer, errors, urls, policy, told, remark, gathering }, raw, claim) {
    const sent = [...raw.pairs.values()].filter((pair) => pair.requestsSent > 0).length;
    const relay = (c) => c.type === 'relay';
    for (const clause of answer) {
      const number = Number(/^(\d+) /.exec(clause)?.[1] ?? 0);
      if (/pairs? (?:was |were )?checked/.test(clause)) claim(number <= sent, `${clause}, of ${sent}`);
      if (/^\d+ pairs? answers?$/.test(clause))
        claim(number <= [...raw.pairs.values()].filter((p) => p.responsesReceived > 0).length, clause);
      const [, local, remote] = /^(\d+) local and (\d+) remote/.exec(clause) ?? [];
      if (local) claim(Number(local) <= raw.local.length && Number(remote) <= raw.remote.length, clause);
      if (/\(401\)/.test(clause))
        claim(
          errors.some(({ code }) => code === 401),
          clause,
        );
      if (/\(486\)/.test(clause))
        claim(
          errors.some(({ code }) => code === 486),
          clause,
        );
      if (/^only relays/.test(clause)) claim(policy === 'relay' && !raw.local.some(relay), clause);
      if (/^waiting for /.test(clause)) claim(gathering, clause);
      if (/checked and failed$/.test(clause))
        claim(
          [...raw.pairs.values()].every(({ state }) => state === 'failed'),
          clause,
        );
      if (/^no TURN server/.test(clause)) claim(!urls.some(isTurn), clause);
      if (/^no local candidate/.test(clause)) claim(told.length === 0, clause);
    }
    const unused = /Not used: the relay at \S*?:(\d+)\./.exec(remark)?.[1];
    if (unused)
      claim(
        raw.local.some((c) => relay(c) && c.port === Number(unused)),
        remark,
      );
  },

  /** Every end that the log names is of a candidate that there was. */
  log({ log }, raw, claim) {
    const ports = new Set([...raw.local, ...raw.remote, ...raw.ends.values()].map(({ port }) => port));
    for (const line of log) {
      if (!/ → /.test(line)) continue;
      for (const [, port] of line.matchAll(/\b(?:host|srflx|prflx|relay) \S*:(\d+)/g))
        claim(ports.has(Number(port)), line);
    }
  },
};

/** Contradictions between the page and the raw data, in words. */
export function contradictions(seen) {
  const wrong = [];
  const claim = (is, words) => is || wrong.push(words);
  const of = (type) => seen.stats.filter((s) => s.type === type).map((s) => [s.id, s]);
  const raw = {
    local: seen.told.map(parse),
    remote: seen.given.map(parse),
    pairs: new Map(of('candidate-pair')),
    ends: new Map([...of('local-candidate'), ...of('remote-candidate')]),
  };
  for (const check of Object.values(CLAIMS)) check(seen, raw, claim);
  return wrong;
}

const cellsOf = (seen) => seen.rows.flatMap((row) => row.cells);
const pairOf = (seen, cell) => seen.stats.find((s) => s.id === cell.id);

/** Each makes one reason false, or returns false where there is none to falsify. */
export const FALSEHOODS = {
  'a state'(seen) {
    const cell = cellsOf(seen).find((c) => c.id !== null && pairOf(seen, c)?.state === 'succeeded');
    return cell ? Object.assign(cell, { state: 'failed' }) : false;
  },
  'a count of requests'(seen) {
    const cell = cellsOf(seen).find((c) => c.id !== null && pairOf(seen, c));
    return cell ? Object.assign(cell, { text: '9999 sent, no answer' }) : false;
  },
  'an empty cell'(seen) {
    const cell = cellsOf(seen)[0];
    return cell ? Object.assign(cell, { id: null, state: null, text: '' }) : false;
  },
  'families that do not mix'(seen) {
    for (const row of seen.rows) {
      const at = row.cells.findIndex((_, i) => family(row.title) === family(seen.columns[i]));
      if (at >= 0) return Object.assign(row.cells[at], { id: null, text: 'IPv4 and IPv6 do not mix.' });
    }
    return false;
  },
  'pairs checked': (seen) => Object.assign(seen, { note: '9999 checked, 0 pruned' }),
  'a base'(seen) {
    const row = seen.rows.find(({ merged }) => /sent from \S+:\d+, so/.test(merged));
    return row ? Object.assign(row, { merged: row.merged.replace(/:\d+, so/, ':1, so') }) : false;
  },
  'a protocol nobody speaks'(seen) {
    return seen.rows[0] && seen.given.length > 0
      ? Object.assign(seen.rows[0], { merged: `No pair: no remote candidate speaks ${parse(seen.given[0]).protocol}.` })
      : false;
  },
  'a server that answered': (seen) => seen.servers.push({ sign: 'answered', url: 'stun:192.0.2.1:1', reason: '' }),
  'an error of a server': (seen) =>
    seen.servers.push({ sign: 'error', url: 'turn:192.0.2.1:1', reason: '401 after 1 s.' }),
  'a silent server'(seen) {
    const candidate = seen.heard.find(({ url, at }) => url && seen.now - at > DRAWING_MS);
    const url = candidate && `stun:${hostOf(candidate.url)}`;
    return candidate ? seen.servers.push({ sign: 'warning', url, reason: 'No answer in 5 s.' }) : false;
  },
  'a path through a relay'(seen) {
    if (seen.answer[0] !== 'Connected directly') return false;
    return seen.answer.splice(0, 1, 'Connected through a relay');
  },
  'an outcome': (seen) => (seen.state === 'connected' ? seen.answer.splice(0, 1, 'Not connected') : false),
  'types of a path': (seen) => seen.answer.push('relay to prflx over IPv6 in 5 ms'),
  'an open channel': (seen) => Object.assign(seen, { channel: 'closed', answer: ['the data channel is open'] }),
  'pairs without an answer': (seen) => seen.answer.push('9999 pairs were checked and none answered'),
  'pairs that answer': (seen) => seen.answer.push('9999 pairs answer'),
  'numbers of candidates': (seen) => seen.answer.push('9999 local and 1 remote candidates'),
  'pairs that failed': (seen) => seen.answer.push('1 pair was checked and failed'),
  'a server that is waited for': (seen) =>
    Object.assign(seen, { gathering: false, answer: ['waiting for stun:192.0.2.1'] }),
  'refused credentials'(seen) {
    if (seen.errors.some(({ code }) => code === 401)) return false;
    return seen.answer.push('TURN refused the user or password (401)');
  },
  'a policy': (seen) =>
    seen.policy === 'all' ? seen.answer.push('only relays may be used, and there is none') : false,
  'no TURN server': (seen) => (seen.urls.some(isTurn) ? seen.answer.push('no TURN server was given') : false),
  'an unused relay': (seen) => Object.assign(seen, { remark: 'Not used: the relay at 192.0.2.1:1.' }),
  'an end in the log': (seen) => seen.log.push('1 ms The check host 192.0.2.1:1 → host 192.0.2.2:2 was answered'),
};
