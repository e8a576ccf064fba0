//! Diagnostics: what is wrong or notable, and exactly where.
//!
//! A code is stable. `docs/diagnostics.md` explains each one (cause, example, fix); a test keeps the page, this table
//! and the npm package's messages in step. Sentences are not kept here, so that the small builds do not carry them.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use crate::sorting::sort_by;
use crate::text::Span;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Severity {
    /// It can't be read, or no browser takes it.
    Error = 0,
    /// Somebody refuses it, or something is lost.
    Warning = 1,
    /// Worth knowing.
    Info = 2,
}

macro_rules! codes {
    ($($variant:ident $name:literal $severity:ident,)*) => {
        /// Code of a diagnostic. `docs/diagnostics.md` has cause, example and fix of each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl Code {
            /// Every code, in the order of its number.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable name, for example `sdp.sctp-legacy-line`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Whether this is a matter of rules, reported with feature `lint`; the others say what can't be read.
            pub const fn is_rule(self) -> bool {
                self as u8 > Self::SdpTooManyLines as u8
            }

            /// How bad it is.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }
        }
    };
}

codes! {
    // Texts that can't be read: the codes that the parser reports without the rules.
    CandTooShort "cand.too-short" Error,
    CandOneLine "cand.one-line" Error,
    CandComponent "cand.component" Error,
    CandPriority "cand.priority" Error,
    CandPort "cand.port" Error,
    CandTyp "cand.typ" Error,
    SdpNotALine "sdp.not-a-line" Error,
    SdpTooManyLines "sdp.too-many-lines" Warning,
    // Candidates: the address.
    CandAddress "cand.address" Warning,
    CandUnspecified "cand.unspecified" Warning,
    // Candidates: prefix and separators.
    CandPrefixMissing "cand.prefix-missing" Info,
    CandPrefixCase "cand.prefix-case" Warning,
    CandPrefixDouble "cand.prefix-double" Warning,
    CandLineTypeCase "cand.line-type-case" Warning,
    CandSpaces "cand.spaces" Warning,
    CandTab "cand.tab" Warning,
    CandNbsp "cand.nbsp" Warning,
    // Candidates: fields.
    CandFoundationEmpty "cand.foundation-empty" Warning,
    CandFoundationTooLong "cand.foundation-too-long" Warning,
    CandFoundationChar "cand.foundation-char" Warning,
    CandComponentRange "cand.component-range" Warning,
    CandTransportUnknown "cand.transport-unknown" Error,
    CandLegacyTransport "cand.legacy-transport" Warning,
    CandPriorityRange "cand.priority-range" Warning,
    CandFqdn "cand.fqdn" Warning,
    CandIpv6Brackets "cand.ipv6-brackets" Warning,
    CandIpv6Zone "cand.ipv6-zone" Warning,
    CandPortZero "cand.port-zero" Warning,
    CandCase "cand.case" Warning,
    CandTypeMissing "cand.type-missing" Error,
    CandTypeUnknown "cand.type-unknown" Warning,
    CandTypeLegacy "cand.type-legacy" Warning,
    // Candidates: related address, TCP, extensions.
    CandRelatedMissing "cand.related-missing" Warning,
    CandRaddrMissing "cand.raddr-missing" Warning,
    CandRportMissing "cand.rport-missing" Warning,
    CandRelatedOnHost "cand.related-on-host" Warning,
    CandRelatedHidden "cand.related-hidden" Info,
    CandRelatedPort "cand.related-port" Warning,
    CandOrder "cand.order" Warning,
    CandTcptypeMissing "cand.tcptype-missing" Warning,
    CandTcptypeUnknown "cand.tcptype-unknown" Error,
    CandTcptypeOnUdp "cand.tcptype-on-udp" Warning,
    CandEmptyExtensionValue "cand.empty-extension-value" Warning,
    CandNetworkCostRange "cand.network-cost-range" Warning,
    CandExtensionNumber "cand.extension-number" Warning,
    // Lines.
    SdpEscaped "sdp.escaped" Error,
    SdpBom "sdp.bom" Warning,
    SdpNul "sdp.nul" Warning,
    SdpNonAscii "sdp.non-ascii" Info,
    SdpEmptyLine "sdp.empty-line" Warning,
    SdpEmptyValue "sdp.empty-value" Warning,
    SdpSpaceAfterEquals "sdp.space-after-equals" Warning,
    SdpFinalNewline "sdp.final-newline" Warning,
    SdpLoneCr "sdp.lone-cr" Warning,
    SdpIndent "sdp.indent" Warning,
    SdpTypeCase "sdp.type-case" Warning,
    SdpTypeUnknown "sdp.type-unknown" Info,
    SdpFragment "sdp.fragment" Info,
    // Session part.
    SdpVersionMissing "sdp.version-missing" Warning,
    SdpVersion "sdp.version" Warning,
    SdpOrder "sdp.order" Warning,
    SdpOriginMissing "sdp.origin-missing" Warning,
    SdpOrigin "sdp.origin" Warning,
    SdpOriginSessionId "sdp.origin-session-id" Warning,
    SdpNameMissing "sdp.name-missing" Warning,
    SdpNameEmpty "sdp.name-empty" Warning,
    SdpTimingMissing "sdp.timing-missing" Warning,
    SdpTiming "sdp.timing" Warning,
    SdpConnectionMissing "sdp.connection-missing" Warning,
    SdpConnection "sdp.connection" Warning,
    SdpConnectionMulticast "sdp.connection-multicast" Warning,
    SdpConnectionName "sdp.connection-name" Warning,
    SdpBandwidth "sdp.bandwidth" Warning,
    SdpBandwidthOnData "sdp.bandwidth-on-data" Info,
    // Media sections.
    SdpMediaLine "sdp.media-line" Warning,
    SdpMediaProtocol "sdp.media-protocol" Warning,
    SdpPayloadType "sdp.payload-type" Warning,
    SdpRtpmap "sdp.rtpmap" Warning,
    SdpRtpmapMissing "sdp.rtpmap-missing" Warning,
    SdpFmtp "sdp.fmtp" Warning,
    SdpRtcpFb "sdp.rtcp-fb" Warning,
    SdpMsid "sdp.msid" Warning,
    SdpExtmap "sdp.extmap" Warning,
    SdpExtmapCollision "sdp.extmap-collision" Warning,
    SdpRtxApt "sdp.rtx-apt" Warning,
    SdpRid "sdp.rid" Warning,
    SdpSimulcast "sdp.simulcast" Warning,
    SdpSimulcastExtension "sdp.simulcast-extension" Warning,
    SdpImageattr "sdp.imageattr" Warning,
    SdpSsrc "sdp.ssrc" Warning,
    SdpSsrcTracks "sdp.ssrc-tracks" Warning,
    SdpSsrcGroup "sdp.ssrc-group" Warning,
    SdpDuplicate "sdp.duplicate" Warning,
    SdpPropertyValue "sdp.property-value" Warning,
    SdpValueMissing "sdp.value-missing" Warning,
    SdpMid "sdp.mid" Warning,
    SdpMidMissing "sdp.mid-missing" Warning,
    SdpMidTooLong "sdp.mid-too-long" Warning,
    SdpMidDuplicate "sdp.mid-duplicate" Warning,
    SdpBundleUnknownMid "sdp.bundle-unknown-mid" Warning,
    SdpBundleDuplicateMid "sdp.bundle-duplicate-mid" Warning,
    SdpBundleTagRejected "sdp.bundle-tag-rejected" Warning,
    SdpBundleWithoutRtcpMux "sdp.bundle-without-rtcp-mux" Warning,
    SdpBundleOnlyPort "sdp.bundle-only-port" Info,
    SdpNotWebrtc "sdp.not-webrtc" Info,
    SdpRtcpMuxMissing "sdp.rtcp-mux-missing" Warning,
    SdpSctpLegacyLine "sdp.sctp-legacy-line" Warning,
    SdpSctpmap "sdp.sctpmap" Warning,
    SdpSctpPort "sdp.sctp-port" Warning,
    SdpSctpPortMissing "sdp.sctp-port-missing" Info,
    SdpFingerprintMissing "sdp.fingerprint-missing" Warning,
    SdpFingerprint "sdp.fingerprint" Warning,
    SdpFingerprintHash "sdp.fingerprint-hash" Warning,
    SdpFingerprintLength "sdp.fingerprint-length" Warning,
    SdpFingerprintTwice "sdp.fingerprint-twice" Warning,
    SdpFingerprintCase "sdp.fingerprint-case" Info,
    SdpFingerprintWeak "sdp.fingerprint-weak" Warning,
    SdpSetupMissing "sdp.setup-missing" Warning,
    SdpSetup "sdp.setup" Warning,
    SdpCrypto "sdp.crypto" Info,
    // ICE attributes.
    IceUfragMissing "ice.ufrag-missing" Warning,
    IcePwdMissing "ice.pwd-missing" Warning,
    IceUfragLength "ice.ufrag-length" Warning,
    IceUfragChar "ice.ufrag-char" Warning,
    IcePwdLength "ice.pwd-length" Warning,
    IcePwdChar "ice.pwd-char" Warning,
    IcePwdConflict "ice.pwd-conflict" Warning,
    IceOptionsEmpty "ice.options-empty" Warning,
    IceOptionIce2Missing "ice.option-ice2-missing" Info,
    IceOptionLegacy "ice.option-legacy" Info,
    IceLevel "ice.level" Warning,
    IcePacing "ice.pacing" Warning,
    IcePacingLite "ice.pacing-lite" Warning,
    IceMismatch "ice.mismatch" Warning,
    IceRemoteCandidates "ice.remote-candidates" Warning,
    IceCandidateUnreadable "ice.candidate-unreadable" Warning,
    IceCandidateAfterEnd "ice.candidate-after-end" Warning,
    IceCandidateOnRejected "ice.candidate-on-rejected" Warning,
    IceCandidateDuplicate "ice.candidate-duplicate" Info,
    IceCandidateUfrag "ice.candidate-ufrag" Info,
    IceComponentWithMux "ice.component-with-mux" Info,
    IceDefaultMismatch "ice.default-mismatch" Info,
}

/// A replacement that would settle the diagnostic without changing what the text means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Bytes to replace; empty to insert.
    pub span: Span,
    /// Text to write there.
    pub replacement: Cow<'static, str>,
}

/// Something wrong or notable, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Code.
    pub code: Code,
    /// Place in the text, in bytes.
    pub span: Span,
    /// 1-based line of the start of the span.
    pub line: u32,
    /// Text to write instead, where that is certain.
    pub fix: Option<Fix>,
}

/// Most diagnostics kept for one text.
pub const MAX_DIAGNOSTICS: usize = 1000;

/// A bounded list of diagnostics.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    dropped: u32,
}

impl Diagnostics {
    /// No diagnostics.
    pub const fn new() -> Self {
        Self { list: Vec::new(), dropped: 0 }
    }

    /// Those kept, at most [`MAX_DIAGNOSTICS`].
    pub fn as_slice(&self) -> &[Diagnostic] {
        &self.list
    }

    /// How many more there were.
    pub fn dropped(&self) -> u32 {
        self.dropped
    }

    /// Whether one of them has this code.
    pub fn has(&self, code: Code) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.code == code)
    }

    /// Adds one, or counts it when the list is full.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.list.len() == MAX_DIAGNOSTICS {
            self.dropped = self.dropped.saturating_add(1);
            return;
        }
        self.list.push(diagnostic);
    }

    /// Sorts by position; equal positions keep their order.
    pub fn sort(&mut self) {
        sort_by(&mut self.list, |a, b| a.span.start.cmp(&b.span.start));
    }
}

/// List that a parser reports to: it knows the place of its text in the whole, so that spans come out right.
#[derive(Debug)]
pub struct Report<'d> {
    list: &'d mut Diagnostics,
    offset: u32,
    line: u32,
}

impl<'d> Report<'d> {
    /// Reports for a text that starts at byte `offset`, on 1-based line `line`, of the whole.
    pub fn new(list: &'d mut Diagnostics, offset: u32, line: u32) -> Self {
        Self { list, offset, line }
    }

    /// Reports `code` at `span` of the part.
    pub fn at(&mut self, code: Code, span: Span) {
        self.push(code, span, None);
    }

    /// Reports `code` at `span`, with what to write in place of `fix`.
    pub fn with_fix(&mut self, code: Code, span: Span, fix: Span, replacement: impl Into<Cow<'static, str>>) {
        self.push(code, span, Some(Fix { span: fix.shifted(self.offset), replacement: replacement.into() }));
    }

    fn push(&mut self, code: Code, span: Span, fix: Option<Fix>) {
        self.list.push(Diagnostic { code, span: span.shifted(self.offset), line: self.line, fix });
    }
}
