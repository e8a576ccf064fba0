//! Polls `getStats` of the caller's connection into a [`PairTable`].

use futures_util::future::{AbortHandle, abortable};
use gloo_timers::future::TimeoutFuture;
use js_sys::Function;
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{RtcPeerConnection, RtcSignalingState};

use super::stats::snapshot;
use super::wait::now;
use icelens::browser::pairs::PairTable;

/// A watch in progress. `stop` ends it and frees it.
#[wasm_bindgen]
#[derive(Debug)]
pub struct PairWatch {
    handle: AbortHandle,
}

#[wasm_bindgen]
impl PairWatch {
    /// Ends the polling.
    pub fn stop(self) {
        self.handle.abort();
    }
}

/// Polls every `interval` milliseconds and calls `on_update` with all rows whenever one changed. Ends by itself, after
/// a last report, when the connection is closed.
#[wasm_bindgen]
#[must_use]
pub fn browser_watch(connection: RtcPeerConnection, interval: u32, on_update: Function) -> PairWatch {
    let (polling, handle) = abortable(poll(connection, interval, on_update));
    spawn_local(async move {
        let _ = polling.await;
    });
    PairWatch { handle }
}

async fn poll(connection: RtcPeerConnection, interval: u32, on_update: Function) {
    let start = now();
    let mut table = PairTable::default();
    loop {
        let closed = connection.signaling_state() == RtcSignalingState::Closed;
        if let Ok(report) = JsFuture::from(connection.get_stats()).await
            && table.update(now() - start, snapshot(report.unchecked_ref()))
        {
            // An error thrown by the caller's function is the caller's: the façade reports it.
            let _ = on_update.call1(&JsValue::UNDEFINED, &rows(&table));
        }
        if closed {
            return;
        }
        TimeoutFuture::new(interval).await;
    }
}

/// The rows as JavaScript objects: priorities of pairs are BigInt, what is not known is null.
fn rows(table: &PairTable) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::new()
        .serialize_large_number_types_as_bigints(true)
        .serialize_missing_as_null(true);
    table.rows().serialize(&serializer).unwrap_or(JsValue::NULL)
}
