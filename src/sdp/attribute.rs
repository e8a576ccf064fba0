//! The attributes that icelens knows by name.

macro_rules! attributes {
    ($($variant:ident $name:literal $doc:literal,)*) => {
        /// The attribute that a line holds. Names are compared exactly (RFC 8866 §9 has them case-sensitive in practice).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Attribute {
            /// The line is not an attribute.
            None = 0,
            /// A name that is not in this list.
            Other,
            $(#[doc = concat!("`a=", $name, "`: ", $doc)] $variant,)*
        }

        impl Attribute {
            /// How many there are.
            pub(super) const COUNT: usize = [Self::None as usize, Self::Other as usize, $(Self::$variant as usize,)*].len();

            /// Its bit in a set.
            pub(super) const fn bit(self) -> u64 {
                1 << self as u8
            }

            /// The attribute with this name.
            pub fn from_name(name: &[u8]) -> Self {
                $(if name == $name.as_bytes() { return Self::$variant; })*
                Self::Other
            }
        }
    };
}

/// A set of attributes.
#[cfg(feature = "lint")]
#[derive(Clone, Copy, Debug)]
pub(super) struct Attributes(u64);

#[cfg(feature = "lint")]
impl Attributes {
    pub(super) const fn of(mut list: &[Attribute]) -> Self {
        let mut set = 0;
        while let [first, rest @ ..] = list {
            set |= first.bit();
            list = rest;
        }
        Self(set)
    }

    pub(super) const fn has(self, attribute: Attribute) -> bool {
        self.0 & attribute.bit() != 0
    }
}

attributes! {
    Candidate "candidate" "RFC 8839 §5.1",
    RemoteCandidates "remote-candidates" "RFC 8839 §5.2",
    EndOfCandidates "end-of-candidates" "RFC 8840 §8.2",
    IceUfrag "ice-ufrag" "RFC 8839 §5.4",
    IcePwd "ice-pwd" "RFC 8839 §5.4",
    IceOptions "ice-options" "RFC 8839 §5.6",
    IceLite "ice-lite" "RFC 8839 §5.3",
    IceMismatch "ice-mismatch" "RFC 8839 §5.3",
    IcePacing "ice-pacing" "RFC 8839 §5.5",
    Mid "mid" "RFC 5888 §4",
    Group "group" "RFC 5888 §5",
    BundleOnly "bundle-only" "RFC 9143 §6",
    Fingerprint "fingerprint" "RFC 8122 §5",
    Setup "setup" "RFC 4145 §4",
    TlsId "tls-id" "RFC 8842 §4",
    RtcpMux "rtcp-mux" "RFC 5761 §5.1.1",
    RtcpMuxOnly "rtcp-mux-only" "RFC 8858 §3",
    Rtcp "rtcp" "RFC 3605",
    SctpPort "sctp-port" "RFC 8841 §5",
    SctpMap "sctpmap" "draft-ietf-mmusic-sctp-sdp-05",
    MaxMessageSize "max-message-size" "RFC 8841 §6",
    SendRecv "sendrecv" "RFC 8866 §6.7",
    SendOnly "sendonly" "RFC 8866 §6.7",
    RecvOnly "recvonly" "RFC 8866 §6.7",
    Inactive "inactive" "RFC 8866 §6.7",
    Extmap "extmap" "RFC 8285 §5",
    Rtpmap "rtpmap" "RFC 8866 §6.6",
    Fmtp "fmtp" "RFC 8866 §6.15",
    Ssrc "ssrc" "RFC 5576 §4.1",
    SsrcGroup "ssrc-group" "RFC 5576 §4.2",
    Msid "msid" "RFC 8830",
    RtcpFb "rtcp-fb" "RFC 4585 §4.2",
    Crypto "crypto" "RFC 4568",
    Identity "identity" "RFC 8827",
    MsidSemantic "msid-semantic" "draft-ietf-mmusic-msid-16",
    Rid "rid" "RFC 8851 §4",
    Simulcast "simulcast" "RFC 8853 §5.1",
    Imageattr "imageattr" "RFC 6236 §3.1",
}
