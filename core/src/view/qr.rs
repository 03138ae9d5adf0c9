//! A link as a picture that a phone can read.

use super::pixels;
use fast_qr::qr::QRBuilder;

/// Pixels per module.
const SCALE: usize = 6;
/// Light modules around: what readers need.
const QUIET: usize = 4;

/// The text as a QR code in a PNG; `None` when it is too long for one (about 2,300 characters).
pub(crate) fn png(text: &str) -> Option<Vec<u8>> {
    let code = QRBuilder::new(text).build().ok()?;
    let size = code.size;
    let side = (size + 2 * QUIET) * SCALE;
    let light = vec![255_u8; side];
    let mut pixels = light.repeat(QUIET * SCALE);
    for modules in code.data.chunks(size).take(size) {
        let mut line = light.clone();
        let inside = line.chunks_mut(SCALE).skip(QUIET);
        for (pixels, _) in inside.zip(modules).filter(|(_, module)| module.value()) {
            pixels.fill(0);
        }
        pixels.extend(line.repeat(SCALE));
    }
    pixels.extend(light.repeat(QUIET * SCALE));
    let side = u32::try_from(side).ok()?;
    pixels::png(&pixels, (side, side), png::ColorType::Grayscale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_becomes_a_png_with_a_quiet_margin() {
        let bytes = png("vless://a@b:1?type=tcp").unwrap();
        let mut picture = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let side = usize::try_from(picture.info().width).unwrap();
        let mut gray = vec![0; picture.output_buffer_size().unwrap()];
        picture.next_frame(&mut gray).unwrap();
        assert_eq!((side % SCALE, side * side), (0, gray.len()));
        assert!((0..QUIET * SCALE).all(|x| gray[x * side + x] == 255));
        // The finder pattern's corner is dark.
        assert_eq!(gray[QUIET * SCALE * (side + 1)], 0);
        assert_eq!(png(&"x".repeat(3_000)), None);
    }
}
