//! Pixels as a file.

use png::{BitDepth, ColorType, Compression, Encoder};

/// A PNG of so many pixels across and down, a byte for each of a pixel's colors; `None` if they are not as many.
pub(super) fn png(pixels: &[u8], (across, down): (u32, u32), color: ColorType) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut picture = Encoder::new(&mut out, across, down);
    picture.set_color(color);
    picture.set_depth(BitDepth::Eight);
    picture.set_compression(Compression::Fast);
    let mut writer = picture.write_header().ok()?;
    writer.write_image_data(pixels).ok()?;
    writer.finish().ok()?;
    Some(out)
}
