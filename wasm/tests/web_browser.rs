//! The glue to RTCPeerConnection, in a browser: what it opens it closes, whatever happens.
#![cfg(all(target_arch = "wasm32", feature = "browser"))]

use icelens_wasm::browser::{browser_gather, browser_probe, browser_watch};
use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::AbortSignal;

wasm_bindgen_test_configure!(run_in_browser);

/// Runs JavaScript and awaits what it returns.
async fn run(code: &str) -> JsValue {
    let value = Function::new_no_args(code).call0(&JsValue::UNDEFINED).unwrap();
    JsFuture::from(Promise::resolve(&value)).await.unwrap()
}

/// Counts connections opened and closed from here on; `open` tells how many are open.
async fn count_connections() {
    run("const Real = globalThis.Real ??= RTCPeerConnection;
         globalThis.count = { opened: 0, closed: 0 };
         globalThis.RTCPeerConnection = class extends Real {
           constructor(configuration) { super(configuration); globalThis.count.opened++; }
           close() { if (this.signalingState !== 'closed') globalThis.count.closed++; super.close(); }
         };")
    .await;
}

/// How many connections were opened, and how many of them are open.
async fn connections() -> (f64, f64) {
    let (opened, closed) = (run("return globalThis.count.opened").await, run("return globalThis.count.closed").await);
    let (opened, closed) = (opened.as_f64().unwrap(), closed.as_f64().unwrap());
    (opened, opened - closed)
}

fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap()
}

fn list(object: &JsValue, name: &str) -> Array {
    get(object, name).unchecked_into()
}

/// A configuration whose server never answers: gathering goes on until it is stopped.
async fn endless() -> JsValue {
    run("return { iceServers: [{ urls: 'stun:127.0.0.1:9' }] }").await
}

async fn abort_after(ms: u32) -> AbortSignal {
    run(&format!(
        "const abort = new AbortController(); setTimeout(() => abort.abort('enough'), {ms}); return abort.signal"
    ))
    .await
    .unchecked_into()
}

#[wasm_bindgen_test]
async fn gathers_host_candidates_and_closes() {
    count_connections().await;
    let heard = Array::new();
    let sink = heard.clone();
    let on_candidate = Closure::<dyn FnMut(JsValue)>::new(move |candidate| {
        sink.push(&candidate);
    });
    let function = on_candidate.as_ref().unchecked_ref::<Function>().clone();
    let gathered = browser_gather(run("return {}").await, 10_000, None, Some(function)).await.unwrap();
    let candidates = list(&gathered, "candidates");
    assert!(candidates.length() > 0);
    assert_eq!(candidates.length(), heard.length());
    let line = get(&candidates.get(0), "candidate").as_string().unwrap();
    assert!(line.starts_with("candidate:"), "{line}");
    assert_eq!(get(&candidates.get(0), "sdpMid").as_string().as_deref(), Some("0"));
    assert_eq!(get(&gathered, "complete"), JsValue::TRUE);
    assert_eq!(connections().await, (1.0, 0.0));
}

#[wasm_bindgen_test]
async fn stops_at_the_timeout() {
    count_connections().await;
    let gathered = browser_gather(endless().await, 300, None, None).await.unwrap();
    assert_eq!(get(&gathered, "complete"), JsValue::FALSE);
    assert_eq!(connections().await, (1.0, 0.0));
}

#[wasm_bindgen_test]
async fn an_abort_ends_gathering_and_probing() {
    count_connections().await;
    let gathered = browser_gather(endless().await, 60_000, Some(abort_after(200).await), None).await;
    assert_eq!(gathered.unwrap_err().as_string().as_deref(), Some("enough"));
    let probed = browser_probe(endless().await, true, true, Some(abort_after(1500).await), None).await;
    assert_eq!(probed.unwrap_err().as_string().as_deref(), Some("enough"));
    let before = browser_probe(endless().await, true, true, Some(AbortSignal::abort()), None).await;
    assert!(before.is_err());
    let (opened, open) = connections().await;
    assert!(opened >= 3.0, "the probe had asked the server alone: {opened}");
    assert_eq!(open, 0.0);
}

#[wasm_bindgen_test]
async fn what_a_callback_throws_comes_out() {
    count_connections().await;
    let throws = || Function::new_no_args("throw 'no more'");
    let gathered = browser_gather(run("return {}").await, 10_000, None, Some(throws())).await;
    assert_eq!(gathered.unwrap_err().as_string().as_deref(), Some("no more"));
    let probed = browser_probe(run("return {}").await, true, false, None, Some(throws())).await;
    assert_eq!(probed.unwrap_err().as_string().as_deref(), Some("no more"));
    assert_eq!(connections().await, (2.0, 0.0));
}

#[wasm_bindgen_test]
async fn a_bad_configuration_is_the_browsers_error() {
    let bad = run("return { iceServers: [{ urls: 'http://example.org' }] }").await;
    let error = browser_gather(bad.clone(), 1000, None, None).await.unwrap_err();
    assert_eq!(get(&error, "name").as_string().as_deref(), Some("SyntaxError"));
    // A probe takes the servers it knows, and says what it lacks.
    let state = browser_probe(bad, true, false, None, None).await.unwrap();
    let missing: Vec<String> = list(&state, "missing").iter().filter_map(|code| code.as_string()).collect();
    assert_eq!(missing, ["stun-server", "turn-server"]);
    assert_eq!(get(&state, "phase").as_string().as_deref(), Some("done"));
}

#[wasm_bindgen_test]
async fn watches_pairs_until_the_connection_closes() {
    count_connections().await;
    let connection = run("const a = new RTCPeerConnection(), b = new RTCPeerConnection();
         globalThis.pair = [a, b];
         const channel = a.createDataChannel('test');
         const connected = new Promise((resolve) => { channel.onopen = resolve; });
         a.onicecandidate = ({ candidate }) => b.addIceCandidate(candidate);
         b.onicecandidate = ({ candidate }) => a.addIceCandidate(candidate);
         return (async () => {
           await a.setLocalDescription();
           await b.setRemoteDescription(a.localDescription);
           await b.setLocalDescription();
           await a.setRemoteDescription(b.localDescription);
           await connected;
           return a;
         })();")
    .await;
    // `report` keeps the last rows and resolves `seen` when one of them is selected.
    let report = run("globalThis.seen = new Promise((resolve) => { globalThis.tell = resolve; });
         return (rows) => {
           globalThis.rows = rows;
           if (rows.some((row) => row.selected)) globalThis.tell();
         };")
    .await;
    let _watch = browser_watch(connection.unchecked_into(), 20, report.unchecked_into());
    run("return globalThis.seen").await;
    let row = run("return globalThis.rows.find((row) => row.selected)").await;
    assert_eq!(get(&row, "state").as_string().as_deref(), Some("succeeded"));
    assert_eq!(get(&row, "nominated"), JsValue::TRUE);
    let exact = run("const { local, remote, priority } = globalThis.rows.find((row) => row.selected);
         const [g, d] = [BigInt(local.priority), BigInt(remote.priority)];
         const [low, high] = g < d ? [g, d] : [d, g];
         return priority === (low << 32n) + 2n * high + (g > d ? 1n : 0n)")
    .await;
    assert_eq!(exact, JsValue::TRUE);
    // Pairs stay in the table when the connection is gone.
    run("for (const one of globalThis.pair) one.close();
         return new Promise((resolve) => setTimeout(resolve, 200));")
    .await;
    assert_eq!(run("return globalThis.rows.some((row) => row.selected || row.nominated)").await, JsValue::TRUE);
    // Nothing polls a closed connection: its getStats is not called any more.
    let polls = run(
        "let polls = 0;
         const stats = Real.prototype.getStats;
         Real.prototype.getStats = function () { polls++; return stats.call(this); };
         return new Promise((resolve) => setTimeout(() => { Real.prototype.getStats = stats; resolve(polls); }, 200));",
    )
    .await;
    assert_eq!(polls.as_f64(), Some(0.0));
}
