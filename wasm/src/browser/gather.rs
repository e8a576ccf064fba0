//! Gathers the candidates of a configuration.

use alloc::string::ToString;
use alloc::vec::Vec;

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortSignal, RtcConfiguration};

use super::config::ice_servers;
use super::objects;
use super::peer::{IceError, Peer, PeerEvent};
use super::wait::{Deadline, abortable, now};
use icelens::browser::evidence::{Gathering, MAX_CANDIDATES};
use icelens::nat::infer;

/// One run of gathering, at most [`MAX_CANDIDATES`] candidates and as many errors, with the browser's own objects next to what was read of them.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) evidence: Gathering,
    /// `RTCIceCandidate.toJSON()` of each candidate.
    pub(super) candidates: Vec<Object>,
    pub(super) errors: Vec<IceError>,
    start: f64,
}

impl Run {
    /// A run that has yet to begin; `urls` as the configuration lists them.
    pub(super) fn new<'a>(urls: impl IntoIterator<Item = &'a str>) -> Self {
        let evidence = Gathering {
            servers: urls.into_iter().map(ToString::to_string).collect(),
            reports_failures: Peer::reports_failures(),
            ..Gathering::default()
        };
        Self { evidence, candidates: Vec::new(), errors: Vec::new(), start: now() }
    }

    /// Takes in events of `peer` until gathering is complete, the deadline, or a candidate after which `enough` is true.
    pub(super) async fn fill(
        &mut self,
        peer: &mut Peer,
        deadline: &mut Deadline,
        mut enough: impl FnMut(&Self) -> Result<bool, JsValue>,
    ) -> Result<(), JsValue> {
        if self.evidence.complete {
            return Ok(());
        }
        while let Some(event) = peer.next(deadline).await {
            self.evidence.time = now();
            match event {
                PeerEvent::Candidate { init, sighting } if self.candidates.len() < MAX_CANDIDATES => {
                    self.candidates.push(init);
                    self.evidence.candidates.push(sighting);
                    if enough(self)? {
                        return Ok(());
                    }
                }
                PeerEvent::Error(error) if self.errors.len() < MAX_CANDIDATES => {
                    self.evidence.failures.push(error.failure(now() - self.start));
                    self.errors.push(error);
                }
                PeerEvent::Complete => {
                    self.evidence.complete = true;
                    return Ok(());
                }
                _ => {}
            }
        }
        self.evidence.time = now();
        Ok(())
    }

    /// The candidates' objects with the server's URL, or null.
    fn objects(&self) -> impl DoubleEndedIterator<Item = JsValue> {
        self.candidates.iter().zip(&self.evidence.candidates).map(|(init, sighting)| {
            let url = objects::text_or_null(sighting.url.as_deref());
            let _ = Reflect::set(init, &JsValue::from_str("url"), &url);
            init.into()
        })
    }
}

/// Gathers with `configuration` until complete or for `ms`.
pub(super) async fn gather<'a>(
    configuration: &RtcConfiguration,
    urls: impl IntoIterator<Item = &'a str>,
    ms: u32,
    enough: impl FnMut(&Run) -> Result<bool, JsValue>,
) -> Result<Run, JsValue> {
    let mut deadline = Deadline::after(ms);
    let mut run = Run::new(urls);
    let mut peer = Peer::new(configuration)?;
    peer.offer().await?;
    run.fill(&mut peer, &mut deadline, enough).await?;
    Ok(run)
}

/// Gathers with the caller's configuration. `on_candidate` gets each candidate as it comes; what it throws ends the run.
///
/// Resolves with `{ candidates, errors, observations, report, complete }`, also when the time is over; rejects with the
/// signal's reason when aborted, and with the browser's error for a bad configuration.
#[wasm_bindgen]
pub async fn browser_gather(
    configuration: JsValue,
    timeout: u32,
    signal: Option<AbortSignal>,
    on_candidate: Option<Function>,
) -> Result<JsValue, JsValue> {
    let servers = ice_servers(&configuration);
    let urls = servers.iter().map(|server| server.url.as_str());
    let tell = |run: &Run| {
        if let (Some(function), Some(candidate)) = (&on_candidate, run.objects().next_back()) {
            function.call1(&JsValue::UNDEFINED, &candidate)?;
        }
        Ok(false)
    };
    let run = abortable(signal, gather(configuration.unchecked_ref(), urls, timeout, tell)).await?;
    let candidates: Array = run.objects().collect();
    let observations = run.evidence.observations();
    Ok(objects::object(&[
        ("candidates", candidates.into()),
        ("errors", run.errors.iter().map(IceError::to_js).collect::<Array>().into()),
        ("observations", objects::observations(&observations)),
        ("report", objects::report(&infer(&observations))),
        ("complete", run.evidence.complete.into()),
    ]))
}
