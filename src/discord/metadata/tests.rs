//! What a picture tells goes, and what it shows stays.

use super::*;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ImageEncoder as _, Rgb, RgbImage};
use img_parts::png::PngChunk;

/// What nobody is to read in what is kept.
const TOLD: &[u8] = b"GPS 30.0444 31.2357 of Alice";

/// Exif that turns a picture to the right and says more.
fn exif() -> Vec<u8> {
    let mut exif = only_turned(Orientation::Rotate90).to_vec();
    exif.extend(TOLD);
    exif
}

fn shown() -> RgbImage {
    RgbImage::from_fn(24, 16, |x, y| Rgb([x as u8 * 9, y as u8 * 13, 80]))
}

/// A JPEG with all that cameras and programs put into one, a thumbnail in its head too, and a film behind its end.
fn talkative_jpeg() -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut out, 90);
    encoder.set_exif_metadata(exif()).unwrap();
    encoder.set_icc_profile(b"colours".to_vec()).unwrap();
    shown().write_with_encoder(encoder).unwrap();
    let mut jpeg = Jpeg::from_bytes(out.into()).unwrap();
    let head = jpeg.segments_mut().iter_mut().find(|one| one.marker() == markers::APP0).unwrap();
    let (across, thumbnail) = (u8::try_from(TOLD.len() / 3 + 1).unwrap(), [TOLD, b"..."].concat());
    let sides = [&head.contents()[..12], &[across, 1]].concat();
    let told = [&sides[..], &thumbnail[..usize::from(across) * 3]].concat();
    *head = JpegSegment::new_with_contents(markers::APP0, told.into());
    for (marker, begin) in [
        (markers::APP1, &b"http://ns.adobe.com/xap/1.0/\0"[..]),
        (markers::APP2, b"MPF\0"),
        (markers::APP13, b"Photoshop 3.0\0"),
        (markers::COM, b""),
    ] {
        let told = [begin, TOLD].concat();
        jpeg.segments_mut().insert(1, JpegSegment::new_with_contents(marker, told.into()));
    }
    [&jpeg.encoder().bytes()[..], b"ftypmp42", TOLD].concat()
}

fn talkative_png() -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = PngEncoder::new(&mut out);
    encoder.set_exif_metadata(exif()).unwrap();
    encoder.set_icc_profile(b"colours".to_vec()).unwrap();
    shown().write_with_encoder(encoder).unwrap();
    let mut png = Png::from_bytes(out.into()).unwrap();
    for kind in [b"tEXt", b"zTXt", b"iTXt", b"tIME", b"prVt"] {
        let chunk = PngChunk::new(*kind, TOLD.into());
        png.chunks_mut().insert(1, chunk);
    }
    [&png.encoder().bytes()[..], TOLD].concat()
}

fn webp_of(picture: &RgbImage) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, ImageFormat::WebP).unwrap();
    out.into_inner()
}

fn talkative_webp() -> Vec<u8> {
    let mut webp = WebP::from_bytes(webp_of(&shown()).into()).unwrap();
    webp.set_exif(Some(exif().into()));
    for kind in [webp::CHUNK_XMP, *b"ABCD"] {
        let told = RiffContent::Data(TOLD.into());
        webp.chunks_mut().push(RiffChunk::new(kind, told));
    }
    let extended = webp.chunks_mut().iter_mut().find(|chunk| chunk.id() == webp::CHUNK_VP8X);
    if let RiffContent::Data(data) = extended.unwrap().content_mut() {
        let mut flags = data.to_vec();
        flags[0] |= WEBP_XMP;
        *data = flags.into();
    }
    [&webp.encoder().bytes()[..], TOLD].concat()
}

fn holds(content: &[u8], text: &[u8]) -> bool {
    content.windows(text.len()).any(|part| part == text)
}

fn pixels(content: &[u8]) -> RgbImage {
    image::load_from_memory(content).unwrap().into_rgb8()
}

#[test]
fn what_a_picture_tells_goes_and_its_pixels_colours_and_turn_stay() {
    for (kind, format, whole) in [
        (EvidenceKind::Jpeg, ImageFormat::Jpeg, talkative_jpeg()),
        (EvidenceKind::Png, ImageFormat::Png, talkative_png()),
        (EvidenceKind::Webp, ImageFormat::WebP, talkative_webp()),
    ] {
        assert!(holds(&whole, TOLD) && holds(&whole, &exif()), "{kind:?}");
        let (same, kept) = without(kind, &whole).unwrap();
        assert_eq!(same, kind);
        assert!(!holds(&kept, TOLD), "{kind:?}");
        assert_eq!(pixels(&kept), pixels(&whole), "{kind:?}");
        assert_eq!(turned(format, &kept), Some(Orientation::Rotate90), "{kind:?}");
        if kind != EvidenceKind::Webp {
            assert_eq!(profile(format, &kept).as_deref(), Some(&b"colours"[..]), "{kind:?}");
        }
        // Once more changes nothing.
        assert_eq!(without(kind, &kept), Some((kind, kept.clone())), "{kind:?}");
    }
}

fn profile(format: ImageFormat, content: &[u8]) -> Option<Vec<u8>> {
    let reader = ImageReader::with_format(Cursor::new(content), format);
    reader.into_decoder().unwrap().icc_profile().unwrap()
}

#[test]
fn a_webp_without_anything_else_is_a_plain_one_and_says_of_nothing_that_is_not_there() {
    let (_, kept) = without(EvidenceKind::Webp, &talkative_webp()).unwrap();
    let webp = WebP::from_bytes(kept.into()).unwrap();
    let extended = webp.chunk_by_id(webp::CHUNK_VP8X).unwrap().content().data().unwrap().clone();
    assert_eq!(extended[0] & WEBP_XMP, 0);
}

#[test]
fn what_stands_between_the_scans_of_a_jpeg_and_behind_its_end_goes() {
    let whole = include_bytes!("../../../tests/fixtures/pictures/progressive.jpg");
    let scan = [markers::P, markers::SOS];
    let last = whole.windows(2).rposition(|part| part == scan).unwrap();
    assert!(whole[..last].windows(2).any(|part| part == scan), "it has several scans");
    let length = u16::try_from(TOLD.len() + 2).unwrap().to_be_bytes();
    let comment = [&[markers::P, markers::COM][..], &length[..], TOLD].concat();
    let told = [&whole[..last], &comment, &whole[last..], TOLD].concat();
    let (_, kept) = without(EvidenceKind::Jpeg, &told).unwrap();
    assert!(!holds(&kept, TOLD));
    assert_eq!(pixels(&kept), pixels(whole));
}

#[test]
fn of_a_gif_its_first_frame_is_kept_as_a_png() {
    let mut out = Cursor::new(Vec::new());
    shown().write_to(&mut out, ImageFormat::Gif).unwrap();
    let mut whole = out.into_inner();
    let end = whole.pop().unwrap();
    let comment = [&[0x21, 0xfe, u8::try_from(TOLD.len()).unwrap()][..], TOLD, &[0, end]].concat();
    whole.extend(comment);
    let (kind, kept) = without(EvidenceKind::Gif, &whole).unwrap();
    assert_eq!(kind, EvidenceKind::Png);
    assert_eq!(image::guess_format(&kept).unwrap(), ImageFormat::Png);
    assert!(!holds(&kept, TOLD));
    assert_eq!(pixels(&kept), pixels(&whole));
}

/// One that moves, whose frames are the picture as it is and turned upside down, and say more.
fn moving_webp() -> Vec<u8> {
    let (across, down) = shown().dimensions();
    let side = |side: u32| (side - 1).to_le_bytes()[..3].to_vec();
    let sides = [side(across), side(down)].concat();
    let chunk = |kind: [u8; 4], data: Vec<u8>| RiffChunk::new(kind, RiffContent::Data(data.into()));
    // What follows the file's own head is one chunk.
    let drawn = |picture: &RgbImage| webp_of(picture)[12..].to_vec();
    let length = u32::try_from(TOLD.len()).unwrap().to_le_bytes();
    let told = [&b"ABCD"[..], &length[..], TOLD, &[0][..TOLD.len() % 2]].concat();
    let frame = |picture: &RgbImage| {
        let at = [&[0; 6][..], &sides[..], &[100, 0, 0, 0]].concat();
        chunk(webp::CHUNK_ANMF, [at, drawn(picture), told.clone()].concat())
    };
    let mut webp = WebP::from_bytes(webp_of(&shown()).into()).unwrap();
    let chunks = webp.chunks_mut();
    chunks.clear();
    chunks.push(chunk(webp::CHUNK_VP8X, [&[0b10, 0, 0, 0][..], &sides[..]].concat()));
    chunks.push(chunk(webp::CHUNK_ANIM, vec![0; 6]));
    chunks.push(frame(&shown()));
    chunks.push(frame(&image::imageops::rotate180(&shown())));
    webp.encoder().bytes().to_vec()
}

#[test]
fn of_a_webp_that_moves_its_first_frame_is_kept_as_a_png() {
    let whole = moving_webp();
    assert!(holds(&whole, TOLD));
    let (kind, kept) = without(EvidenceKind::Webp, &whole).unwrap();
    assert_eq!(kind, EvidenceKind::Png);
    assert!(!holds(&kept, TOLD));
    // A frame is drawn on a canvas, which rounds.
    let (drawn, shown) = (pixels(&kept), shown());
    let apart = drawn.as_raw().iter().zip(shown.as_raw()).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(drawn.dimensions() == shown.dimensions() && apart <= Some(1), "{apart:?}");
}

#[test]
fn a_picture_that_is_cut_off_anywhere_is_kept_or_refused_without_a_fault() {
    let gif = |picture: &RgbImage| {
        let mut out = Cursor::new(Vec::new());
        picture.write_to(&mut out, ImageFormat::Gif).unwrap();
        out.into_inner()
    };
    for (kind, whole) in [
        (EvidenceKind::Jpeg, talkative_jpeg()),
        (EvidenceKind::Png, talkative_png()),
        (EvidenceKind::Webp, talkative_webp()),
        (EvidenceKind::Gif, gif(&shown())),
    ] {
        for cut in 0..whole.len() {
            if let Some((_, kept)) = without(kind, &whole[..cut]) {
                assert!(!holds(&kept, TOLD), "{kind:?} cut at {cut}");
            }
        }
    }
}
