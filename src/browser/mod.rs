//! Glue to the RTCPeerConnection of the browser: gather, probe, watch.
