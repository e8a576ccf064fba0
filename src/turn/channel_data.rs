//! ChannelData: four bytes of header and the data (RFC 8656 §12.4).
use alloc::vec::Vec;
use core::fmt;
use core::ops::RangeInclusive;

/// The channel numbers of RFC 8656 §12. RFC 5766 allowed up to 0x7fff.
pub const CHANNELS: RangeInclusive<u16> = 0x4000..=0x4fff;

/// Bytes of the header.
const HEADER_LEN: usize = 4;

/// One ChannelData message.
///
/// ```
/// use icelens::turn::ChannelData;
/// let data = ChannelData::parse(&[0x40, 0x01, 0, 2, 0xca, 0xfe])?;
/// assert_eq!((data.channel, data.data), (0x4001, &[0xca, 0xfe][..]));
/// # Ok::<(), icelens::turn::ChannelDataError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelData<'a> {
    /// The channel number.
    pub channel: u16,
    /// The application data.
    pub data: &'a [u8],
}

/// Why bytes are no ChannelData message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelDataError {
    /// Fewer than four bytes.
    TooShort,
    /// The number is not one of [`CHANNELS`].
    NotAChannel(u16),
    /// The length field promises more than there is.
    Truncated {
        /// Bytes of data promised.
        expected: usize,
        /// Bytes of data found.
        found: usize,
    },
    /// More than the padding to a multiple of four follows the data.
    TrailingBytes,
    /// The data, or the buffer for it, has the wrong size: over 65 535 bytes, or no room.
    NoRoom,
}

impl fmt::Display for ChannelDataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort => f.write_str("ChannelData has at least 4 bytes"),
            Self::NotAChannel(number) => write!(f, "{number:#06x} is not a channel number: those are 0x4000 to 0x4fff"),
            Self::Truncated { expected, found } => write!(f, "{expected} bytes of data announced, {found} are there"),
            Self::TrailingBytes => f.write_str("more than padding follows the data"),
            Self::NoRoom => f.write_str("the data is over 65535 bytes, or the buffer too small"),
        }
    }
}

impl core::error::Error for ChannelDataError {}

impl<'a> ChannelData<'a> {
    /// Reads a datagram, or one frame of a stream. Up to three bytes of padding may follow.
    ///
    /// # Errors
    ///
    /// [`ChannelDataError`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ChannelDataError> {
        let (&[c0, c1, l0, l1], rest) = bytes.split_first_chunk().ok_or(ChannelDataError::TooShort)?;
        let (channel, expected) = (u16::from_be_bytes([c0, c1]), usize::from(u16::from_be_bytes([l0, l1])));
        if !CHANNELS.contains(&channel) {
            return Err(ChannelDataError::NotAChannel(channel));
        }
        let Some((data, padding)) = rest.split_at_checked(expected) else {
            return Err(ChannelDataError::Truncated { expected, found: rest.len() });
        };
        if padding.len() > 3 {
            return Err(ChannelDataError::TrailingBytes);
        }
        Ok(Self { channel, data })
    }

    /// Writes the message to `out` and returns its length. Over TCP and TLS it must be padded to a multiple of four;
    /// over UDP it need not.
    ///
    /// # Errors
    ///
    /// [`ChannelDataError::NotAChannel`], [`ChannelDataError::NoRoom`].
    pub fn write(&self, padded: bool, out: &mut [u8]) -> Result<usize, ChannelDataError> {
        if !CHANNELS.contains(&self.channel) {
            return Err(ChannelDataError::NotAChannel(self.channel));
        }
        let length = u16::try_from(self.data.len()).map_err(|_| ChannelDataError::NoRoom)?;
        let end = HEADER_LEN + self.data.len();
        let total = if padded { end.next_multiple_of(4) } else { end };
        let out = out.get_mut(..total).ok_or(ChannelDataError::NoRoom)?;
        let (header, rest) = out.split_at_mut(HEADER_LEN);
        let ([c0, c1], [l0, l1]) = (self.channel.to_be_bytes(), length.to_be_bytes());
        header.copy_from_slice(&[c0, c1, l0, l1]);
        let (data, padding) = rest.split_at_mut(self.data.len());
        data.copy_from_slice(self.data);
        padding.fill(0);
        Ok(total)
    }

    /// The message as a datagram or frame of its own.
    ///
    /// # Errors
    ///
    /// As [`Self::write`].
    pub fn to_vec(&self, padded: bool) -> Result<Vec<u8>, ChannelDataError> {
        if !CHANNELS.contains(&self.channel) {
            return Err(ChannelDataError::NotAChannel(self.channel));
        }
        let length = u16::try_from(self.data.len()).map_err(|_| ChannelDataError::NoRoom)?;
        let end = HEADER_LEN + self.data.len();
        let total = if padded { end.next_multiple_of(4) } else { end };
        let mut out = Vec::with_capacity(total);
        out.extend_from_slice(&self.channel.to_be_bytes());
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(self.data);
        out.resize(total, 0);
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_with_and_without_padding() {
        for len in 0..9 {
            let data = &[7; 9][..len];
            for padded in [false, true] {
                let mut out = [0xff; 16];
                let total = ChannelData { channel: 0x4fff, data }.write(padded, &mut out).unwrap();
                assert_eq!(total, if padded { 4 + len.next_multiple_of(4) } else { 4 + len });
                assert_eq!(ChannelData::parse(&out[..total]), Ok(ChannelData { channel: 0x4fff, data }));
                assert_eq!(ChannelData { channel: 0x4fff, data }.to_vec(padded).unwrap(), out[..total]);
            }
        }
    }

    #[test]
    fn says_what_is_wrong() {
        use ChannelDataError as E;
        assert_eq!(ChannelData::parse(&[0x40, 0, 0]), Err(E::TooShort));
        assert_eq!(ChannelData::parse(&[0x50, 0, 0, 0]), Err(E::NotAChannel(0x5000)));
        assert_eq!(ChannelData::parse(&[0x40, 0, 0, 2, 1]), Err(E::Truncated { expected: 2, found: 1 }));
        assert_eq!(ChannelData::parse(&[0x40, 0, 0, 0, 1, 2, 3, 4]), Err(E::TrailingBytes));
        assert_eq!(ChannelData { channel: 0x3fff, data: b"" }.write(false, &mut [0; 8]), Err(E::NotAChannel(0x3fff)));
        assert_eq!(ChannelData { channel: 0x4000, data: b"abc" }.write(true, &mut [0; 7]), Err(E::NoRoom));
    }
}
