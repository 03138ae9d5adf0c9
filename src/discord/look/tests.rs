use super::*;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat, Luma};

/// A receipt of one wallet app: a status bar, the app's head, and rows of text, of which what is paid and
/// when is another on each.
fn receipt(number: u64) -> GrayImage {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut picture = GrayImage::from_pixel(270, 600, Luma([245]));
    let mut fill = |left: u32, top: u32, width: u32, height: u32, shade: u8| {
        for y in top..top + height {
            for x in left..left + width {
                picture.put_pixel(x, y, Luma([shade]));
            }
        }
    };
    fill(0, 0, 270, 24, 20);
    for n in 0..5 {
        fill(12 + 30 * n, 6, 8 + u32::try_from(random() % 12).unwrap(), 10, 230);
    }
    fill(0, 60, 270, 70, 90);
    for row in 0..11 {
        fill(16, 160 + 38 * row, 70 + 6 * (row % 4), 9, 120);
        let mut left = 140;
        while left < 240 {
            let width = 3 + u32::try_from(random() % 9).unwrap();
            fill(left, 158 + 38 * row, width, 14, 30);
            left += width + 2 + u32::try_from(random() % 5).unwrap();
        }
    }
    picture
}

fn png(picture: &GrayImage) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, ImageFormat::Png).unwrap();
    out.into_inner()
}

fn jpeg(picture: &GrayImage, quality: u8) -> Vec<u8> {
    let mut out = Vec::new();
    let rgb = DynamicImage::ImageLuma8(picture.clone()).into_rgb8();
    rgb.write_with_encoder(JpegEncoder::new_with_quality(&mut out, quality)).unwrap();
    out
}

#[test]
fn a_receipt_is_known_again_smaller_re_encoded_or_without_its_status_bar_and_no_other_is() {
    let receipts: Vec<GrayImage> = (1..=12).map(receipt).collect();
    let looks: Vec<PictureLook> = receipts.iter().map(|r| of(&png(r)).unwrap()).collect();
    for (n, (receipt, look)) in receipts.iter().zip(&looks).enumerate() {
        let (width, height) = receipt.dimensions();
        let half = imageops::resize(receipt, width / 2, height / 2, FilterType::Triangle);
        let below = imageops::crop_imm(receipt, 0, 30, width, height - 30).to_image();
        for (how, content) in [
            ("half as large", png(&half)),
            ("as JPEG", jpeg(receipt, 60)),
            ("smaller and as JPEG", jpeg(&half, 75)),
            ("without its status bar", png(&below)),
            ("without its status bar, as JPEG", jpeg(&below, 60)),
        ] {
            assert!(of(&content).unwrap().resembles(look), "receipt {n}, {how}");
        }
        for (other, another) in looks.iter().enumerate() {
            assert_eq!(look.resembles(another), n == other, "receipts {n} and {other}");
        }
    }
}

#[test]
fn what_is_no_picture_shows_nothing_or_is_too_large_has_no_look() {
    assert_eq!(of(b"no picture"), None);
    assert_eq!(of(&png(&GrayImage::from_pixel(30, 20, Luma([7])))), None);
    let whole = png(&receipt(1));
    assert_eq!(of(&whole[..whole.len() / 2]), None, "cut off");
    // One shade, which takes no room in a file: 26 million pixels, and a side too long.
    for (width, height) in [(6_500, 4_000), (8_193, 10)] {
        let mut picture = GrayImage::from_pixel(width, height, Luma([0]));
        picture.put_pixel(0, 0, Luma([255]));
        assert_eq!(of(&png(&picture)), None, "{width} x {height}");
    }
}

#[test]
fn a_picture_of_one_pixel_or_row_is_looked_at_without_a_fault() {
    for (width, height) in [(1, 1), (1, 40), (300, 1)] {
        let picture =
            GrayImage::from_fn(width, height, |x, y| Luma([u8::from((x + y) % 2 == 0) * 255]));
        let _ = of(&png(&picture));
    }
}
