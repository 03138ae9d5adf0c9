//! What a picture looks like, of its content: decoded within bounds, and told by a [`PictureLook`].

use crate::model::{LOOK_SIDE, PictureLook};
use image::imageops::{self, FilterType};
use image::{GrayImage, ImageReader, Limits};
use std::io::Cursor;

/// Pixels on a side and in all, and bytes while it is decoded: a picture beyond is not looked at.
const MAX_SIDE: u32 = 8_192;
const MAX_PIXELS: u64 = 25_000_000;
const MAX_BYTES: u64 = 96 << 20;
/// A phone's status bar is within the topmost of so many parts.
const STATUS_BAR: u32 = 20;

/// What it looks like; `None` of one that shows nothing, is too large, or cannot be decoded.
pub(super) fn of(content: &[u8]) -> Option<PictureLook> {
    let (width, height) = reader(content)?.into_dimensions().ok()?;
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return None;
    }
    let grey = reader(content)?.decode().ok()?.into_luma8();
    let (width, height) = grey.dimensions();
    let top = height / STATUS_BAR;
    let below = imageops::crop_imm(&grey, 0, top, width, height - top).to_image();
    PictureLook::of(&scaled(&grey), &scaled(&below))
}

fn reader(content: &[u8]) -> Option<ImageReader<Cursor<&[u8]>>> {
    let mut reader = ImageReader::new(Cursor::new(content)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_BYTES);
    reader.limits(limits);
    Some(reader)
}

fn scaled(picture: &GrayImage) -> Vec<u8> {
    let side = u32::try_from(LOOK_SIDE).unwrap_or(u32::MAX);
    imageops::resize(picture, side, side, FilterType::Lanczos3).into_raw()
}

#[cfg(test)]
mod tests;
