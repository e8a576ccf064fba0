//! The one table of attributes. Decoding, encoding, names, the field view and the page's compose form follow it.

/// The shape of an attribute's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Family, port and address (RFC 8489 §14.1).
    Address,
    /// The same, masked with the cookie and transaction id (RFC 8489 §14.2).
    XorAddress,
    /// UTF-8 text of at most so many bytes.
    Text(u16),
    /// Opaque bytes: least and most.
    Bytes(u16, u16),
    /// Present or not; no bytes.
    Flag,
    /// A number in the first byte of four; the rest is reserved.
    Byte,
    /// A number in the first two bytes of four; the rest is reserved.
    Short,
    /// A 32-bit number.
    Word,
    /// A 64-bit number.
    Long,
    /// One byte whose top bit counts (EVEN-PORT, RFC 8656 §18.7).
    TopBit,
    /// Bits 4 (change IP) and 2 (change port) of a word (RFC 5780 §7.2).
    ChangeRequest,
    /// Class, number and reason phrase (RFC 8489 §14.8).
    ErrorCode,
    /// The same after an address family (RFC 8656 §18.12).
    AddressErrorCode,
    /// A list of 16-bit numbers (RFC 8489 §14.9).
    Codes,
    /// One password algorithm with parameters (RFC 8489 §14.12).
    Algorithm,
    /// A list of them (RFC 8489 §14.11).
    Algorithms,
    /// ICMP type, code and data (RFC 8656 §18.13).
    Icmp,
    /// Request and response counts (RFC 7982 §3.1).
    TransmitCounter,
    /// The two ECN bits and the valid bit (RFC 6679 §7.2.2).
    EcnCheck,
    /// Network id and network cost, 16 bits each (libwebrtc).
    NetworkInfo,
}

impl Kind {
    /// The number by which the npm package knows this kind, and the least and most bytes of the kinds that have such limits.
    pub const fn number(self) -> (u8, Option<(u16, u16)>) {
        let number = match self {
            Self::Bytes(least, most) => return (0, Some((least, most))),
            Self::Text(most) => return (1, Some((0, most))),
            Self::Address => 2,
            Self::XorAddress => 3,
            Self::ErrorCode => 4,
            Self::AddressErrorCode => 5,
            Self::Codes => 6,
            Self::Algorithm => 7,
            Self::Algorithms => 8,
            Self::Flag => 9,
            Self::Byte => 10,
            Self::Short => 11,
            Self::Word => 12,
            Self::Long => 13,
            Self::TopBit => 14,
            Self::ChangeRequest => 15,
            Self::Icmp => 16,
            Self::TransmitCounter => 17,
            Self::EcnCheck => 18,
            Self::NetworkInfo => 19,
        };
        (number, None)
    }
}

/// The message classes an attribute may appear in: a set of `1 << class`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Classes(pub u8);

impl Classes {
    /// True when a message of this class may have the attribute.
    pub const fn contains(self, class: super::Class) -> bool {
        self.0 & 1 << class as u8 != 0
    }
}

/// One row of [`ATTRIBUTES`].
#[derive(Clone, Copy, Debug)]
pub struct AttributeInfo {
    /// The 16-bit type.
    pub code: u16,
    /// IANA's name; for types outside the registry the name of who defined them.
    pub name: &'static str,
    /// The shape of the value.
    pub kind: Kind,
    /// Classes of message in which it may appear.
    pub classes: Classes,
}

impl AttributeInfo {
    /// True when an agent that does not know the type must refuse the message (RFC 8489 §14).
    pub const fn is_required(&self) -> bool {
        self.code < 0x8000
    }

    /// The specification that defines it now.
    pub fn specification(&self) -> &'static str {
        details(self.code).map_or("", |(specification, _)| specification)
    }

    /// One sentence on what it is for.
    pub fn about(&self) -> &'static str {
        details(self.code).map_or("", |(_, about)| about)
    }
}

const Q: u8 = 1; // request
const I: u8 = 2; // indication
const S: u8 = 4; // success response
const E: u8 = 8; // error response
const ANY: u8 = Q | I | S | E;

macro_rules! attributes {
    ($($code:literal $constant:ident $name:literal $specification:literal $kind:ident $(($($limit:literal),+))? [$classes:expr] $about:literal;)*) => {
        /// The attribute types by name.
        pub mod attribute {
            $(#[doc = concat!($name, " (", $specification, "): ", $about)] pub const $constant: u16 = $code;)*
        }

        /// Every attribute known, in order of type.
        pub static ATTRIBUTES: &[AttributeInfo] = &[$(AttributeInfo {
            code: $code,
            name: $name,
            kind: Kind::$kind $(($($limit),+))?,
            classes: Classes($classes),
        }),*];

        /// Specification and description: a function, so that the small wasm builds leave the texts out.
        fn details(code: u16) -> Option<(&'static str, &'static str)> {
            match code {
                $($code => Some(($specification, $about)),)*
                _ => None,
            }
        }
    };
}

attributes! {
    0x0001 MAPPED_ADDRESS "MAPPED-ADDRESS" "RFC 8489" Address [S] "The address the request came from, unmasked; for classic clients.";
    0x0002 RESPONSE_ADDRESS "RESPONSE-ADDRESS" "RFC 3489" Address [Q] "Where the response is to go; removed because it reflects attacks.";
    0x0003 CHANGE_REQUEST "CHANGE-REQUEST" "RFC 5780" ChangeRequest [Q] "Asks for the response from another address, another port, or both.";
    0x0004 SOURCE_ADDRESS "SOURCE-ADDRESS" "RFC 3489" Address [S] "Where the response was sent from; RESPONSE-ORIGIN now.";
    0x0005 CHANGED_ADDRESS "CHANGED-ADDRESS" "RFC 3489" Address [S] "The server's other address and port; OTHER-ADDRESS now.";
    0x0006 USERNAME "USERNAME" "RFC 8489" Text(513) [Q | I] "Whose credentials sign the message; in ICE both username fragments.";
    0x0007 PASSWORD "PASSWORD" "RFC 3489" Text(763) [S] "The password a Shared Secret request asked for.";
    0x0008 MESSAGE_INTEGRITY "MESSAGE-INTEGRITY" "RFC 8489" Bytes(20, 20) [ANY] "HMAC-SHA1 over all that comes before.";
    0x0009 ERROR_CODE "ERROR-CODE" "RFC 8489" ErrorCode [E] "Why the request was refused.";
    0x000a UNKNOWN_ATTRIBUTES "UNKNOWN-ATTRIBUTES" "RFC 8489" Codes [E] "The required attributes that the server does not know; with error 420.";
    0x000b REFLECTED_FROM "REFLECTED-FROM" "RFC 3489" Address [S] "Who asked, when RESPONSE-ADDRESS sent the response elsewhere.";
    0x000c CHANNEL_NUMBER "CHANNEL-NUMBER" "RFC 8656" Short [Q] "The channel to bind, 0x4000 to 0x4fff.";
    0x000d LIFETIME "LIFETIME" "RFC 8656" Word [Q | S] "Seconds until the allocation ends.";
    0x0010 BANDWIDTH "BANDWIDTH" "draft-rosenberg-midcom-turn" Word [Q | S] "Kilobits per second the client means to use; removed.";
    0x0011 DESTINATION_ADDRESS "DESTINATION-ADDRESS" "draft-rosenberg-midcom-turn" Address [Q] "Where to send DATA; removed.";
    0x0012 XOR_PEER_ADDRESS "XOR-PEER-ADDRESS" "RFC 8656" XorAddress [Q | I] "The peer that data goes to or came from.";
    0x0013 DATA "DATA" "RFC 8656" Bytes(0, 65535) [I] "What is relayed.";
    0x0014 REALM "REALM" "RFC 8489" Text(763) [Q | E] "The realm that long-term credentials belong to.";
    0x0015 NONCE "NONCE" "RFC 8489" Text(763) [Q | E] "The server's nonce; may begin with the cookie that names security features.";
    0x0016 XOR_RELAYED_ADDRESS "XOR-RELAYED-ADDRESS" "RFC 8656" XorAddress [S] "The address allocated on the relay.";
    0x0017 REQUESTED_ADDRESS_FAMILY "REQUESTED-ADDRESS-FAMILY" "RFC 8656" Byte [Q] "The family wanted: 1 IPv4, 2 IPv6.";
    0x0018 EVEN_PORT "EVEN-PORT" "RFC 8656" TopBit [Q] "Asks for an even port, and to reserve the next one.";
    0x0019 REQUESTED_TRANSPORT "REQUESTED-TRANSPORT" "RFC 8656" Byte [Q] "The IP protocol wanted between relay and peer: 17 UDP, 6 TCP.";
    0x001a DONT_FRAGMENT "DONT-FRAGMENT" "RFC 8656" Flag [Q | I] "Asks the relay to set the DF bit.";
    0x001b ACCESS_TOKEN "ACCESS-TOKEN" "RFC 7635" Bytes(0, 65535) [Q] "The OAuth token that holds the session key.";
    0x001c MESSAGE_INTEGRITY_SHA256 "MESSAGE-INTEGRITY-SHA256" "RFC 8489" Bytes(16, 32) [ANY] "HMAC-SHA256 over all that comes before; may be truncated.";
    0x001d PASSWORD_ALGORITHM "PASSWORD-ALGORITHM" "RFC 8489" Algorithm [Q] "The algorithm that made the key.";
    0x001e USERHASH "USERHASH" "RFC 8489" Bytes(32, 32) [Q] "SHA-256 of user name and realm, instead of USERNAME.";
    0x0020 XOR_MAPPED_ADDRESS "XOR-MAPPED-ADDRESS" "RFC 8489" XorAddress [S] "The address the request came from.";
    0x0021 TIMER_VAL "TIMER-VAL" "draft-ietf-behave-turn" Word [Q | S] "Removed before RFC 5766.";
    0x0022 RESERVATION_TOKEN "RESERVATION-TOKEN" "RFC 8656" Bytes(8, 8) [Q | S] "Names the port that EVEN-PORT reserved.";
    0x0024 PRIORITY "PRIORITY" "RFC 8445" Word [Q] "The priority of the peer-reflexive candidate this check may reveal.";
    0x0025 USE_CANDIDATE "USE-CANDIDATE" "RFC 8445" Flag [Q] "The controlling agent nominates this pair.";
    0x0026 PADDING "PADDING" "RFC 5780" Bytes(0, 65535) [Q | S] "Makes the message long enough to be fragmented.";
    0x0027 RESPONSE_PORT "RESPONSE-PORT" "RFC 5780" Short [Q] "The port the response is to go to.";
    0x002a CONNECTION_ID "CONNECTION-ID" "RFC 6062" Word [Q | I | S] "Names a TCP connection to a peer.";
    0x8000 ADDITIONAL_ADDRESS_FAMILY "ADDITIONAL-ADDRESS-FAMILY" "RFC 8656" Byte [Q] "A second family wanted: 2 IPv6.";
    0x8001 ADDRESS_ERROR_CODE "ADDRESS-ERROR-CODE" "RFC 8656" AddressErrorCode [S] "Why one of two families was not allocated.";
    0x8002 PASSWORD_ALGORITHMS "PASSWORD-ALGORITHMS" "RFC 8489" Algorithms [Q | E] "The algorithms the server offers; the client repeats them.";
    0x8003 ALTERNATE_DOMAIN "ALTERNATE-DOMAIN" "RFC 8489" Text(255) [E] "The name to expect in the alternate server's certificate.";
    0x8004 ICMP "ICMP" "RFC 8656" Icmp [I] "An ICMP error that came back from the peer.";
    0x8008 MS_VERSION "MS-VERSION" "MS-TURN" Word [ANY] "The version of Microsoft's dialect.";
    0x8020 MS_XOR_MAPPED_ADDRESS "XOR-MAPPED-ADDRESS (0x8020)" "draft-ietf-behave-rfc3489bis" XorAddress [S] "XOR-MAPPED-ADDRESS as early drafts and Microsoft number it.";
    0x8022 SOFTWARE "SOFTWARE" "RFC 8489" Text(763) [ANY] "The software of the sender.";
    0x8023 ALTERNATE_SERVER "ALTERNATE-SERVER" "RFC 8489" Address [E] "The server to ask instead; with error 300.";
    0x8025 TRANSACTION_TRANSMIT_COUNTER "TRANSACTION_TRANSMIT_COUNTER" "RFC 7982" TransmitCounter [Q | S | E] "Which transmission of the request and of the response this is.";
    0x8027 CACHE_TIMEOUT "CACHE-TIMEOUT" "RFC 5780" Word [Q | S] "Seconds the binding is to be kept; only drafts of RFC 5780.";
    0x8028 FINGERPRINT "FINGERPRINT" "RFC 8489" Word [ANY] "CRC-32 of the message, masked with 0x5354554e.";
    0x8029 ICE_CONTROLLED "ICE-CONTROLLED" "RFC 8445" Long [Q] "The sender is controlled; its tie-breaker.";
    0x802a ICE_CONTROLLING "ICE-CONTROLLING" "RFC 8445" Long [Q] "The sender is controlling; its tie-breaker.";
    0x802b RESPONSE_ORIGIN "RESPONSE-ORIGIN" "RFC 5780" Address [S] "Where the response was sent from.";
    0x802c OTHER_ADDRESS "OTHER-ADDRESS" "RFC 5780" Address [S] "The server's other address and port.";
    0x802d ECN_CHECK "ECN-CHECK STUN" "RFC 6679" EcnCheck [Q | S] "The ECN bits that arrived.";
    0x802e THIRD_PARTY_AUTHORIZATION "THIRD-PARTY-AUTHORIZATION" "RFC 7635" Text(763) [E] "The authorization server that gives tokens for this one.";
    0x802f ORIGIN "ORIGIN" "draft-johnston-tram-stun-origin" Text(763) [Q] "The web origin that asks.";
    0x8030 MOBILITY_TICKET "MOBILITY-TICKET" "RFC 8016" Bytes(0, 65535) [Q | S] "Lets an allocation follow a client to a new address.";
    0x8050 MS_SEQUENCE_NUMBER "MS-SEQUENCE-NUMBER" "MS-TURN" Bytes(24, 24) [Q | I | S] "Connection id and sequence number of Microsoft's dialect.";
    0x8054 MS_CANDIDATE_IDENTIFIER "CANDIDATE-IDENTIFIER" "MS-ICE2" Bytes(0, 255) [Q | S] "The foundation of the candidate.";
    0x8055 MS_SERVICE_QUALITY "MS-SERVICE-QUALITY" "MS-TURN" Bytes(4, 4) [Q] "Stream type and quality wanted.";
    0x8070 MS_IMPLEMENTATION_VERSION "IMPLEMENTATION-VERSION" "MS-ICE2" Word [Q | S] "The version of ICE the sender speaks.";
    0xc000 CISCO_STUN_FLOWDATA "CISCO-STUN-FLOWDATA" "draft-martinsen-tram-discuss" Bytes(0, 65535) [Q | S] "A description of the media flow for the network.";
    0xc001 NOMINATION "NOMINATION" "draft-thatcher-ice-renomination" Word [Q] "The count of nominations; the highest wins. IANA lists this type as ENF-FLOW-DESCRIPTION.";
    0xc002 ENF_NETWORK_STATUS "ENF-NETWORK-STATUS" "Cisco" Bytes(0, 65535) [Q | S] "What the network says of the flow.";
    0xc057 GOOG_NETWORK_INFO "GOOG-NETWORK-INFO" "libwebrtc" NetworkInfo [Q] "The network id and cost of the local interface.";
    0xc058 GOOG_LAST_ICE_CHECK_RECEIVED "GOOG-LAST-ICE-CHECK-RECEIVED" "libwebrtc" Bytes(0, 65535) [Q] "The transaction id of the last check that came in.";
    0xc059 GOOG_MISC_INFO "GOOG-MISC-INFO" "libwebrtc" Codes [Q | S] "Support for GOOG-PING and other options.";
    0xc05a GOOG_OBSOLETE_1 "GOOG-OBSOLETE-1" "libwebrtc" Bytes(0, 65535) [ANY] "No longer used.";
    0xc05b GOOG_CONNECTION_ID "GOOG-CONNECTION-ID" "libwebrtc" Bytes(0, 65535) [ANY] "Names a connection; reserved.";
    0xc05c GOOG_DELTA "GOOG-DELTA" "libwebrtc" Bytes(0, 65535) [Q] "Changes for the other side, in a format of its own.";
    0xc05d GOOG_DELTA_ACK "GOOG-DELTA-ACK" "libwebrtc" Bytes(0, 65535) [S] "Acknowledges GOOG-DELTA.";
    0xc05e GOOG_DELTA_SYNC_REQ "GOOG-DELTA-SYNC-REQ" "libwebrtc" Bytes(0, 65535) [ANY] "Asks for a full synchronisation.";
    0xc060 GOOG_MESSAGE_INTEGRITY_32 "GOOG-MESSAGE-INTEGRITY-32" "libwebrtc" Bytes(4, 4) [ANY] "The first four bytes of HMAC-SHA1; in GOOG-PING.";
    0xc070 DTLS_IN_STUN "DTLS-IN-STUN" "draft-hancke-webrtc-sped" Bytes(0, 65535) [Q | S] "A DTLS packet of the handshake.";
    0xc071 DTLS_IN_STUN_ACKNOWLEDGEMENT "DTLS-IN-STUN-ACKNOWLEDGEMENT" "draft-hancke-webrtc-sped" Bytes(0, 65535) [Q | S] "Acknowledges DTLS packets.";
    0xff00 RETRANSMIT_COUNT "RETRANSMIT-COUNT" "libwebrtc" Word [Q | S] "Which transmission of the request this is.";
}

/// The row of the attribute with type `code`.
pub fn lookup(code: u16) -> Option<&'static AttributeInfo> {
    ATTRIBUTES.binary_search_by_key(&code, |row| row.code).ok().and_then(|index| ATTRIBUTES.get(index))
}

/// The row of the attribute called `name`.
pub fn lookup_name(name: &str) -> Option<&'static AttributeInfo> {
    ATTRIBUTES.iter().find(|row| row.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_in_order_and_have_one_name_each() {
        assert!(ATTRIBUTES.windows(2).all(|pair| pair[0].code < pair[1].code));
        for row in ATTRIBUTES {
            assert_eq!(lookup_name(row.name).map(|found| found.code), Some(row.code));
            assert_eq!(lookup(row.code).map(|found| found.name), Some(row.name));
            assert!(!row.specification().is_empty() && row.about().ends_with('.'));
        }
        assert!(lookup(0x7fff).is_none());
    }
}
