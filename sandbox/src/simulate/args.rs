//! What is asked of the simulation.

use clap::Args;
use nebulalinks::model::{DAY_MS, DurationMs};
use nebulalinks_model_panel::PanelVersion;
use nebulalinks_simulation::acts::{self, Act};
use nebulalinks_simulation::plan::{ACTS, Duties, Plan};
use nebulalinks_simulation::planted::{PLANTED, Planted};
use std::ops::RangeInclusive;
use std::str::FromStr;

#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// How many seeds, one after the other
    #[arg(long, default_value_t = 100, value_name = "N",
        value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) seeds: u64,
    /// The first seed
    #[arg(long, default_value_t = 0, value_name = "S")]
    pub(super) seed: u64,
    /// Print everything that happened
    #[arg(long)]
    pub(super) trace: bool,
    /// The versions of the two panels, such as 2.9.4,3.6.0; drawn by the seed otherwise
    #[arg(long, value_name = "VERSIONS")]
    panels: Option<Panels>,
    /// How many days a run lasts, 36,500 at most
    #[arg(long, default_value_t = 1, value_name = "D", conflicts_with_all = ["years", "acts"],
        value_parser = clap::value_parser!(u64).range(..=36_500))]
    days: u64,
    /// How many years a run lasts, of 365 days each, 100 at most
    #[arg(long, value_name = "Y", conflicts_with = "acts",
        value_parser = clap::value_parser!(u64).range(..=100))]
    years: Option<u64>,
    /// Instead, a dense hour of so many acts and terms of 25 minutes, such as 70
    #[arg(long, value_name = "N")]
    acts: Option<u32>,
    /// Let only these acts happen, as the report of a failure names them, such as 3,17; or none
    #[arg(long, value_name = "ACTS")]
    only: Option<Only>,
    /// Lose, double and delay no request to a gateway
    #[arg(long)]
    lossless: bool,
    /// Discord answers each time
    #[arg(long)]
    calm: bool,
    /// What staff do beside deciding orders: nothing more with `orders`; suspend, resume and rotate accounts with
    /// `accounts`; write to customers and forget some, too, with `customers`
    #[arg(long, value_name = "WHAT", default_value = "customers")]
    duties: Duties,
    /// Plant this bug on purpose, such as DoublesTerms; the run must fail
    #[arg(long, value_name = "BUG", value_parser = bug)]
    pub(super) plant: Option<&'static Planted>,
    /// Say of each planted bug, or of the one that --plant names, how many of the seeds show it, instead of
    /// looking for others
    #[arg(long, conflicts_with_all = ["trace", "only"])]
    pub(super) planted: bool,
    /// Play this act instead, such as "an adoption": one fault on purpose, another way of it by each seed
    #[arg(long, value_name = "ACT", value_parser = act,
        conflicts_with_all = ["trace", "only", "panels", "years", "acts", "plant", "planted"])]
    pub(super) act: Option<&'static Act>,
    /// Threads, 1024 at most; one a core otherwise
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
}

/// What the panels are.
#[derive(Debug, Clone, Copy)]
struct Panels([PanelVersion; 2]);

impl FromStr for Panels {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (first, second) = text.split_once(',').ok_or("say two versions")?;
        Ok(Self([first.trim().parse()?, second.trim().parse()?]))
    }
}

/// Acts by their numbers.
#[derive(Debug, Clone)]
struct Only(Vec<u32>);

impl FromStr for Only {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self(Vec::new()));
        }
        let number = |part: &str| part.trim().parse().map_err(|_| format!("`{part}` is no act"));
        text.split(',').map(number).collect::<Result<_, _>>().map(Self)
    }
}

fn bug(name: &str) -> Result<&'static Planted, String> {
    PLANTED.iter().find(|p| format!("{:?}", p.mutation) == name).ok_or_else(|| {
        let known: Vec<String> = PLANTED.iter().map(|p| format!("{:?}", p.mutation)).collect();
        format!("no bug is called so; there are {}", known.join(", "))
    })
}

fn act(name: &str) -> Result<&'static Act, String> {
    acts::ACTS.iter().find(|act| act.name == name).ok_or_else(|| {
        let known: Vec<&str> = acts::ACTS.iter().map(|act| act.name).collect();
        format!("no act is called so; there are {}", known.join(", "))
    })
}

impl Simulate {
    /// What happens in a seed.
    pub(super) fn plan(&self, seed: u64) -> Plan {
        let whole = self.whole(seed);
        Plan {
            panels: self.panels.map_or(whole.panels, |panels| panels.0),
            only: self.only.as_ref().map(|only| only.0.clone()),
            lossy: !self.lossless,
            moody: !self.calm,
            duties: self.duties,
            ..whole
        }
    }

    /// Everything that a seed brings in a run of this length.
    fn whole(&self, seed: u64) -> Plan {
        match (self.acts, self.years) {
            (Some(acts), _) => Plan { acts, ..Plan::of(seed) },
            (None, years) => {
                let days = years.map_or(self.days, |years| years.saturating_mul(365));
                Plan::lasting(seed, DurationMs(days.saturating_mul(DAY_MS)))
            }
        }
    }

    /// Whether everything happens that can.
    pub(super) fn is_whole(&self) -> bool {
        self.plan(0) == self.whole(0) && self.acts.is_none_or(|acts| acts >= ACTS)
    }

    /// The seeds, up to the last there is.
    pub(super) fn seeds(&self) -> RangeInclusive<u64> {
        self.seed..=self.seed.saturating_add(self.seeds.saturating_sub(1))
    }

    pub(super) fn jobs(&self) -> usize {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        self.jobs.map_or(cores, |jobs| jobs.into())
    }
}

/// The options with which the same plan is run again.
pub(super) fn options(plan: &Plan) -> String {
    let mut options = format!("--seed {} --seeds 1", plan.seed);
    if plan.panels != Plan::of(plan.seed).panels {
        let [first, second] = plan.panels.map(PanelVersion::label);
        options += &format!(" --panels {first},{second}");
    }
    options += &match plan.span {
        Some(span) => format!(" --days {}", span.0 / DAY_MS),
        None => format!(" --acts {}", plan.acts),
    };
    if let Some(only) = &plan.only {
        let acts: Vec<String> = only.iter().map(ToString::to_string).collect();
        options +=
            &format!(" --only {}", if acts.is_empty() { "none".into() } else { acts.join(",") });
    }
    if !plan.lossy {
        options += " --lossless";
    }
    if !plan.moody {
        options += " --calm";
    }
    if plan.duties != Plan::of(plan.seed).duties {
        options += &format!(" --duties {}", plan.duties.name());
    }
    options
}
