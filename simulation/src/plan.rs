//! What is to happen in a run: all that its seed brings, or what the shrinker has left of it.

use super::rng::Rng;
use nebulalinks::model::DurationMs;
use nebulalinks_model_panel::PanelVersion;
use std::str::FromStr;

/// Acts of an ordinary run.
pub const ACTS: u32 = 70;

/// What staff do beside deciding orders; each does what those before it do, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Duties {
    /// Nothing.
    Orders,
    /// They suspend, resume and rotate accounts, and give trials and days.
    Accounts,
    /// They write news to customers, and forget some.
    Customers,
}

impl Duties {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Orders, Self::Accounts, Self::Customers];

    /// How one is named on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Accounts => "accounts",
            Self::Customers => "customers",
        }
    }
}

impl FromStr for Duties {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|duties| duties.name() == text);
        known.ok_or_else(|| format!("say {}", Self::ALL.map(Self::name).join(" or ")))
    }
}

/// What is to happen. Each act draws from a source of its own, so that one act less leaves the others
/// what they are, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What everything is drawn from.
    pub seed: u64,
    /// What the panels are.
    pub panels: [PanelVersion; 2],
    /// How long it is, with real terms; a dense hour of short ones when `None`.
    pub span: Option<DurationMs>,
    /// How many acts there are time for in that hour.
    pub acts: u32,
    /// The acts that happen, by number, rising; all of them when `None`.
    pub only: Option<Vec<u32>>,
    /// Requests to the gateways get lost, come late and come twice.
    pub lossy: bool,
    /// Discord has its moods.
    pub moody: bool,
    /// What staff do beside deciding orders.
    pub duties: Duties,
}

impl Plan {
    /// Everything that a seed brings.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let panels = panels(seed);
        Self {
            seed,
            panels,
            span: None,
            acts: ACTS,
            only: None,
            lossy: true,
            moody: true,
            duties: Duties::Customers,
        }
    }

    /// Everything that a seed brings in so much time.
    #[must_use]
    pub fn lasting(seed: u64, span: DurationMs) -> Self {
        Self { span: Some(span), ..Self::of(seed) }
    }

    /// Whether an act happens.
    pub(super) fn has(&self, act: u32) -> bool {
        self.only.as_ref().is_none_or(|only| only.binary_search(&act).is_ok())
    }

    /// Those of the first acts that happen.
    pub(super) fn chosen(&self, of: u32) -> Vec<u32> {
        (0..of).filter(|act| self.has(*act)).collect()
    }
}

/// Each panel is of any version that a gateway can work with.
fn panels(seed: u64) -> [PanelVersion; 2] {
    let rng = Rng::new(seed, 3);
    let all = PanelVersion::SUPPORTED;
    [(); 2].map(|()| all[usize::try_from(rng.below(all.len() as u64)).unwrap()])
}
