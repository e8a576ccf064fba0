/** NAT verdicts against the truth: real kernel NATs, coturn, Chromium, Firefox, the command line, and two referees. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, missingBrowser, servePage } from './browsers.mjs';
import { TRUTH } from './nats.mjs';
import { find, missing, Network, SERVERS } from './network.mjs';
import '../lib/ends.mjs';

const [FIRST, SECOND] = SERVERS;
const STUN = [`stun:${FIRST}:3478`, `stun:${SECOND}:3478`, `stun:${FIRST}:3479`];
const TURN = { urls: `turn:${FIRST}:3478`, username: 'user', credential: 'pass' };
const ICE_SERVERS = [{ urls: STUN }, TURN];
const BROWSERS = ['chromium', 'firefox'];
const OPEN = { mapping: 'not-applicable', filtering: 'endpoint-independent', classic: 'open' };
const EIM = 'endpoint-independent';
const ADF = 'address-dependent';
const APD = 'address-and-port-dependent';
const CLI = fileURLToPath(new URL('../../pkg/bin/icelens.js', import.meta.url));

/** Outer NAT, inner NAT, and what both do together: of each axis the stricter. */
const DOUBLE = [
  { outer: 'full cone', inner: 'cone', truth: { mapping: EIM, filtering: APD } },
  { outer: 'restricted', inner: 'full cone', truth: { mapping: EIM, filtering: ADF } },
  { outer: 'cone', inner: 'symmetric', truth: { mapping: APD, filtering: APD } },
];
const LOSSES = [5, 20];
const LOSSY = ['full cone', 'restricted', 'symmetric'];

/** Words of the classic client and of coturn's for each kind. */
const REFEREES = {
  stun: {
    args: [FIRST],
    says: {
      'full cone': /Independent Mapping, Independent Filter/,
      restricted: /Independent Mapping, Address Dependent Filter/,
      cone: /Independent Mapping, Port Dependent Filter/,
      symmetric: /Primary: Dependent Mapping/,
      blocked: /Blocked or could not reach STUN server/,
    },
  },
  turnutils_natdiscovery: {
    args: ['-m', '-f', FIRST],
    says: {
      'full cone': /Endpoint Independent Mapping!.*Endpoint Independent Filtering!/s,
      restricted: /Endpoint Independent Mapping!.*Address Dependent Filtering!/s,
      cone: /Endpoint Independent Mapping!.*Address and Port Dependent Filtering!/s,
      symmetric: /Address and Port Dependent Mapping!.*Address and Port Dependent Filtering!/s,
    },
  },
};

const skip = missing() ?? false;

// Tests that are started together run together.
test('NAT lab', { skip, timeout: 600_000, concurrency: 8 }, async (t) => {
  const network = new Network();
  const opened = [];
  t.after(async () => {
    await Promise.allSettled(opened.map((browser) => browser.close()));
    network.close();
  });
  const open = async (name, host, options) => {
    const browser = await launch(name, network, host, options);
    opened.push(browser);
    return browser;
  };
  await network.startCoturn();
  await Promise.all(['agent', 'open'].map((host) => servePage(network, host)));
  network.set('cone');
  const present = BROWSERS.filter((name) => missingBrowser(name) === null);
  const agents = {};
  for (const name of present) agents[name] = await open(name, 'agent');
  const browserTest = (name, title, run) =>
    t.test(`${title}: ${name}`, { skip: missingBrowser(name) ?? false }, (sub) => run(agents[name], sub));

  for (const kind of Object.keys(TRUTH)) {
    network.set(kind);
    // Alone, so that its times mean something.
    await browserTest('chromium', kind, async (browser, sub) => {
      const { report, mappingAfter } = await probe(browser, ICE_SERVERS);
      check(report, TRUTH[kind]);
      sub.diagnostic(`mapping after ${mappingAfter ?? '–'} ms, all after ${Math.round(report.elapsed)} ms`);
    });
    await Promise.all([
      browserTest('firefox', kind, async (browser) => check((await probe(browser, ICE_SERVERS)).report, TRUTH[kind])),
      t.test(`${kind}: icelens nat`, () => checkCli(network, 'agent', TRUTH[kind])),
      ...referees(t, network, kind),
      // Another host, which the NAT under test does not touch; with the last kind, which keeps others waiting.
      ...(kind === 'blocked' ? withoutNat(t, network) : []),
    ]);
  }

  for (const { outer, inner, truth } of DOUBLE) {
    network.set(outer, { inner });
    const title = `${inner} behind ${outer}`;
    await Promise.all([
      ...BROWSERS.map((name) =>
        browserTest(name, title, async (browser, sub) =>
          neverWrong((await probe(browser, ICE_SERVERS)).report, truth, sub),
        ),
      ),
      t.test(`${title}: icelens nat`, async (sub) => neverWrong((await runCli(network, 'agent')).report, truth, sub)),
    ]);
  }

  for (const loss of LOSSES) {
    for (const kind of LOSSY) {
      network.set(kind, { loss });
      const title = `${kind}, ${loss} % loss`;
      await Promise.all([
        ...BROWSERS.map((name) =>
          browserTest(name, title, async (browser, sub) => {
            neverWrong((await probe(browser, ICE_SERVERS)).report, TRUTH[kind], sub);
          }),
        ),
        t.test(`${title}: icelens nat`, async (sub) => {
          neverWrong((await runCli(network, 'agent')).report, TRUTH[kind], sub);
        }),
      ]);
    }
  }

  network.set('cone');
  for (const name of BROWSERS) {
    const dead = 'stun:203.0.113.99:3478';
    await browserTest(name, 'a dead server is named and does not spoil the verdict', async (browser) => {
      const { report } = await probe(browser, [{ urls: [dead, ...STUN] }]);
      assert.equal(report.paths[0].mapping.value, EIM);
      assert.deepEqual(report.silent, [dead]);
      assert.deepEqual(codes(report), ['turn-server']);
    });
    await browserTest(name, 'dead STUN servers are not taken for blocked UDP', async (browser) => {
      const { report } = await probe(browser, [{ urls: [dead, 'stun:203.0.113.98'] }, TURN]);
      assert.notEqual(report.paths[0].classic, 'blocked', told(report));
      assert.equal(report.paths[0].mapping.value, 'unknown');
    });
    await browserTest(name, 'one server shows no mapping, and what is missing is said', async (browser) => {
      const { report } = await probe(browser, [{ urls: STUN[0] }]);
      assert.equal(report.paths[0].mapping.value, 'unknown');
      assert.deepEqual(codes(report), ['second-address', 'turn-server']);
    });
    await browserTest(name, 'a wrong password is told, and filtering stays unknown', async (browser) => {
      const { report } = await probe(browser, [{ urls: STUN }, { ...TURN, credential: 'wrong' }]);
      assert.equal(report.paths[0].mapping.value, EIM);
      assert.equal(report.paths[0].filtering.value, 'unknown');
      assert.ok(report.errors.some(({ url, errorCode }) => errorCode === 401 && url.startsWith(TURN.urls)));
    });
    await browserTest(name, 'no hairpin', async (browser) => {
      const { report } = await probe(browser, [{ urls: STUN }], { hairpin: true });
      assert.equal(report.paths[0].hairpin.value, false);
    });
    await browserTest(name, 'without icecandidateerror each server is asked alone', async (browser) => {
      // As in Firefox before 150: a server whose candidate was dropped looks like one that is silent.
      const { report } = await probe(browser, [{ urls: STUN }], {}, 'onicecandidateerror');
      assert.equal(report.paths[0].mapping.value, EIM);
      assert.deepEqual(report.silent, []);
    });
    await browserTest(name, 'gatherCandidates', gathers);
    await browserTest(name, 'watchPairs', watches);
  }
});

/**
 * Runs `probeNat` in a page; `mappingAfter` is when the mapping had its value, in milliseconds. `without`: a property
 * that RTCPeerConnection is not to have meanwhile.
 */
function probe(browser, iceServers, options = {}, without = null) {
  return browser.evaluate(
    async ({ iceServers, options, without }) => {
      const { prototype } = RTCPeerConnection;
      const property = Object.getOwnPropertyDescriptor(prototype, without);
      delete prototype[without];
      let mappingAfter = null;
      const onProgress = ({ elapsed, report }) => {
        const known = report.paths[0]?.mapping.confidence > 0;
        if (known && mappingAfter === null) mappingAfter = Math.round(elapsed);
      };
      try {
        return { report: await globalThis.icelens.probeNat({ iceServers }, { ...options, onProgress }), mappingAfter };
      } finally {
        if (property) Object.defineProperty(prototype, without, property);
      }
    },
    { iceServers, options, without },
  );
}

async function runCli(network, host) {
  const { code, stdout, stderr } = await network.run(host, process.execPath, [CLI, 'nat', '--json', `stun:${FIRST}`]);
  assert.notEqual(stdout, '', stderr);
  return { code, report: JSON.parse(stdout) };
}

async function checkCli(network, host, truth) {
  const { code, report } = await runCli(network, host);
  check(report, truth);
  assert.equal(code, truth.classic === 'blocked' ? 3 : 0, 'exit code');
}

function withoutNat(t, network) {
  const browsers = BROWSERS.map((name) =>
    t.test(`open: ${name}`, { skip: missingBrowser(name) ?? false }, async () => {
      // Hidden, the local address can't be compared with the mapped one.
      const browser = await launch(name, network, 'open', { showAddresses: true });
      try {
        check((await probe(browser, ICE_SERVERS)).report, OPEN);
      } finally {
        await browser.close();
      }
    }),
  );
  return [...browsers, t.test('open: icelens nat', () => checkCli(network, 'open', OPEN))];
}

function referees(t, network, kind) {
  return Object.entries(REFEREES).flatMap(([program, { args, says }]) => {
    const expected = says[kind];
    if (expected === undefined) return [];
    const absent = find(program) === null && `${program} is not installed`;
    return [
      t.test(`${kind}: ${program}`, { skip: absent }, async () => {
        const { stdout, stderr } = await network.run('agent', program, args);
        assert.match(stdout + stderr, expected);
      }),
    ];
  });
}

const codes = (report) => report.missing.map(({ code }) => code);
const told = ({ paths, observations }) => JSON.stringify({ paths, observations }, null, 1);

function check(report, truth) {
  assert.equal(report.paths.length, 1, told(report));
  const [path] = report.paths;
  assert.equal(path.mapping.value, truth.mapping, told(report));
  assert.equal(path.filtering.value, truth.filtering, told(report));
  if (truth.classic) assert.equal(path.classic, truth.classic, told(report));
}

/**
 * A lossy path, or two kernels that draw ports one after the other, may leave an axis open ("inconsistent": the answers
 * contradict each other, as when a mapping is made anew), and must not close it wrongly.
 */
function neverWrong(report, truth, t) {
  const told = [];
  for (const path of report.paths) {
    for (const axis of ['mapping', 'filtering']) {
      const { value, left = [], why } = path[axis];
      told.push(`${axis} ${value}`);
      const contradicts = value === 'ambiguous' && !left.includes(truth[axis]);
      const open = ['unknown', 'inconsistent', 'ambiguous'].includes(value) && !contradicts;
      assert.ok(open || value === truth[axis], `${axis}: ${value}, ${why}\n${JSON.stringify(report.observations)}`);
    }
  }
  t.diagnostic(told.join(', '));
}

async function gathers(browser) {
  const gathered = await browser.evaluate(async (iceServers) => {
    const heard = [];
    const onCandidate = ({ type, url }) => heard.push(url === null ? type : `${type} ${url}`);
    const { candidates, errors, report, complete } = await globalThis.icelens.gatherCandidates(
      { iceServers },
      { onCandidate },
    );
    const types = candidates.map(({ type }) => type);
    return { heard, types, mids: candidates.map((one) => one.toJSON().sdpMid), errors, report, complete };
  }, ICE_SERVERS);
  assert.ok(gathered.complete);
  assert.deepEqual(gathered.errors, []);
  for (const type of ['host', 'srflx', 'relay']) assert.ok(gathered.types.includes(type), `${gathered.types}`);
  assert.ok(gathered.mids.every((mid) => mid === '0'));
  assert.equal(gathered.heard.length, gathered.types.length);
  assert.equal(gathered.report.paths[0].mapping.value, EIM);
}

/** Two peers in the page: the selected pair, its exact priority, and pairs that outlive the connection. */
async function watches(browser) {
  const { row, kept } = await browser.evaluate(async () => {
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
    a.onicecandidate = ({ candidate }) => b.addIceCandidate(candidate);
    b.onicecandidate = ({ candidate }) => a.addIceCandidate(candidate);
    const channel = a.createDataChannel('lab');
    let rows = [];
    const selected = new Promise((resolve) => {
      globalThis.icelens.watchPairs(a, {
        interval: 20,
        onUpdate(pairs) {
          rows = pairs;
          const found = pairs.find((pair) => pair.selected && pair.state === 'succeeded');
          if (found) resolve(found);
        },
      });
    });
    await a.setLocalDescription();
    await b.setRemoteDescription(a.localDescription);
    await b.setLocalDescription();
    await a.setRemoteDescription(b.localDescription);
    await new Promise((resolve) => {
      channel.onopen = resolve;
    });
    const { priority, reportedPriority, local, remote } = await selected;
    a.close();
    b.close();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const row = { priority: String(priority), reportedPriority, local: local.priority, remote: remote.priority };
    return { row, kept: rows.length };
  });
  const [local, remote] = [BigInt(row.local), BigInt(row.remote)];
  const [low, high] = local < remote ? [local, remote] : [remote, local];
  const exact = (low << 32n) + 2n * high + (local > remote ? 1n : 0n);
  assert.equal(BigInt(row.priority), exact);
  assert.equal(row.reportedPriority, Number(exact), 'the browser rounds it');
  assert.ok(kept > 0);
}
