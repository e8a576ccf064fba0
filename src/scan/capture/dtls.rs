//! How far a DTLS handshake came, from what is readable of it (RFC 6347, RFC 9147).

/// A moment of the handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Milestone {
    /// Nanoseconds since 1970.
    pub time: u64,
    /// It was sent by `path.a` of the flow.
    pub from_a: bool,
}

/// The handshake on one flow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dtls {
    /// The first ClientHello: its sender is the DTLS client, so its `a=setup` is `active`.
    pub client_hello: Option<Milestone>,
    /// ClientHello messages, retransmissions too.
    pub client_hellos: u32,
    /// The first ServerHello.
    pub server_hello: Option<Milestone>,
    /// The first encrypted record of `path.a`.
    pub encrypted_a: Option<u64>,
    /// The first encrypted record of `path.b`.
    pub encrypted_b: Option<u64>,
    /// The first fatal alert in clear, and its description (RFC 8446 §6).
    pub alert: Option<(Milestone, u8)>,
}

impl Dtls {
    /// Whether both sides sent encrypted records, which they do when they have the keys.
    pub fn established(&self) -> bool {
        self.encrypted_a.is_some() && self.encrypted_b.is_some()
    }

    /// Reads the records of a datagram.
    pub(super) fn read(&mut self, mut datagram: &[u8], time: u64, from_a: bool) {
        // A datagram of 64 KiB holds at most 5041 records; a handshake flight has a handful.
        for _ in 0..16 {
            let Some((&kind, _)) = datagram.split_first() else { return };
            if kind >= 32 {
                return self.encrypted(time, from_a);
            }
            let Some(&[_, _, _, e0, e1, _, _, _, _, _, _, l0, l1]) = datagram.first_chunk::<13>() else { return };
            let length = usize::from(u16::from_be_bytes([l0, l1]));
            let Some(body) = datagram.get(13..13 + length) else { return };
            self.record(kind, u16::from_be_bytes([e0, e1]), body, time, from_a);
            datagram = datagram.get(13 + length..).unwrap_or(&[]);
        }
    }

    fn record(&mut self, kind: u8, epoch: u16, body: &[u8], time: u64, from_a: bool) {
        let here = Milestone { time, from_a };
        match (kind, epoch) {
            (23, _) | (22, 1..) => self.encrypted(time, from_a),
            (22, 0) => match body.first() {
                Some(1) => {
                    // A fragment behind the first (offset not 0) repeats the type.
                    if body.get(6..9) == Some(&[0, 0, 0]) {
                        self.client_hellos = self.client_hellos.saturating_add(1);
                    }
                    self.client_hello.get_or_insert(here);
                }
                Some(2) => {
                    self.server_hello.get_or_insert(here);
                }
                _ => {}
            },
            (21, 0) => {
                if let &[2, description, ..] = body {
                    self.alert.get_or_insert((here, description));
                }
            }
            _ => {}
        }
    }

    fn encrypted(&mut self, time: u64, from_a: bool) {
        let first = if from_a { &mut self.encrypted_a } else { &mut self.encrypted_b };
        first.get_or_insert(time);
    }
}
