//! Which monitor must see which mutation, and where: the proof that no monitor is blind.

use super::acts::{ACTS, Act, played};
use super::monitors::is_of;
use super::mutation::Mutation;
use super::plan::Plan;
use super::run::run;

/// A mutation and the promise that it breaks.
#[derive(Debug, Clone, Copy)]
pub struct Planted {
    /// What is wrong on purpose.
    pub mutation: Mutation,
    /// The promise whose monitor must see it.
    pub law: &'static str,
    /// The act that shows it; ordinary days when `None`.
    pub act: Option<&'static str>,
    /// The first seed that is tried.
    pub first: u64,
}

const fn days(mutation: Mutation, law: &'static str) -> Planted {
    Planted { mutation, law, act: None, first: 0 }
}

const fn act(mutation: Mutation, law: &'static str, act: &'static str, first: u64) -> Planted {
    Planted { mutation, law, act: Some(act), first }
}

/// All of them.
pub const PLANTED: &[Planted] = &[
    days(Mutation::BelievesUnsentWrites, "P1"),
    act(Mutation::GivesUpLogins, "P1", "a refused login", 0),
    days(Mutation::NeverSatisfied, "P2"),
    days(Mutation::MakesTwo, "P3"),
    act(Mutation::HidesOrphans, "P3", "a client comes back", 0),
    days(Mutation::DoublesTerms, "P4"),
    days(Mutation::ForgetsTrials, "P4"),
    act(Mutation::CompensatesOnAndOn, "P4", "a refused enable", 0),
    days(Mutation::ActsOnNothing, "P5"),
    days(Mutation::EndsTooLate, "P6"),
    days(Mutation::CapsTooHigh, "P6"),
    days(Mutation::ShortensTerms, "P6"),
    days(Mutation::LengthensTrials, "P6"),
    act(Mutation::SendsWhatWasTakenBack, "P6", "taken back", 0),
    days(Mutation::DisablesActive, "P7"),
    act(Mutation::LeavesAtOnce, "P7", "a server to be left", 2),
    days(Mutation::NeverDisables, "P8"),
    act(Mutation::DoubtsForEver, "P8", "a sleep", 0),
    act(Mutation::GivesUpPanels, "P8", "weeks without a panel", 0),
    act(Mutation::NeverSaysStillConnected, "P8", "open sessions", 0),
    act(Mutation::RestartsTwice, "P8", "open sessions", 1),
    act(Mutation::RestartsAtAnyHour, "P8", "open sessions", 2),
    days(Mutation::WritesForeign, "P9"),
    act(Mutation::SwitchesOffReleased, "P9", "a release", 0),
    act(Mutation::EmptyIsAnEmptyList, "P10", "bad files", 0),
    act(Mutation::ForgetsTheLastGood, "P10", "bad files", 0),
    act(Mutation::IgnoresTheBudget, "P11", "many by hand", 0),
    act(Mutation::HoldsEverything, "P11", "many by hand", 0),
    act(Mutation::TakesPartialForFull, "P11", "many by hand", 1),
    act(Mutation::RefillsAtOnce, "P11", "many by hand", 3),
    act(Mutation::FillsStrangers, "P11", "another panel", 0),
    act(Mutation::IgnoresIdentity, "P11", "another panel", 3),
    act(Mutation::IgnoresFences, "P12", "each effect", 7),
    act(Mutation::IgnoresExpiry, "P12", "each effect", 8),
    days(Mutation::AnswersEarly, "P13"),
    days(Mutation::CountsTwice, "P14"),
    days(Mutation::LetsUsageFall, "P14"),
    days(Mutation::ForgetsUsage, "P14"),
    act(Mutation::ForgivesAnew, "P14", "an overrun", 0),
    act(Mutation::ComparesByNumber, "P15", "something old", 0),
    act(Mutation::RemembersOneStore, "P15", "something old", 1),
    act(Mutation::WritesTellNothing, "P15", "something old", 2),
    act(Mutation::ForgetsItsBudget, "P15", "something old", 4),
    act(Mutation::SharesOneLane, "P16", "dead panels", 0),
    act(Mutation::TrustsAnyClock, "P17", "our clock", 0),
    act(Mutation::TakesServersForWitnesses, "P17", "all servers' clocks", 0),
    act(Mutation::IgnoresOddClocks, "P17", "one server's clock", 0),
    days(Mutation::LosesCards, "P18"),
    days(Mutation::LosesThreads, "P18"),
    act(Mutation::IgnoresOutages, "P18", "a useless server", 0),
    act(Mutation::ForgetsTheLastLook, "P18", "a useless server", 1),
    act(Mutation::GivesUpSurfaces, "P18", "Discord refuses", 0),
    act(Mutation::HammersAtRefusals, "P18", "Discord refuses", 0),
    days(Mutation::DropsOutcomes, "P19"),
    days(Mutation::DoublesIntents, "P19"),
    days(Mutation::SendsUnannounced, "P19"),
    days(Mutation::ForgetsInterrupted, "P19"),
    days(Mutation::ForgetsWhoAsked, "P19"),
    days(Mutation::KeepsOldKeys, "P20"),
    act(Mutation::KeepsPlaces, "P20", "years", 0),
    act(Mutation::Oversells, "P20", "years", 0),
    act(Mutation::RestartsReviews, "P20", "years", 0),
    act(Mutation::ServesOldServers, "P21", "an address", 0),
    act(Mutation::KeepsOldAddress, "P21", "an address", 2),
    days(Mutation::NeverSaysWhy, "P21"),
    act(Mutation::ForgetsWhatItTold, "P22", "reminders", 0),
    act(Mutation::IgnoresQuietHours, "P22", "reminders", 1),
    act(Mutation::SendsNewsAnew, "P22", "news", 0),
    act(Mutation::SkipsCustomers, "P22", "news", 0),
    days(Mutation::BooksAgain, "P23"),
    act(Mutation::KeepsNamesInTheAudit, "P24", "somebody is forgotten", 0),
    act(Mutation::MatchesByPresentUuid, "P20", "an adoption", 2),
];

impl Planted {
    /// Where a mutation is planted.
    #[must_use]
    pub fn of(mutation: Mutation) -> Option<&'static Self> {
        PLANTED.iter().find(|planted| planted.mutation == mutation)
    }

    /// Seeds after which one may show the mutation again: acts vary by their seed.
    #[must_use]
    pub fn period(&self) -> u64 {
        self.act().map_or(1, |act| act.kinds)
    }

    /// The act that shows it.
    #[must_use]
    pub fn act(&self) -> Option<&'static Act> {
        ACTS.iter().find(|act| Some(act.name) == self.act)
    }

    /// Whether this seed shows it as a breach of its promise; and what the run reported instead.
    ///
    /// # Errors
    /// All breaches of this run, none of which is of the promise.
    pub fn is_seen(&self, seed: u64) -> Result<(), Vec<String>> {
        let breaches = match self.act() {
            Some(act) => played(act.play, seed, self.mutation).0,
            None => run(&Plan::of(seed), self.mutation, Some(self.law), false).breaches,
        };
        if breaches.iter().any(|b| is_of(b, self.law)) { Ok(()) } else { Err(breaches) }
    }
}
