//! Which inbounds of a panel a server's file means, and what is wrong with one that cannot be used.
//! Everything that compares names goes through here.

use super::{InboundFacts, Observation, Outage, UnreadableInbound};
use nebulalinks_protocol::{HasRemark, Listed, NoSuchInbound, meant};
use std::collections::BTreeSet;

/// The most inbounds of a panel that a message lists.
const MOST_LISTED: usize = 8;
/// The most characters of a panel's name for something that a message shows.
const LONGEST_SHOWN: usize = 60;

/// Why no client can be on an inbound that a file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unusable {
    /// The panel has none of that remark or number.
    Missing,
    /// Several have that remark, with these numbers.
    Ambiguous(Vec<i64>),
    /// The one of this number is switched off.
    Off(i64),
    /// The panel's own text of it cannot be read.
    Unreadable(UnreadableInbound),
}

impl Unusable {
    /// The same as what it makes of a server that names nothing else.
    #[must_use]
    pub const fn outage(&self) -> Outage {
        match self {
            Self::Missing => Outage::InboundMissing,
            Self::Ambiguous(_) => Outage::InboundAmbiguous,
            Self::Off(_) => Outage::InboundOff,
            Self::Unreadable(_) => Outage::InboundUnreadable,
        }
    }
}

impl HasRemark for InboundFacts {
    fn id(&self) -> i64 {
        self.id
    }
    fn remark(&self) -> &str {
        &self.remark
    }
}

impl HasRemark for UnreadableInbound {
    fn id(&self) -> i64 {
        self.id
    }
    fn remark(&self) -> &str {
        &self.remark
    }
}

impl Observation {
    fn listed(&self) -> Vec<Listed<'_, InboundFacts, UnreadableInbound>> {
        let read = self.inbounds.iter().map(Listed::Read);
        read.chain(self.coverage.unreadable().iter().map(Listed::Unreadable)).collect()
    }

    /// The inbound that a name means, where clients can be on it.
    ///
    /// # Errors
    /// Why they cannot.
    pub fn inbound(&self, name: &str) -> Result<&InboundFacts, Unusable> {
        let listed = self.listed();
        match meant(name, listed.iter()) {
            Ok(Listed::Read(inbound)) if inbound.enable => Ok(inbound),
            Ok(Listed::Read(inbound)) => Err(Unusable::Off(inbound.id)),
            Ok(Listed::Unreadable(inbound)) => Err(Unusable::Unreadable((*inbound).clone())),
            Err(NoSuchInbound::Missing) => Err(Unusable::Missing),
            Err(NoSuchInbound::Ambiguous(ids)) => Err(Unusable::Ambiguous(ids)),
        }
    }

    /// The panel's numbers of the inbounds that a server names; `None` when clients cannot be on
    /// one of them.
    #[must_use]
    pub fn numbers_of(&self, names: &[String]) -> Option<BTreeSet<i64>> {
        names.iter().map(|name| self.inbound(name).ok().map(|inbound| inbound.id)).collect()
    }

    /// What is wrong with a named inbound, for who reads a server's conditions: the code, the name
    /// in quotes, and what to do.
    #[must_use]
    pub fn say_unusable(&self, name: &str, why: &Unusable) -> String {
        let (code, quoted) = (why.outage().name(), quoted(name));
        let what = match why {
            Unusable::Missing => format!(
                "the panel has no inbound {quoted}; it has {}. Name it so in the panel, or mend \
                 `inbounds:` in servers.yaml",
                self.all_listed()
            ),
            Unusable::Ambiguous(ids) => {
                let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
                format!(
                    "{quoted} is the remark of several inbounds (numbers {}): write the number in \
                     servers.yaml, or rename the others in the panel",
                    ids.join(", ")
                )
            }
            Unusable::Off(id) => format!(
                "the inbound {quoted} (number {id}) is switched off in the panel: switch it on, or \
                 mend `inbounds:` in servers.yaml"
            ),
            Unusable::Unreadable(UnreadableInbound { id, why, .. }) => format!(
                "the inbound {quoted} (number {id}) cannot be read, because {why}: mend it in the \
                 panel"
            ),
        };
        format!("{code}: {what}")
    }

    /// The inbounds that cannot be read and that no name means, each with what follows: like
    /// [`Self::say_unusable`].
    pub fn say_unreadable<'a>(&'a self, names: &'a [String]) -> impl Iterator<Item = String> + 'a {
        let is_named = move |id: i64| {
            let is_it = |why| matches!(why, Unusable::Unreadable(inbound) if inbound.id == id);
            names.iter().any(|name| self.inbound(name).is_err_and(is_it))
        };
        let foreign = self.coverage.unreadable().iter().filter(move |i| !is_named(i.id));
        foreign.map(|UnreadableInbound { id, remark, why }| {
            format!(
                "{}: the inbound {} (number {id}), which the file does not name, cannot be read, \
                 because {why}. Who is on it is not known: nobody is made anew on this server, and \
                 nobody there is taken for gone. Open it in the panel and save it",
                Outage::InboundUnreadable.name(),
                quoted(remark)
            )
        })
    }

    fn all_listed(&self) -> String {
        let listed = self.listed();
        let shown = listed.iter().take(MOST_LISTED);
        let mut names: Vec<String> =
            shown.map(|i| format!("{} (number {})", quoted(i.remark()), i.id())).collect();
        if listed.len() > MOST_LISTED {
            names.push(format!("{} more", listed.len() - MOST_LISTED));
        }
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    }
}

/// The same as [`Observation::numbers_of`], of what was seen last.
#[must_use]
pub fn numbers_of(names: &[String], inbounds: &[InboundFacts]) -> Option<BTreeSet<i64>> {
    let on = |name: &String| meant(name, inbounds.iter()).ok().filter(|inbound| inbound.enable);
    names.iter().map(|name| on(name).map(|inbound| inbound.id)).collect()
}

/// The inbounds that are named, in the order of the names, each once, whether on or off.
#[must_use]
pub fn named_inbounds<'a>(names: &[String], inbounds: &'a [InboundFacts]) -> Vec<&'a InboundFacts> {
    let mut found: Vec<&InboundFacts> = Vec::new();
    for name in names {
        if let Ok(inbound) = meant(name, inbounds.iter())
            && found.iter().all(|before| before.id != inbound.id)
        {
            found.push(inbound);
        }
    }
    found
}

/// A name as it is shown: in quotes, with what cannot be seen spelt out, and never long.
pub(super) fn quoted(name: &str) -> String {
    let mut shown: String = name.chars().take(LONGEST_SHOWN).collect();
    if shown.len() < name.len() {
        shown.push('…');
    }
    // A no-break space looks like a blank and is none.
    format!("{shown:?}").replace('\u{a0}', "\\u{a0}")
}
