//! A link as a picture that a phone can read.

use super::pixels;
use fast_qr::ECL;
use fast_qr::qr::QRBuilder;

/// Pixels per module: a phone that is held up to a screen reads no less.
const SCALE: usize = 8;
/// Light modules around: what readers need.
const QUIET: usize = 4;

/// The text as a QR code in a PNG; `None` when it is too long for one (2,953 bytes). On a screen nothing is torn or
/// stained: with the smallest error correction a long link has the largest modules.
pub(crate) fn png(text: &str) -> Option<Vec<u8>> {
    let code = QRBuilder::new(text).ecl(ECL::L).build().ok()?;
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

    /// What another library reads in a picture of pixels across and down.
    fn read(bytes: &[u8], shrunk: usize) -> (usize, String) {
        let mut picture = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let side = usize::try_from(picture.info().width).unwrap();
        let mut gray = vec![0; picture.output_buffer_size().unwrap()];
        picture.next_frame(&mut gray).unwrap();
        assert_eq!((side % SCALE, side * side), (0, gray.len()));
        assert!((0..QUIET * SCALE).all(|x| gray[x * side + x] == 255));
        let small = side / shrunk;
        let pixel = |x: usize, y: usize| gray[y * shrunk * side + x * shrunk];
        let mut seen = rqrr::PreparedImage::prepare_from_greyscale(small, small, pixel);
        let [code] = <[_; 1]>::try_from(seen.detect_grids()).ok().unwrap();
        let (about, text) = code.decode().unwrap();
        assert_eq!(about.ecc_level, 1, "the smallest");
        (side, text)
    }

    #[test]
    fn another_library_reads_every_link_that_is_drawn_also_at_half_its_size() {
        let long = format!("vless://{}@a.example:443?{}#x", "b".repeat(36), "k=v&".repeat(150));
        let address = format!("https://links.example.org/s/{}", "Ab9_".repeat(11));
        for link in ["vless://a@b:1?type=tcp", &address, &long] {
            let bytes = png(link).unwrap();
            for shrunk in [1, 2] {
                assert_eq!(read(&bytes, shrunk).1, link);
            }
        }
    }

    #[test]
    fn what_no_code_holds_has_no_picture() {
        let most = "x".repeat(2_953);
        assert_eq!(read(&png(&most).unwrap(), 1).1, most);
        assert_eq!(png(&"x".repeat(2_954)), None);
    }
}
