//! A link as a picture that a phone can read.

use fast_qr::qr::QRBuilder;
use image::{GrayImage, ImageFormat, Luma};
use std::io::Cursor;

/// Pixels per module.
const SCALE: u32 = 6;
/// Light modules around: what readers need.
const QUIET: u32 = 4;

/// The text as a QR code in a PNG; `None` when it is too long for one (about 2,300 characters).
pub(crate) fn png(text: &str) -> Option<Vec<u8>> {
    let code = QRBuilder::new(text).build().ok()?;
    let size = u32::try_from(code.size).ok()?;
    let side = (size + 2 * QUIET) * SCALE;
    let picture = GrayImage::from_fn(side, side, |x, y| {
        let module = |pixel: u32| (pixel / SCALE).checked_sub(QUIET).filter(|m| *m < size);
        let dark = match (module(x), module(y)) {
            (Some(column), Some(row)) => {
                let place = usize::try_from(row * size + column).ok();
                place.and_then(|p| code.data.get(p)).is_some_and(|m| m.value())
            }
            _ => false,
        };
        Luma([if dark { 0 } else { 255 }])
    });
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, ImageFormat::Png).ok()?;
    Some(out.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_becomes_a_png_with_a_quiet_margin() {
        let bytes = png("vless://a@b:1?type=tcp").unwrap();
        let picture = image::load_from_memory_with_format(&bytes, ImageFormat::Png).unwrap();
        let gray = picture.to_luma8();
        assert_eq!(gray.width() % SCALE, 0);
        assert!((0..QUIET * SCALE).all(|x| gray.get_pixel(x, x).0 == [255]));
        // The finder pattern's corner is dark.
        assert_eq!(gray.get_pixel(QUIET * SCALE, QUIET * SCALE).0, [0]);
        assert_eq!(png(&"x".repeat(3_000)), None);
    }
}
