//! What a picture looks like, of its content: decoded within bounds, and told by a [`PictureCuts`].

use crate::model::{LOOK_SIDE, PictureCuts, PictureLook};
use image::imageops::{self, FilterType};
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageDecoder as _, ImageReader, Limits};
use std::io::Cursor;

/// Pixels on a side and in all, and bytes while it is decoded: a picture beyond is not looked at.
const MAX_SIDE: u32 = 8_192;
const MAX_PIXELS: u64 = 25_000_000;
const MAX_BYTES: u64 = 96 << 20;
/// A picture is made smaller than this before it is cut, in pixels on its longer side.
const ENOUGH: u32 = 720;
/// A phone's status bar is within the topmost of so many parts.
const STATUS_BAR: u32 = 20;
/// The cuts of a picture's top, in thousandths of its height: this many steps of that.
const TOP_STEPS: u32 = 16;
const TOP_STEP: u32 = 5;
/// A phone's buttons below, in thousandths.
const BUTTONS: u32 = 50;

/// What it looks like; `None` of one that shows nothing, is too large, or cannot be decoded.
pub(super) fn of(content: &[u8]) -> Option<PictureCuts> {
    let grey = smaller(decoded(content)?);
    let height = grey.height();
    let below = scaled(&without(&grey, height / STATUS_BAR, 0));
    let look = PictureLook::of(&scaled(&grey), &below)?;
    let part = |thousandths: u32| (height * thousandths + 500) / 1_000;
    let tops = (1..=TOP_STEPS).map(|n| (part(n * TOP_STEP), 0)).chain([(0, part(BUTTONS))]);
    let cuts: Vec<_> = tops.map(|(top, bottom)| scaled(&without(&grey, top, bottom))).collect();
    Some(PictureCuts::of(look, cuts.iter().map(Vec::as_slice)))
}

/// The picture in shades of grey, the way up that a phone shows it.
fn decoded(content: &[u8]) -> Option<GrayImage> {
    let (width, height) = reader(content)?.into_dimensions().ok()?;
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return None;
    }
    let mut decoder = reader(content)?.into_decoder().ok()?;
    let turned = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    // What the pixels take is taken from what the decoder may use for itself.
    let mut limits = limits();
    limits.reserve(decoder.total_bytes()).ok()?;
    decoder.set_limits(limits).ok()?;
    let grey = DynamicImage::from_decoder(decoder).ok()?.into_luma8();
    let mut upright = DynamicImage::ImageLuma8(grey);
    upright.apply_orientation(turned);
    Some(upright.into_luma8())
}

fn smaller(picture: GrayImage) -> GrayImage {
    let (width, height) = picture.dimensions();
    let longer = width.max(height);
    if longer <= ENOUGH {
        return picture;
    }
    let side = |n: u32| (n * ENOUGH / longer).max(1);
    imageops::resize(&picture, side(width), side(height), FilterType::Triangle)
}

/// Without so many rows at its top and at its bottom.
fn without(picture: &GrayImage, top: u32, bottom: u32) -> GrayImage {
    let (width, height) = picture.dimensions();
    imageops::crop_imm(picture, 0, top, width, height - top - bottom).to_image()
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_BYTES);
    limits
}

fn reader(content: &[u8]) -> Option<ImageReader<Cursor<&[u8]>>> {
    let mut reader = ImageReader::new(Cursor::new(content)).with_guessed_format().ok()?;
    reader.limits(limits());
    Some(reader)
}

fn scaled(picture: &GrayImage) -> Vec<u8> {
    let side = u32::try_from(LOOK_SIDE).unwrap_or(u32::MAX);
    imageops::resize(picture, side, side, FilterType::Lanczos3).into_raw()
}

#[cfg(test)]
mod tests;
