//! Pictures as phones send them.

/// A black PNG of this many pixels, at least one each way.
#[must_use]
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut out = Vec::new();
    let mut picture = png::Encoder::new(&mut out, width, height);
    picture.set_color(png::ColorType::Grayscale);
    let mut writer = picture.write_header().unwrap();
    let pixels = vec![0; usize::try_from(width * height).unwrap()];
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    out
}
