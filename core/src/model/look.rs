//! What a picture looks like, so that the same one is known again after it was scaled, re-encoded or cropped.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::f32::consts::PI;

/// The side of the grey picture that is looked at, in pixels.
pub const LOOK_SIDE: usize = 64;
/// The lowest frequencies of each direction that count.
const KEPT: usize = 32;
const BYTES: usize = KEPT * KEPT / 8;
/// Up to so many of the 1,024 bits apart are two pictures the same: measured on wallet receipts, where the same one
/// in another size or encoding is at most 16 apart, and another of the same app at least 24.
const SAME: u32 = 18;
/// The lightest and the darkest point of a picture that shows something are further apart than this.
const FLAT: u8 = 16;

/// Which of the 32 × 32 lowest frequencies of a picture (its cosine transform) are above their median.
#[derive(Clone, PartialEq, Eq)]
struct Bits([u8; BYTES]);

/// What a picture looks like: the whole of it, and what is below its topmost twentieth, where a phone shows its
/// status bar. Nothing of what it shows can be read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureLook {
    whole: Bits,
    below: Bits,
}

impl PictureLook {
    /// Of a picture and of the part below its topmost twentieth, each scaled to [`LOOK_SIDE`] × [`LOOK_SIDE`] shades
    /// of grey, row by row. `None` where one shows nothing: flat pictures all look the same.
    #[must_use]
    pub fn of(whole: &[u8], below: &[u8]) -> Option<Self> {
        Some(Self { whole: Bits::of(whole)?, below: Bits::of(below)? })
    }

    /// Whether both look the same, also where one of them lacks its status bar.
    #[must_use]
    pub fn resembles(&self, other: &Self) -> bool {
        other.shows(&self.whole) || other.shows(&self.below)
    }

    fn shows(&self, part: &Bits) -> bool {
        self.whole.is_near(part) || self.below.is_near(part)
    }
}

/// A picture that is compared with those that were seen before: what it looks like, and what some cuts of it do,
/// since whoever cuts a picture does not cut it where the other one was cut. Of these nothing is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureCuts {
    look: PictureLook,
    cuts: Vec<Bits>,
}

impl PictureCuts {
    /// Of a picture and of cuts of it, each scaled as for [`PictureLook::of`]. A cut that shows nothing is left out.
    #[must_use]
    pub fn of<'a>(look: PictureLook, cuts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        Self { look, cuts: cuts.into_iter().filter_map(Bits::of).collect() }
    }

    /// What the picture itself looks like.
    #[must_use]
    pub const fn look(&self) -> &PictureLook {
        &self.look
    }

    /// Whether it, or a cut of it, looks the same as one that was seen.
    #[must_use]
    pub fn resemble(&self, seen: &PictureLook) -> bool {
        self.look.resembles(seen) || self.cuts.iter().any(|cut| seen.shows(cut))
    }
}

impl Bits {
    fn of(grey: &[u8]) -> Option<Self> {
        let (least, most) = (grey.iter().min()?, grey.iter().max()?);
        if grey.len() != LOOK_SIDE * LOOK_SIDE || most - least <= FLAT {
            return None;
        }
        // Rows first, then the columns of what came of them.
        let rows: Vec<f32> = grey.iter().map(|shade| f32::from(*shade)).collect();
        let frequencies = turned(&turned(&rows, LOOK_SIDE), LOOK_SIDE);
        let mut sorted = frequencies.clone();
        sorted.sort_by(f32::total_cmp);
        let median = *sorted.get(KEPT * KEPT / 2)?;
        let mut bits = [0; BYTES];
        for (byte, eight) in bits.iter_mut().zip(frequencies.chunks(8)) {
            *byte = eight.iter().fold(0, |byte, f| (byte << 1) | u8::from(*f > median));
        }
        Some(Self(bits))
    }

    /// Whether they are at most [`SAME`] bits apart. What is not is known by its first bytes.
    fn is_near(&self, other: &Self) -> bool {
        let pairs = || self.0.chunks(16).zip(other.0.chunks(16));
        let apart = |(a, b): (&[u8], &[u8])| -> u32 {
            a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones()).sum()
        };
        let mut sum = 0;
        pairs().map(apart).all(|more| {
            sum += more;
            sum <= SAME
        })
    }
}

/// The lowest frequencies of each row of so many values, as columns.
fn turned(values: &[f32], width: usize) -> Vec<f32> {
    let waves: Vec<Vec<f32>> = (0..KEPT).map(|k| wave(k, width)).collect();
    let rows = || values.chunks(width);
    let of_wave = |wave: &Vec<f32>| -> Vec<f32> {
        rows().map(|row| row.iter().zip(wave).map(|(v, w)| v * w).sum()).collect()
    };
    waves.iter().flat_map(of_wave).collect()
}

/// The cosine of the `k`-th frequency at each of so many points (DCT-II).
#[expect(clippy::cast_precision_loss, reason = "both are below 64")]
fn wave(k: usize, points: usize) -> Vec<f32> {
    (0..points).map(|n| (PI / points as f32 * (n as f32 + 0.5) * k as f32).cos()).collect()
}

impl std::fmt::Debug for Bits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&STANDARD_NO_PAD.encode(self.0))
    }
}

impl Serialize for Bits {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD_NO_PAD.encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Bits {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let bytes = STANDARD_NO_PAD.decode(text).map_err(serde::de::Error::custom)?;
        let wrong = |_| serde::de::Error::custom("not as long as what a picture looks like");
        bytes.try_into().map(Self).map_err(wrong)
    }
}

#[cfg(test)]
mod tests;
