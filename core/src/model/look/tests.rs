use super::*;

/// A picture of noise: no two seeds look alike.
fn noise(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..LOOK_SIDE * LOOK_SIDE).map(|_| next()).collect()
}

impl Bits {
    /// How many bits differ.
    fn apart(&self, other: &Self) -> u32 {
        self.0.iter().zip(other.0).map(|(a, b)| (a ^ b).count_ones()).sum()
    }
}

fn of(grey: &[u8]) -> PictureLook {
    PictureLook::of(grey, &noise(0)).unwrap()
}

#[test]
fn a_picture_looks_like_itself_lighter_or_softer_and_like_no_other() {
    let one = noise(1);
    let lighter: Vec<u8> = one.iter().map(|shade| shade / 2 + 60).collect();
    let softer: Vec<u8> = one.iter().map(|shade| shade & 0xf8).collect();
    for same in [&one, &lighter, &softer] {
        assert!(Bits::of(&one).unwrap().apart(&Bits::of(same).unwrap()) <= SAME);
    }
    let other = Bits::of(&noise(2)).unwrap();
    assert!(Bits::of(&one).unwrap().apart(&other) > 20 * SAME);
}

#[test]
fn one_that_lacks_its_status_bar_looks_like_what_was_below_it() {
    let (whole, below) = (noise(1), noise(2));
    let uncut = PictureLook::of(&whole, &below).unwrap();
    let cut = PictureLook::of(&below, &noise(3)).unwrap();
    assert!(cut.resembles(&uncut) && uncut.resembles(&cut));
    let other = PictureLook::of(&noise(4), &noise(5)).unwrap();
    assert!(!other.resembles(&uncut) && !cut.resembles(&other));
}

#[test]
fn a_picture_of_which_a_cut_looks_like_what_was_seen_resembles_it() {
    let seen = PictureLook::of(&noise(1), &noise(2)).unwrap();
    let own = PictureLook::of(&noise(3), &noise(4)).unwrap();
    let (other, flat) = (noise(5), vec![9; LOOK_SIDE * LOOK_SIDE]);
    let cuts = |cut: &[u8]| PictureCuts::of(own.clone(), [other.as_slice(), &flat, cut]);
    assert!(cuts(&noise(1)).resemble(&seen) && cuts(&noise(2)).resemble(&seen));
    assert!(!cuts(&noise(6)).resemble(&seen));
    assert!(cuts(&noise(6)).resemble(&own) && cuts(&noise(6)).look() == &own);
}

#[test]
fn the_bound_is_eighteen_bits() {
    let one = of(&noise(1));
    let changed = |bits: usize| {
        let mut other = PictureLook { below: Bits::of(&noise(9)).unwrap(), ..one.clone() };
        for bit in 0..bits {
            other.whole.0[bit * 7 / 8] ^= 1 << (bit % 8);
        }
        (one.whole.apart(&other.whole), one.resembles(&other))
    };
    assert_eq!(changed(18), (18, true));
    assert_eq!(changed(19), (19, false));
}

#[test]
fn what_shows_nothing_looks_like_nothing() {
    assert_eq!(PictureLook::of(&[200; LOOK_SIDE * LOOK_SIDE], &noise(1)), None);
    let mut faint = [200; LOOK_SIDE * LOOK_SIDE];
    faint[0] = 184;
    assert_eq!(Bits::of(&faint), None);
    faint[0] = 183;
    assert!(Bits::of(&faint).is_some());
    assert_eq!(Bits::of(&noise(1)[1..]), None);
    assert_eq!(Bits::of(&[]), None);
}

#[test]
fn it_reads_back_as_it_was_written_and_nothing_else_is_one() {
    let look = of(&noise(1));
    let text = serde_json::to_string(&look).unwrap();
    assert!(text.len() < 400, "{}", text.len());
    assert_eq!(serde_json::from_str::<PictureLook>(&text).unwrap(), look);
    let part = &text[12..30];
    for wrong in ["{}", r#"{"whole":"","below":""}"#, &format!(r#"{{"whole":"{part}"}}"#)] {
        assert!(serde_json::from_str::<PictureLook>(wrong).is_err(), "{wrong}");
    }
}
