//! Reading and rewriting an `RTCConfiguration`.

use alloc::string::String;
use alloc::vec::Vec;

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{RtcConfiguration, RtcIceServer, RtcIceTransportPolicy};

use super::stats::text;
use icelens::browser::evidence::MAX_SERVERS;
use icelens::browser::server::Server;

/// One URL of the configuration with the credentials that go with it.
#[derive(Clone, Debug)]
pub(super) struct IceServer {
    pub(super) url: String,
    entry: Object,
}

impl IceServer {
    /// A STUN server.
    pub(super) fn stun(url: String) -> Self {
        Self { url, entry: Object::new() }
    }

    /// The same credentials with another URL.
    pub(super) fn at(&self, url: String) -> Self {
        Self { url, entry: self.entry.clone() }
    }

    /// The URL, read; `None` where it is none that we know.
    pub(super) fn server(&self) -> Option<Server<'_>> {
        Server::parse(&self.url)
    }

    fn to_js(&self) -> RtcIceServer {
        let entry: RtcIceServer = Object::assign(&Object::new(), &self.entry).unchecked_into();
        entry.set_urls(&JsValue::from_str(&self.url));
        entry
    }
}

/// The URLs of a configuration in their order, at most [`MAX_SERVERS`].
pub(super) fn ice_servers(configuration: &JsValue) -> Vec<IceServer> {
    let mut servers = Vec::new();
    let list = Reflect::get(configuration, &JsValue::from_str("iceServers")).unwrap_or_default();
    for entry in list.dyn_ref::<Array>().into_iter().flat_map(Array::iter) {
        let Some(entry) = entry.dyn_ref::<Object>() else { continue };
        for url in urls(entry) {
            if servers.len() < MAX_SERVERS {
                servers.push(IceServer { url, entry: entry.clone() });
            }
        }
    }
    servers
}

fn urls(entry: &Object) -> Vec<String> {
    if let Some(url) = text(entry, "urls") {
        return [url].into();
    }
    let list = Reflect::get(entry, &JsValue::from_str("urls")).unwrap_or_default();
    list.dyn_ref::<Array>().into_iter().flat_map(Array::iter).filter_map(|url| url.as_string()).collect()
}

/// A copy of the caller's configuration with these servers, one entry each.
pub(super) fn configuration<'a>(base: &JsValue, servers: impl IntoIterator<Item = &'a IceServer>) -> RtcConfiguration {
    let copy = Object::new();
    if let Some(base) = base.dyn_ref::<Object>() {
        Object::assign(&copy, base);
    }
    let copy: RtcConfiguration = copy.unchecked_into();
    copy.set_ice_servers(&servers.into_iter().map(IceServer::to_js).collect::<Array>());
    // Sockets gathered ahead of time would have been seen by the servers before the run.
    let _ = Reflect::set(&copy, &JsValue::from_str("iceCandidatePoolSize"), &JsValue::from_f64(0.0));
    copy.set_ice_transport_policy(RtcIceTransportPolicy::All);
    copy
}

/// Like [`configuration`], for relayed candidates only.
pub(super) fn relay_only(base: &JsValue, server: &IceServer) -> RtcConfiguration {
    let configuration = configuration(base, [server]);
    configuration.set_ice_transport_policy(RtcIceTransportPolicy::Relay);
    configuration
}
