//! Days as bars in a picture.

use super::pixels;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind};
use plotters::prelude::{
    BitMapBackend, ChartBuilder, DrawingBackend, IntoDrawingArea as _, PathElement, RGBColor,
    Rectangle,
};
use plotters::style::Color as _;

/// Pixels of the picture across, and of one row of bars down.
const WIDTH: u32 = 720;
const ROW: u32 = 120;
const MARGIN: u32 = 10;
/// How high the highest bar of a row is: heights are thousandths of it.
pub(crate) const HIGHEST: u32 = 1_000;

const PAPER: RGBColor = RGBColor(242, 243, 245);
const LINE: RGBColor = RGBColor(148, 155, 164);
const BAR: RGBColor = RGBColor(88, 101, 242);
const TODAY: RGBColor = RGBColor(36, 128, 70);

/// Rows of bars below each other in a PNG, the last bar of each in a colour of its own; `None` without rows. Equal
/// heights are equal bytes.
pub(crate) fn png(rows: &[Vec<u32>]) -> Option<Vec<u8>> {
    let height = ROW.checked_mul(u32::try_from(rows.len()).ok()?).filter(|height| *height > 0)?;
    let mut pixels = vec![0; usize::try_from(WIDTH * height * 3).ok()?];
    {
        let area = BitMapBackend::with_buffer(&mut pixels, (WIDTH, height)).into_drawing_area();
        area.fill(&PAPER).ok()?;
        for (area, bars) in area.split_evenly((rows.len(), 1)).iter().zip(rows) {
            row(area, bars).ok()?;
        }
        area.present().ok()?;
    }
    pixels::png(&pixels, (WIDTH, height), png::ColorType::Rgb)
}

fn row<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    bars: &[u32],
) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
    let days = u32::try_from(bars.len()).unwrap_or(u32::MAX);
    // Ten parts a day, two of them between bars.
    let (across, up) = (0..days.saturating_mul(10), 0..HIGHEST);
    let mut chart = ChartBuilder::on(area).margin(MARGIN).build_cartesian_2d(across.clone(), up)?;
    let bar = |(day, height): (u32, &u32)| {
        let colour = if day + 1 == days { TODAY } else { BAR };
        let corners = [(day * 10 + 1, 0), (day * 10 + 9, *height)];
        Rectangle::new(corners, colour.filled())
    };
    chart.draw_series((0..).zip(bars).filter(|(_, height)| **height > 0).map(bar))?;
    chart.draw_series([PathElement::new([(across.start, 0), (across.end, 0)], LINE)])?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> (usize, Vec<[u8; 3]>) {
        let mut picture = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let across = usize::try_from(picture.info().width).unwrap();
        let mut pixels = vec![0; picture.output_buffer_size().unwrap()];
        picture.next_frame(&mut pixels).unwrap();
        (across, pixels.as_chunks().0.to_vec())
    }

    #[test]
    fn a_day_of_half_as_much_has_half_the_bar_and_today_is_told_apart() {
        let bytes = png(&[vec![1_000, 0, 500], vec![0, 0, 1_000]]).unwrap();
        let (across, pixels) = decoded(&bytes);
        let rows = usize::try_from(ROW).unwrap();
        assert_eq!(pixels.len(), across * 2 * rows);
        let (above, below) = pixels.split_at(across * rows);
        let of = |pixels: &[[u8; 3]], RGBColor(r, g, b): RGBColor| {
            pixels.iter().filter(|pixel| **pixel == [r, g, b]).count()
        };
        let (whole, half) = (of(above, BAR), of(above, TODAY));
        assert!(whole.abs_diff(2 * half) < whole / 20, "{whole} and {half}");
        assert_eq!(of(below, BAR), 0);
        assert!(of(below, TODAY) > half);
        assert_eq!(png(&[vec![1_000, 0, 500], vec![0, 0, 1_000]]), Some(bytes));
        assert_eq!(png(&[]), None);
        assert!(png(&[vec![0; 30]]).is_some(), "nothing was taken");
    }
}
