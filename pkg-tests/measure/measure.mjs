/**
 * Measures what Chromium and Firefox do with offers and candidates, and writes it to `tests/fixtures/predict/`, where
 * `tests/predict_measured.rs` compares it with the predictions. Needs root (a network namespace), Chromium and Firefox:
 *
 *     node pkg-tests/measure/measure.mjs [offers] [verdicts] [candidates]
 *
 * `offers` lets both browsers make the real offers anew; `verdicts` measures them, each line of each deleted, and mutated
 * ones; `candidates` measures mutated candidates.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { launch, missingBrowser } from '../lab/browsers.mjs';
import { missing, Network } from '../lab/network.mjs';
import { deletions, edited, mutatedCandidates, mutatedOffers, realCandidates } from './mutations.mjs';
import { makeOffers, tryCandidates, tryOffers } from './page.mjs';

const BROWSERS = ['chromium', 'firefox'];
const HOST = 'open';
const fixtures = fileURLToPath(new URL('../../tests/fixtures/', import.meta.url));
const offersFolder = `${fixtures}predict/offers/`;
const SEED = 9;
const MUTATED_OFFERS = 3000;
const MUTATED_CANDIDATES = 3000;

const escapes = { '\\': '\\\\', '\r': '\\r', '\n': '\\n', '\t': '\\t', '\0': '\\0' };
const escaped = (text) => text.replace(/[\\\r\n\t\0]/g, (c) => escapes[c]);

/** Verdict of a browser, without the words that are always there and without the warnings before it. */
function brief(verdict) {
  const [name, ...told] = verdict
    .replace(/Failed to (execute|set)[^:]*: |Failed to parse SessionDescription\. /g, '')
    .split(': ');
  const last = told.join(': ').trim().split('\n').at(-1).replace('SIPCC Failed to parse SDP: ', '');
  return escaped(verdict === 'ok' ? 'ok' : `${name}: ${last.slice(0, 120)}`.trim());
}

const normal = (text) => text.replace(/[\r\n]+$/, '').split(/\r?\n/);
const joined = (lines) => lines.map((line) => `${line}\r\n`).join('');

/** The real offers: those that the browsers made, and the descriptions of others, by file name. */
function bases() {
  const found = {};
  for (const folder of ['predict/offers/', 'sdp/']) {
    for (const name of readdirSync(fixtures + folder).filter((name) => name.endsWith('.sdp'))) {
      found[name] = normal(readFileSync(fixtures + folder + name, 'utf8'));
    }
  }
  return found;
}

/** Runs `task(browser, evaluate)` in both browsers; `evaluate` starts a new browser when the one it has fails. */
async function inBoth(network, task) {
  const results = {};
  for (const name of BROWSERS) {
    let browser = null;
    const evaluate = async (run, argument) => {
      for (let attempt = 0; ; attempt++) {
        try {
          browser ??= await launch(name, network, HOST, { address: 'about:blank' });
          return await browser.evaluate(run, argument);
        } catch (error) {
          await browser?.close().catch(() => {});
          browser = null;
          if (attempt === 2) throw error;
        }
      }
    };
    const started = performance.now();
    results[name] = await task(name, evaluate);
    await browser?.close();
    console.log(`${name}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
  }
  return results;
}

/** `texts` in pieces of `size` through `run`, in order. */
async function inPieces(texts, size, run) {
  const out = [];
  for (let at = 0; at < texts.length; at += size) out.push(...(await run(texts.slice(at, at + size))));
  return out;
}

async function gatherOffers(network) {
  rmSync(offersFolder, { recursive: true, force: true });
  mkdirSync(offersFolder, { recursive: true });
  await inBoth(network, async (name, evaluate) => {
    for (const [what, sdp] of Object.entries(await evaluate(makeOffers))) {
      writeFileSync(`${offersFolder}${name}-${what}.sdp`, sdp);
    }
  });
}

async function offerVerdicts(network, texts) {
  return inBoth(network, (_, evaluate) => inPieces(texts, 100, (piece) => evaluate(tryOffers, piece)));
}

/**
 * Two tables: `offers.tsv` has the verdict on each real offer, `edits.tsv` on each edit. A line deleted of which both
 * browsers say what they say to the whole offer is not listed.
 */
async function measureOffers(network) {
  const all = bases();
  const names = Object.keys(all);
  const whole = await offerVerdicts(
    network,
    names.map((name) => joined(all[name])),
  );
  const taken = names.filter((_, index) => BROWSERS.some((browser) => whole[browser][index] === 'ok'));
  const row = (cells, verdicts, index) =>
    [...cells, ...BROWSERS.map((browser) => brief(verdicts[browser][index]))].join('\t');
  const table = names.map((name, index) => row([name], whole, index));
  writeFileSync(`${fixtures}predict/offers.tsv`, `${['offer\tchromium\tfirefox', ...table].join('\n')}\n`);

  const byBase = Object.fromEntries(taken.map((name) => [name, all[name]]));
  const mutated = mutatedOffers(byBase, MUTATED_OFFERS, SEED);
  const edits = [...taken.flatMap((name) => deletions(name, all[name])), ...mutated];
  const verdicts = await offerVerdicts(
    network,
    edits.map((edit) => joined(edited(all[edit.base], edit))),
  );
  const rows = [];
  edits.forEach((edit, index) => {
    const of = names.indexOf(edit.base);
    const asBefore = BROWSERS.every((browser) => verdicts[browser][index] === whole[browser][of]);
    if (edit.count === 1 && edit.lines.length === 0 && asBefore) return;
    const text = edit.lines.map((line) => escaped(line)).join('\\n');
    rows.push(row([edit.base, edit.first, edit.count, edit.lines.length === 0 ? '-' : `+${text}`], verdicts, index));
  });
  const heading = 'offer\tfirst\tcount\tlines\tchromium\tfirefox';
  writeFileSync(`${fixtures}predict/edits.tsv`, `${[heading, ...rows].join('\n')}\n`);
  console.log(`${names.length} offers, ${taken.length} taken by a browser; ${edits.length} edits`);
}

/** Candidates with an mDNS name go one by one: of two that ask for the same name at once, Firefox answers one. */
async function candidateVerdicts(network, texts) {
  const offer = readFileSync(`${offersFolder}chromium-data.sdp`, 'utf8');
  const isNamed = (text) => /\.local/i.test(text);
  return inBoth(network, async (_, evaluate) => {
    const verdicts = new Map();
    for (const [named, size, wait] of [
      [false, 50, 3000],
      [true, 1, 4000],
    ]) {
      const some = texts.filter((text) => isNamed(text) === named);
      const told = await inPieces(some, size, (piece) => evaluate(tryCandidates, { texts: piece, wait, offer }));
      some.forEach((text, index) => {
        verdicts.set(text, told[index]);
      });
    }
    return texts.map((text) => verdicts.get(text));
  });
}

async function measureCandidates(network) {
  const texts = [...realCandidates, ...mutatedCandidates(MUTATED_CANDIDATES, SEED)];
  const verdicts = await candidateVerdicts(network, texts);
  const rows = texts.map((text, index) =>
    [escaped(text), ...BROWSERS.map((browser) => verdicts[browser][index].split(' ')[0])].join('\t'),
  );
  writeFileSync(`${fixtures}predict/candidates.tsv`, `${['candidate\tchromium\tfirefox', ...rows].join('\n')}\n`);
  console.log(`${texts.length} candidates`);
}

/** Addresses of both families, and names that resolve, for the host of the browsers. */
async function prepare(network) {
  network.ip(HOST, 'addr add 2001:db8:1::120/64 dev out nodad');
  network.ip(HOST, 'neigh add 2001:db8:1::fa lladdr 02:00:00:00:00:fa dev out nud permanent');
  network.ip(HOST, 'route add default via 2001:db8:1::fa');
  // `ip netns exec` lays the files of this folder over /etc.
  const etc = `/etc/netns/${network.name(HOST)}`;
  mkdirSync(etc, { recursive: true });
  writeFileSync(`${etc}/resolv.conf`, 'nameserver 127.0.0.1\n');
  const script = fileURLToPath(new URL('resolver.mjs', import.meta.url));
  for (const [host, ...args] of [
    [HOST, 'dns'],
    ['net', 'mdns', '203.0.113.10'],
  ]) {
    const server = network.spawn(host, process.execPath, [script, ...args]);
    server.stderr.pipe(process.stderr);
    for await (const text of server.stdout) if (String(text).includes('ready')) break;
    server.stdout.resume();
  }
  return () => rmSync(etc, { recursive: true, force: true });
}

const parts = process.argv.slice(2);
const wants = (part) => parts.length === 0 || parts.includes(part);
const lack = missing() ?? missingBrowser('chromium') ?? missingBrowser('firefox');
if (lack !== null) throw new Error(lack);
const network = new Network();
const tidy = await prepare(network);
try {
  if (wants('offers')) await gatherOffers(network);
  if (wants('verdicts')) await measureOffers(network);
  if (wants('candidates')) await measureCandidates(network);
} finally {
  tidy();
  network.close();
}
