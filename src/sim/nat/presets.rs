//! Devices of the world, as far as their documents, sources and users tell.

use core::time::Duration;

use super::spec::{Firewall, Fragments, Hairpin, NatSpec, PoolChoice, PortChoice, Timers, Translation, Unsolicited};
use crate::nat::{Behaviour, FilterScope};
use Behaviour::{AddressAndPortDependent as Port, AddressDependent as Address, EndpointIndependent as Any};

macro_rules! presets {
    ($($(#[$doc:meta])* $preset:ident $name:literal $title:literal)*) => {
        /// A device with known behaviour.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Preset { $($(#[$doc])* $preset,)* }

        impl Preset {
            /// All of them, most used first.
            pub const ALL: &'static [Self] = &[$(Self::$preset,)*];

            /// The name in the npm package.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$preset => $name,)* }
            }

            /// The name that people know it by, in English.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$preset => $title,)* }
            }

            /// The inverse of [`Preset::name`].
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|preset| preset.name() == name)
            }
        }
    };
}

presets! {
    /// A usual home router.
    Home "home" "Home router"
    /// Linux `MASQUERADE`, with a rule that drops what comes in unasked.
    LinuxMasquerade "linux-masquerade" "Linux MASQUERADE"
    /// Linux `MASQUERADE --random-fully`: containers, Kubernetes.
    LinuxRandomFully "linux-random-fully" "Linux --random-fully"
    /// The full-cone module for netfilter.
    LinuxFullCone "linux-full-cone" "Linux, full cone module"
    /// A carrier's NAT as RFC 6888 has it.
    CarrierGrade "carrier-grade" "Carrier’s NAT"
    /// A mobile carrier that keeps to endpoint-independent mapping.
    MobileEasy "mobile-easy" "Mobile, one port"
    /// A mobile carrier with a pool and no endpoint-independence.
    MobileHard "mobile-hard" "Mobile, symmetric"
    /// Firewalls of companies: Cisco ASA, Palo Alto, Fortinet.
    Corporate "corporate" "Company firewall"
    /// pf of FreeBSD and OPNsense as it comes.
    Pf "pf" "pf, as it comes"
    /// The NAT gateway of AWS.
    AwsNatGateway "aws-nat-gateway" "AWS NAT gateway"
    /// The NAT of Azure.
    AzureNat "azure-nat" "Azure NAT"
    /// Cloud NAT of Google.
    GcpCloudNat "gcp-cloud-nat" "Google Cloud NAT"
    /// An external address of a cloud instance behind a security group.
    CloudOneToOne "cloud-one-to-one" "Cloud, one-to-one"
    /// The AFTR of DS-Lite.
    DsLite "ds-lite" "DS-Lite"
    /// An IPv6 router at home: a filter, no translation (RFC 6092).
    Ipv6Home "ipv6-home" "IPv6 home router"
    /// A hotel before the login: UDP on port 53 only.
    Hotel "hotel" "Hotel before login"
    /// A company that blocks UDP.
    UdpBlocked "udp-blocked" "UDP blocked, TCP 443"
    /// Linux `MASQUERADE` without that rule: an early packet from the peer takes the tuple.
    LinuxMasqueradeOpenInput "linux-masquerade-open-input" "Linux, open INPUT"
    /// pf with `static-port`.
    PfStaticPort "pf-static-port" "pf, static-port"
    /// libalias of FreeBSD with its newer endpoint-independent option.
    Libalias "libalias-endpoint-independent" "libalias, one port"
    /// A home router as RFC 4787 has it.
    Rfc4787Home "rfc4787-home" "Home router of RFC 4787"
    /// Juniper SRX as it comes.
    JuniperSrx "juniper-srx" "Juniper SRX"
    /// Cloud NAT of Google with endpoint-independent mapping.
    GcpCloudNatEim "gcp-cloud-nat-endpoint-independent" "Google Cloud NAT, one port"
    /// VPP NAT44-ED.
    VppNat44 "vpp-nat44-ed" "VPP NAT44-ED"
    /// libwebrtc's test NAT `NAT_OPEN_CONE`.
    WebrtcOpenCone "libwebrtc-open-cone" "libwebrtc, open cone"
    /// libwebrtc's test NAT `NAT_ADDR_RESTRICTED`.
    WebrtcAddressRestricted "libwebrtc-addr-restricted" "libwebrtc, by address"
    /// libwebrtc's test NAT `NAT_PORT_RESTRICTED`.
    WebrtcPortRestricted "libwebrtc-port-restricted" "libwebrtc, by port"
    /// libwebrtc's test NAT `NAT_SYMMETRIC`.
    WebrtcSymmetric "libwebrtc-symmetric" "libwebrtc, symmetric"
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn timers(unreplied: u64, replied: u64) -> Timers {
    Timers {
        udp_unreplied: seconds(unreplied),
        udp_replied: seconds(replied),
        refresh_in: true,
        ..NatSpec::default().timers
    }
}

/// Mapping, filtering, port choice and timers; the rest as most have it: no hairpin, no parity.
fn nat(mapping: Behaviour, filtering: Behaviour, ports: PortChoice, unreplied: u64, replied: u64) -> NatSpec {
    let timers = timers(unreplied, replied);
    NatSpec { mapping, filtering, ports, timers, hairpin: Hairpin::None, keep_parity: false, ..NatSpec::default() }
}

impl NatSpec {
    /// The parameters of a preset.
    #[must_use]
    pub fn preset(preset: Preset) -> Self {
        use PortChoice::{Block, PreserveElseRandom, PreserveOverload, Random, RandomInBlock, Sequential};
        let linux = Self { keep_class: true, ..nat(Port, Port, PreserveOverload, 30, 120) };
        match preset {
            Preset::LinuxMasquerade => linux,
            Preset::LinuxMasqueradeOpenInput => Self { unsolicited: Unsolicited::TakesTuple, ..linux },
            Preset::LinuxRandomFully => nat(Port, Port, Random, 30, 120),
            Preset::LinuxFullCone => nat(Any, Any, PreserveElseRandom, 30, 180),
            Preset::Pf => nat(Port, Port, Random, 30, 60),
            Preset::PfStaticPort => nat(Port, Port, PreserveOverload, 30, 60),
            Preset::Libalias => nat(Any, Port, PreserveElseRandom, 60, 60),
            Preset::Rfc4787Home => Self::default(),
            Preset::Home => nat(Any, Port, PreserveElseRandom, 30, 300),
            Preset::Corporate => {
                Self { hairpin: Hairpin::ExternalSource, drop_land: true, ..nat(Port, Port, Random, 30, 120) }
            }
            Preset::JuniperSrx => Self { max_mappings: 64_000, ..nat(Port, Port, Random, 60, 60) },
            Preset::AwsNatGateway => Self { max_per_host: 55_000, ..nat(Port, Port, Random, 350, 350) },
            Preset::AzureNat => nat(Port, Port, Random, 240, 240),
            Preset::GcpCloudNat => nat(Port, Port, RandomInBlock(64), 30, 30),
            Preset::GcpCloudNatEim => nat(Any, Port, RandomInBlock(64), 30, 30),
            Preset::CloudOneToOne => {
                Self { translation: Translation::OneToOne, ..nat(Any, Port, PreserveElseRandom, 180, 180) }
            }
            Preset::CarrierGrade => Self {
                filter_scope: FilterScope::Endpoint,
                hairpin: Hairpin::ExternalSource,
                max_per_host: 1024,
                ..nat(Any, Any, Block(1024), 120, 300)
            },
            Preset::MobileEasy => nat(Any, Port, Random, 30, 65),
            Preset::MobileHard => Self {
                pool: vec![[203, 0, 113, 71].into(), [203, 0, 113, 72].into(), [203, 0, 113, 73].into()],
                pooling: PoolChoice::Arbitrary,
                ..nat(Port, Port, RandomInBlock(2048), 30, 65)
            },
            Preset::Hotel => Self {
                firewall: Firewall { udp_only: Some(vec![53]), tcp_only: Some(vec![80, 443]), inspect_dns: true },
                ..nat(Port, Port, Random, 60, 60)
            },
            Preset::UdpBlocked => Self {
                firewall: Firewall { udp_only: Some(Vec::new()), tcp_only: Some(vec![443]), inspect_dns: false },
                ..nat(Port, Port, Random, 60, 60)
            },
            Preset::DsLite => nat(Any, Address, Block(1024), 120, 300),
            Preset::Ipv6Home => Self { translation: Translation::None, ..nat(Any, Port, PreserveElseRandom, 120, 120) },
            Preset::VppNat44 => Self { fragments: Fragments::Drop, ..nat(Port, Port, Random, 300, 300) },
            Preset::WebrtcOpenCone => nat(Any, Any, Sequential(1), 86_400, 86_400),
            Preset::WebrtcAddressRestricted => nat(Any, Address, Sequential(1), 86_400, 86_400),
            Preset::WebrtcPortRestricted => nat(Any, Port, Sequential(1), 86_400, 86_400),
            Preset::WebrtcSymmetric => nat(Port, Port, Sequential(1), 86_400, 86_400),
        }
    }

    /// Mapping as a tester sees it: a NAT that keeps the internal port wherever it can looks endpoint-independent.
    #[must_use]
    pub const fn apparent_mapping(&self) -> Option<Behaviour> {
        match (self.translation, self.ports) {
            (Translation::None, _) => None,
            (Translation::OneToOne | Translation::Prefix, _) | (_, PortChoice::PreserveOverload) => Some(Any),
            _ => Some(self.mapping),
        }
    }
}
