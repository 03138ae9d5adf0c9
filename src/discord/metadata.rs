//! A picture without what it tells beside what it shows: where and when it was taken, by which device and by whom,
//! comments, and whatever lies behind its end. Pixels stay as they came, and which way up a phone shows it.

use crate::model::EvidenceKind;
use bytes::Bytes;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits, Rgba};
use img_parts::ImageEXIF as _;
use img_parts::jpeg::{Jpeg, JpegSegment, markers};
use img_parts::png::Png;
use img_parts::riff::{RiffChunk, RiffContent};
use img_parts::webp::{self, WebP};
use std::io::Cursor;

/// Bytes while a picture that moves is decoded: what is written anew.
const MAX_BYTES: u64 = 96 << 20;
/// What of a PNG is its picture, its colours, and an animation's frames.
const PNG_CHUNKS: [[u8; 4]; 16] = [
    *b"IHDR", *b"PLTE", *b"tRNS", *b"IDAT", *b"IEND", *b"cHRM", *b"gAMA", *b"sRGB", *b"cICP",
    *b"sBIT", *b"bKGD", *b"pHYs", *b"acTL", *b"fcTL", *b"fdAT", *b"iCCP",
];
/// The same of a WebP that does not move.
const WEBP_CHUNKS: [[u8; 4]; 5] =
    [webp::CHUNK_VP8X, webp::CHUNK_VP8, webp::CHUNK_VP8L, webp::CHUNK_ALPH, webp::CHUNK_ICCP];
/// The bit in a `VP8X` chunk that says there is XMP.
const WEBP_XMP: u8 = 0b100;

/// The picture alone, and what it is now: a GIF or a WebP that moves becomes the PNG of its first frame. `None` of a
/// file that has not the form of its kind.
pub(super) fn without(kind: EvidenceKind, content: &[u8]) -> Option<(EvidenceKind, Vec<u8>)> {
    let bytes = || Bytes::copy_from_slice(content);
    let upright = |format| turned(format, content).map(only_turned);
    let picture = match kind {
        EvidenceKind::Jpeg => jpeg(bytes(), upright(ImageFormat::Jpeg))?,
        EvidenceKind::Png => {
            let mut png = Png::from_bytes(bytes()).ok()?;
            png.chunks_mut().retain(|chunk| PNG_CHUNKS.contains(&chunk.kind()));
            png.set_exif(upright(ImageFormat::Png));
            png.encoder().bytes().to_vec()
        }
        EvidenceKind::Webp => {
            let mut webp = WebP::from_bytes(bytes()).ok()?;
            if webp.chunk_by_id(webp::CHUNK_ANMF).is_some() {
                // A frame may hold whatever a program put into it.
                return Some((EvidenceKind::Png, first_frame(ImageFormat::WebP, content)?));
            }
            webp.chunks_mut().retain(|chunk| WEBP_CHUNKS.contains(&chunk.id()));
            webp.chunks_mut().iter_mut().for_each(says_no_xmp);
            webp.set_exif(upright(ImageFormat::WebP));
            webp.encoder().bytes().to_vec()
        }
        EvidenceKind::Gif => {
            return Some((EvidenceKind::Png, first_frame(ImageFormat::Gif, content)?));
        }
    };
    Some((kind, picture))
}

/// How a picture is to be turned before it is shown; `None` of one that is not.
fn turned(format: ImageFormat, content: &[u8]) -> Option<Orientation> {
    let reader = ImageReader::with_format(Cursor::new(content), format);
    let turned = reader.into_decoder().ok()?.orientation().ok()?;
    (turned != Orientation::NoTransforms).then_some(turned)
}

/// Exif that says this alone: TIFF, least byte first, with one entry (Exif 2.32, 4.6.4, tag 0x0112).
fn only_turned(turned: Orientation) -> Bytes {
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([turned.to_exif(), 0, 0, 0, 0, 0, 0, 0]);
    exif.into()
}

fn says_no_xmp(chunk: &mut RiffChunk) {
    if chunk.id() != webp::CHUNK_VP8X {
        return;
    }
    if let RiffContent::Data(data) = chunk.content_mut() {
        let mut flags = data.to_vec();
        if let Some(first) = flags.first_mut() {
            *first &= !WEBP_XMP;
        }
        *data = flags.into();
    }
}

/// The segments of a JPEG that draw it, up to its end.
fn jpeg(content: Bytes, exif: Option<Bytes>) -> Option<Vec<u8>> {
    let mut jpeg = Jpeg::from_bytes(content).ok()?;
    jpeg.segments_mut().retain(draws);
    jpeg.segments_mut().iter_mut().for_each(without_thumbnail);
    jpeg.set_exif(exif);
    // What follows the head of the first scan is kept as it came, other scans and whatever lies behind the end.
    let rest: usize = jpeg.segments().last().map(|scan| scan.len_with_entropy() - scan.len())?;
    let whole = jpeg.encoder().bytes();
    let (head, scans) = whole.split_at_checked(whole.len().checked_sub(rest)?)?;
    Some([head, &scans_alone(scans)].concat())
}

/// Not comments, and of what applications add only JFIF's head, the profile of the colours and how they are coded.
fn draws(segment: &JpegSegment) -> bool {
    let begins = |with: &[u8]| segment.contents().starts_with(with);
    match segment.marker() {
        markers::APP0 => begins(b"JFIF\0"),
        markers::APP2 => begins(b"ICC_PROFILE\0"),
        markers::APP14 => begins(b"Adobe"),
        marker => !is_told(marker),
    }
}

/// The picture in JFIF's head may show what was cut off of the whole one (ITU-T T.871, 10.1).
fn without_thumbnail(segment: &mut JpegSegment) {
    const SIDES: usize = 12;
    if segment.marker() == markers::APP0
        && let Some(head) = segment.contents().get(..SIDES)
    {
        let head = [head, &[0, 0]].concat();
        *segment = JpegSegment::new_with_contents(markers::APP0, head.into());
    }
}

/// Whether a segment tells something: a comment, or what an application adds.
const fn is_told(marker: u8) -> bool {
    matches!(marker, markers::APP0..=markers::APP15 | markers::COM)
}

/// The scans of a JPEG with the tables between them, up to its end (ITU-T T.81, B.1.1).
fn scans_alone(scans: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(scans.len());
    let mut rest = scans;
    while let [first, after @ ..] = rest {
        let marker = match (first, after) {
            (&markers::P, [marker, ..]) => *marker,
            _ => {
                kept.push(*first);
                rest = after;
                continue;
            }
        };
        let size = match (marker, after) {
            (markers::EOI, _) => {
                kept.extend([markers::P, markers::EOI]);
                break;
            }
            // A byte that fills up, one that is meant as it is, and a place to begin again.
            (markers::P, _) => 1,
            (0 | markers::RST0..=markers::RST7, _) => 2,
            (_, [_, high, low, ..]) => 2 + usize::from(u16::from_be_bytes([*high, *low])),
            _ => rest.len(),
        };
        let (segment, next) = rest.split_at(size.min(rest.len()));
        if !is_told(marker) {
            kept.extend_from_slice(segment);
        }
        rest = next;
    }
    kept
}

/// The first frame of a picture that may move, as a PNG.
fn first_frame(format: ImageFormat, content: &[u8]) -> Option<Vec<u8>> {
    let mut reader = ImageReader::with_format(Cursor::new(content), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_BYTES);
    reader.limits(limits);
    let mut frame = reader.decode().ok()?;
    frame.apply_orientation(turned(format, content).unwrap_or(Orientation::NoTransforms));
    let frame = frame.into_rgba8();
    let is_opaque = frame.pixels().all(|Rgba([.., alpha])| *alpha == u8::MAX);
    let frame = DynamicImage::from(frame);
    let frame = if is_opaque { frame.into_rgb8().into() } else { frame };
    // What a GIF holds in few bytes must fit still.
    let mut out = Vec::new();
    let encoder =
        PngEncoder::new_with_quality(&mut out, CompressionType::Level(6), FilterType::NoFilter);
    frame.write_with_encoder(encoder).ok()?;
    Some(out)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;
