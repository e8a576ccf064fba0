//! One `RTCPeerConnection` of our own with a data channel: closed, and its handlers taken off, when dropped.

use alloc::string::String;
use alloc::vec::Vec;

use futures_channel::mpsc;
use futures_util::StreamExt;
use js_sys::{Object, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    RtcConfiguration, RtcDataChannel, RtcDataChannelInit, RtcIceCandidateInit, RtcIceConnectionState,
    RtcPeerConnection, RtcPeerConnectionIceErrorEvent, RtcPeerConnectionIceEvent, RtcSdpType,
    RtcSessionDescriptionInit,
};

use super::objects::{object, text_or_null};
use super::stats::{snapshot, text};
use super::wait::Deadline;
use icelens::browser::evidence::{Failure, Sighting};
use icelens::browser::pairs::Snapshot;

/// Most events kept unread; later ones are dropped. A browser gathers a few dozen candidates at most.
const MAX_EVENTS: usize = 512;

/// Events of a connection while it gathers and connects.
#[derive(Debug)]
pub(super) enum PeerEvent {
    /// A candidate, as `RTCIceCandidate.toJSON` writes it, and what was read of it.
    Candidate { init: Object, sighting: Sighting },
    /// `icecandidateerror`.
    Error(IceError),
    /// Gathering is complete.
    Complete,
    /// The state of ICE changed.
    State(RtcIceConnectionState),
}

/// One `icecandidateerror`, as it came.
#[derive(Clone, Debug)]
pub(super) struct IceError {
    url: String,
    code: u16,
    text: String,
    address: Option<String>,
    port: Option<u16>,
}

impl IceError {
    /// Failure of its server, `after` milliseconds of gathering.
    pub(super) fn failure(&self, after: f64) -> Failure {
        Failure { url: self.url.clone(), code: self.code, text: self.text.clone(), after }
    }

    /// With the event's own names.
    pub(super) fn to_js(&self) -> JsValue {
        object(&[
            ("url", self.url.as_str().into()),
            ("errorCode", self.code.into()),
            ("errorText", self.text.as_str().into()),
            ("address", text_or_null(self.address.as_deref())),
            ("port", self.port.map_or(JsValue::NULL, JsValue::from)),
        ])
    }
}

/// A connection and its event queue.
pub(super) struct Peer {
    connection: RtcPeerConnection,
    events: mpsc::Receiver<PeerEvent>,
    _channel: RtcDataChannel,
    _on_candidate: Closure<dyn FnMut(RtcPeerConnectionIceEvent)>,
    _on_error: Closure<dyn FnMut(RtcPeerConnectionIceErrorEvent)>,
    _on_state: Closure<dyn FnMut()>,
}

impl Peer {
    /// Opens a connection with a negotiated data channel. Errors are the browser's own, for a bad configuration.
    pub(super) fn new(configuration: &RtcConfiguration) -> Result<Self, JsValue> {
        let connection = RtcPeerConnection::new_with_configuration(configuration)?;
        let (sender, events) = mpsc::channel(MAX_EVENTS);

        let mut queue = sender.clone();
        let on_candidate = Closure::<dyn FnMut(_)>::new(move |event: RtcPeerConnectionIceEvent| {
            if let Some(event) = read_candidate(&event) {
                let _ = queue.try_send(event);
            }
        });
        connection.set_onicecandidate(Some(on_candidate.as_ref().unchecked_ref()));

        let mut queue = sender.clone();
        let on_error = Closure::<dyn FnMut(_)>::new(move |event: RtcPeerConnectionIceErrorEvent| {
            let _ = queue.try_send(PeerEvent::Error(read_error(&event)));
        });
        set_handler(&connection, "onicecandidateerror", on_error.as_ref());

        let mut queue = sender;
        let source = connection.clone();
        let on_state = Closure::<dyn FnMut()>::new(move || {
            let _ = queue.try_send(PeerEvent::State(source.ice_connection_state()));
        });
        connection.set_oniceconnectionstatechange(Some(on_state.as_ref().unchecked_ref()));

        let init = RtcDataChannelInit::new();
        init.set_negotiated(true);
        init.set_id(0);
        let channel = connection.create_data_channel_with_data_channel_dict("icelens", &init);
        Ok(Self {
            connection,
            events,
            _channel: channel,
            _on_candidate: on_candidate,
            _on_error: on_error,
            _on_state: on_state,
        })
    }

    /// Whether the browser has `icecandidateerror` (Firefox before 150 has not).
    pub(super) fn reports_failures() -> bool {
        let class = Reflect::get(&js_sys::global(), &JsValue::from_str("RTCPeerConnection")).unwrap_or_default();
        let prototype = Reflect::get(&class, &JsValue::from_str("prototype")).unwrap_or_default();
        Reflect::has(&prototype, &JsValue::from_str("onicecandidateerror")).unwrap_or(false)
    }

    /// Makes an offer and sets it locally, which starts gathering. Gives the offer's text, without candidates.
    pub(super) async fn offer(&self) -> Result<String, JsValue> {
        let offer = JsFuture::from(self.connection.create_offer()).await?;
        self.set_local(offer).await
    }

    /// Answers `offer`; gives the answer's text, without candidates.
    pub(super) async fn answer(&self, offer: &str) -> Result<String, JsValue> {
        self.set_remote(RtcSdpType::Offer, offer).await?;
        let answer = JsFuture::from(self.connection.create_answer()).await?;
        self.set_local(answer).await
    }

    async fn set_local(&self, description: JsValue) -> Result<String, JsValue> {
        let description: RtcSessionDescriptionInit = description.unchecked_into();
        JsFuture::from(self.connection.set_local_description(&description)).await?;
        Ok(description.get_sdp().unwrap_or_default())
    }

    /// Sets the other side's description, given without candidates.
    pub(super) async fn set_remote(&self, kind: RtcSdpType, sdp: &str) -> Result<(), JsValue> {
        let description = RtcSessionDescriptionInit::new(kind);
        description.set_sdp(&without_candidates(sdp));
        JsFuture::from(self.connection.set_remote_description(&description)).await?;
        Ok(())
    }

    /// Gives the connection a candidate of the other side.
    pub(super) async fn add_candidate(&self, candidate: &Object) -> Result<(), JsValue> {
        let candidate: &RtcIceCandidateInit = candidate.unchecked_ref();
        let added = self.connection.add_ice_candidate_with_opt_rtc_ice_candidate_init(Some(candidate));
        JsFuture::from(added).await?;
        Ok(())
    }

    /// Waits until the connection is made; false where it fails, or `ms` go by.
    pub(super) async fn connects(&mut self, ms: u32) -> bool {
        let mut deadline = Deadline::after(ms);
        while let Some(event) = self.next(&mut deadline).await {
            match event {
                PeerEvent::State(RtcIceConnectionState::Connected | RtcIceConnectionState::Completed) => return true,
                PeerEvent::State(RtcIceConnectionState::Failed | RtcIceConnectionState::Closed) => return false,
                _ => {}
            }
        }
        false
    }

    /// Whether a check came from an address that was not signalled: a peer-reflexive remote candidate.
    pub(super) async fn has_met_stranger(&self) -> bool {
        let stats = self.stats().await;
        stats
            .candidates
            .iter()
            .any(|candidate| candidate.is_remote && candidate.candidate_type.as_deref() == Some("prflx"))
    }

    /// Checks sent on all pairs; `None` in browsers that do not count them.
    pub(super) async fn checks_sent(&self) -> Option<u32> {
        let sent: Vec<f64> = self.stats().await.pairs.iter().filter_map(|pair| pair.requests_sent).collect();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        (!sent.is_empty()).then(|| sent.iter().sum::<f64>() as u32)
    }

    async fn stats(&self) -> Snapshot {
        let report = JsFuture::from(self.connection.get_stats()).await;
        report.map(|report| snapshot(report.unchecked_ref())).unwrap_or_default()
    }

    /// The next event, or `None` at the deadline.
    pub(super) async fn next(&mut self, deadline: &mut Deadline) -> Option<PeerEvent> {
        deadline.within(self.events.next()).await.flatten()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.connection.set_onicecandidate(None);
        self.connection.set_oniceconnectionstatechange(None);
        set_handler(&self.connection, "onicecandidateerror", &JsValue::NULL);
        self.connection.close();
    }
}

/// A description without its candidates and without `end-of-candidates`, which would end the other side's patience.
fn without_candidates(sdp: &str) -> String {
    sdp.split_inclusive('\n')
        .filter(|line| !line.starts_with("a=candidate:") && !line.starts_with("a=end-of-candidates"))
        .collect()
}

/// `None` for Firefox's empty candidate, which comes before the end.
fn read_candidate(event: &RtcPeerConnectionIceEvent) -> Option<PeerEvent> {
    let Some(candidate) = event.candidate() else { return Some(PeerEvent::Complete) };
    let line = candidate.candidate();
    if line.is_empty() {
        return None;
    }
    let url = text(&candidate, "url").or_else(|| text(event, "url")).filter(|url| !url.is_empty());
    Some(PeerEvent::Candidate { init: candidate.to_json(), sighting: Sighting { line, url } })
}

fn read_error(event: &RtcPeerConnectionIceErrorEvent) -> IceError {
    IceError {
        url: event.url(),
        code: event.error_code(),
        text: event.error_text(),
        address: event.address(),
        port: event.port(),
    }
}

fn set_handler(connection: &RtcPeerConnection, name: &str, handler: &JsValue) {
    let _ = Reflect::set(connection, &JsValue::from_str(name), handler);
}
