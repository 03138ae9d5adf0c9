use super::*;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageEncoder as _, ImageFormat, Luma};

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

/// Without so many per cent of its height at the top and at the bottom.
fn cut(picture: &GrayImage, top: u32, bottom: u32) -> GrayImage {
    let part = |per_cent| picture.height() * per_cent / 100;
    without(picture, part(top), part(bottom))
}

fn half(picture: &GrayImage) -> GrayImage {
    let (width, height) = picture.dimensions();
    imageops::resize(picture, width / 2, height / 2, FilterType::Triangle)
}

/// So many receipts, and what each of them looks like.
fn receipts(n: u64) -> Vec<(GrayImage, PictureCuts)> {
    let all = (1..=n).map(receipt);
    all.map(|receipt| (receipt.clone(), of(&png(&receipt)).unwrap())).collect()
}

#[test]
fn a_receipt_is_known_again_smaller_re_encoded_or_without_up_to_a_twentieth_and_no_other_is() {
    let receipts = receipts(4);
    for (n, (receipt, seen)) in receipts.iter().take(1).enumerate() {
        let half = half(receipt);
        let mut changed = vec![
            ("half as large".to_owned(), png(&half)),
            ("as JPEG".to_owned(), jpeg(receipt, 60)),
            ("smaller and as JPEG".to_owned(), jpeg(&half, 75)),
        ];
        for top in 1..=5 {
            let below = cut(receipt, top, 0);
            changed.push((format!("without {top} %"), png(&below)));
            changed.push((format!("without {top} %, as JPEG"), jpeg(&below, 60)));
        }
        for (how, content) in changed {
            assert!(of(&content).unwrap().resemble(seen.look()), "receipt {n}, {how}");
        }
    }
    for (n, (_, seen)) in receipts.iter().enumerate() {
        for (other, (_, another)) in receipts.iter().enumerate() {
            assert_eq!(seen.resemble(another.look()), n == other, "receipts {n} and {other}");
        }
    }
}

#[test]
fn a_whole_receipt_is_known_again_after_a_cut_one_was_seen() {
    for (n, (receipt, whole)) in receipts(1).iter().enumerate() {
        for (top, bottom) in [(3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (0, 5)] {
            let seen = of(&jpeg(&cut(receipt, top, bottom), 75)).unwrap();
            assert!(whole.resemble(seen.look()), "receipt {n}, {top} % and {bottom} %");
        }
    }
}

#[test]
fn more_than_a_twentieth_cut_off_a_receipt_that_was_seen_is_beyond_it() {
    let (receipt, seen) = &receipts(1)[0];
    for (top, bottom) in [(7, 0), (0, 5)] {
        assert!(!of(&png(&cut(receipt, top, bottom))).unwrap().resemble(seen.look()));
    }
}

#[test]
fn a_picture_is_looked_at_the_way_up_that_a_phone_shows_it() {
    let (receipt, seen) = &receipts(1)[0];
    // Lying on its side, and a word in the file that it is to be turned right.
    let lying = imageops::rotate270(receipt);
    let turn = |exif: bool| {
        let mut out = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut out, 75);
        if exif {
            let right = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
            encoder.set_exif_metadata(right.to_vec()).unwrap();
        }
        DynamicImage::ImageLuma8(lying.clone()).write_with_encoder(encoder).unwrap();
        of(&out).unwrap().resemble(seen.look())
    };
    assert!(turn(true));
    assert!(!turn(false));
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
