// One cell of the table: icelens and a peer under a condition.

const isConnected = ({ state }) => state === 'connected' || state === 'completed';
/** Milliseconds between candidates that trickle. */
const TRICKLE = 60;

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Passes what one side tells of itself from `from` on to the other: all at once, or candidate by candidate. */
async function describe(teller, taker, from, trickle) {
  const { parameters } = await teller.told.wait('parameters', ({ parameters }) => parameters, { from });
  if (!trickle) await teller.told.wait('end of candidates', ({ end }) => end, { from });
  taker.give({ remote: parameters });
  let at = from;
  for (;;) {
    const next = await teller.told.wait('candidate', ({ candidate, end }) => candidate || end, { from: at });
    at = teller.told.messages.indexOf(next, at) + 1;
    if (trickle) await sleep(TRICKLE);
    taker.give(next);
    if (next.end) return;
  }
}

/** Sends until it arrives: packets may be lost. */
async function deliver(sender, receiver, text) {
  const arrived = receiver.told.wait('data', ({ data }) => data === text);
  arrived.catch(() => {});
  const timer = setInterval(() => sender.give({ send: text }), 200);
  sender.give({ send: text });
  try {
    await arrived;
  } finally {
    clearInterval(timer);
  }
}

async function connect(ours, theirs, marks, { trickle, browser }, round) {
  // A browser that answers has no parameters before it has an offer.
  const exchange = [describe(ours, theirs, marks[0], trickle), describe(theirs, ours, marks[1], trickle)];
  await Promise.all(exchange);
  await ours.told.wait('connection of icelens', isConnected, { from: marks[0] });
  // A browser's state need not change in a restart: it is asked for.
  if (browser && round > 1) theirs.give({ state: true });
  await theirs.told.wait('connection of the peer', isConnected, { from: marks[1] });
  await ours.told.wait('nomination', ({ state }) => state === 'completed', { from: marks[0] });
  if (browser) {
    await ours.told.wait('data of the browser', ({ data }) => data?.charCodeAt(0) === 22, { from: marks[0] });
    return;
  }
  await Promise.all([deliver(ours, theirs, `from icelens ${round}`), deliver(theirs, ours, `from the peer ${round}`)]);
}

async function selected(peer) {
  const from = peer.told.mark;
  peer.give({ selected: true });
  return await peer.told.wait('selected pair', (message) => 'selected' in message, { from, timeout: 5000 });
}

/** Both must know which of them decides. */
function checkRoles(ours, theirs) {
  if (typeof theirs.controlling !== 'boolean') return;
  if (ours.controlling === theirs.controlling) {
    throw new Error(`both are ${ours.controlling ? 'controlling' : 'controlled'} in the end`);
  }
}

/** Runs a cell; gives what it took, or throws what went wrong. */
export async function run(ours, theirs, condition, { browser = false, tellsRole = true } = {}) {
  const began = performance.now();
  await connect(ours, theirs, [0, 0], { trickle: condition.trickle, browser }, 1);
  const took = performance.now() - began;
  if (condition.restart) {
    const marks = [ours.told.mark, theirs.told.mark];
    ours.give({ restart: true });
    theirs.give({ restart: true });
    await connect(ours, theirs, marks, { browser }, 2);
  }
  const [own, other] = await Promise.all([selected(ours), selected(theirs)]);
  if (tellsRole) checkRoles(own, other);
  return { took, pair: own.selected };
}
