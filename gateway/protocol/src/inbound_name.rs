//! Which inbound a name means: the one rule, for what `servers.yaml` names and for what a write asks.

/// An inbound as far as its name goes.
pub trait HasRemark {
    /// The panel's number.
    fn id(&self) -> i64;
    /// The panel's name for it, as it is stored.
    fn remark(&self) -> &str;
}

impl HasRemark for crate::Inbound {
    fn id(&self) -> i64 {
        self.id
    }
    fn remark(&self) -> &str {
        &self.remark
    }
}

/// An inbound of a list, whether its text could be read or not: both have a name.
#[derive(Debug)]
pub enum Listed<'a, R, U> {
    /// Its settings could be read.
    Read(&'a R),
    /// It could not.
    Unreadable(&'a U),
}

impl<R: HasRemark, U: HasRemark> HasRemark for Listed<'_, R, U> {
    fn id(&self) -> i64 {
        match self {
            Self::Read(inbound) => inbound.id(),
            Self::Unreadable(inbound) => inbound.id(),
        }
    }
    fn remark(&self) -> &str {
        match self {
            Self::Read(inbound) => inbound.remark(),
            Self::Unreadable(inbound) => inbound.remark(),
        }
    }
}

impl HasRemark for crate::UnreadableInbound {
    fn id(&self) -> i64 {
        self.id
    }
    fn remark(&self) -> &str {
        &self.remark
    }
}

/// A name that means none of a panel's inbounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoSuchInbound {
    /// No inbound has this remark or number.
    Missing,
    /// Several have this remark, with these numbers: the number itself would tell them apart.
    Ambiguous(Vec<i64>),
}

/// The inbound that a name means: the one whose remark is exactly so, blanks at its ends included,
/// as the panel stores it; else the one of that number; else the one whose remark differs only by
/// such blanks, which nobody sees in the panel's pages.
///
/// # Errors
/// [`NoSuchInbound`]; of several with one remark none is meant, whichever of them is on.
pub fn meant<'a, T: HasRemark>(
    name: &str,
    inbounds: impl Iterator<Item = &'a T> + Clone,
) -> Result<&'a T, NoSuchInbound> {
    let (bare, number) = (name.trim(), name.trim().parse::<i64>().ok());
    only(inbounds.clone().filter(|i| i.remark() == name))
        .or_else(|| only(inbounds.clone().filter(|i| Some(i.id()) == number)))
        .or_else(|| only(inbounds.filter(|i| i.remark().trim() == bare)))
        .unwrap_or(Err(NoSuchInbound::Missing))
}

/// The only one; `None` where there is none.
fn only<'a, T: HasRemark>(
    mut found: impl Iterator<Item = &'a T>,
) -> Option<Result<&'a T, NoSuchInbound>> {
    let first = found.next()?;
    let more: Vec<i64> = found.map(HasRemark::id).collect();
    if more.is_empty() {
        return Some(Ok(first));
    }
    Some(Err(NoSuchInbound::Ambiguous([vec![first.id()], more].concat())))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Row(i64, &'static str);

    impl HasRemark for Row {
        fn id(&self) -> i64 {
            self.0
        }
        fn remark(&self) -> &str {
            self.1
        }
    }

    #[test]
    fn a_name_is_compared_as_it_is_stored_then_as_a_number_then_without_blanks() {
        let rows = [
            Row(1, "main"),
            Row(2, "main "),
            Row(3, " ws"),
            Row(4, "7"),
            Row(5, "twice"),
            Row(6, "twice"),
            Row(7, "grpc"),
            Row(8, "end\u{a0}"),
            Row(9, "end\t"),
            Row(10, "9 "),
            Row(11, ""),
        ];
        let id = |name: &str| meant(name, rows.iter()).map(|row| row.0);
        let several = |ids: &[i64]| Err(NoSuchInbound::Ambiguous(ids.to_vec()));
        assert_eq!(id("main"), Ok(1));
        assert_eq!(id("main "), Ok(2), "as it is stored");
        assert_eq!(id(" main"), several(&[1, 2]), "without blanks both are meant");
        assert_eq!(id("ws"), Ok(3), "a blank that nobody sees");
        assert_eq!(id("ws "), Ok(3));
        assert_eq!(id("7"), Ok(4), "a remark comes before a number");
        assert_eq!(id("9"), Ok(9), "and a number before a remark with blanks");
        assert_eq!(id("twice"), several(&[5, 6]));
        assert_eq!(id("6"), Ok(6), "the number tells them apart");
        assert_eq!(id("end"), several(&[8, 9]), "no-break spaces and tabs are blanks, too");
        assert_eq!(id("Main"), Err(NoSuchInbound::Missing), "capitals are not blanks");
        assert_eq!(id(""), Ok(11));
        assert_eq!(id("12"), Err(NoSuchInbound::Missing));
    }
}
