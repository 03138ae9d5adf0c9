//! The story that is told on the page: which step plays, what was said about it, and how fast it goes.

use serde::Serialize;
use std::time::Duration;
use tokio::sync::watch;

/// A story as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Narration {
    /// The scenario's name.
    pub(crate) name: String,
    /// What is said of what happens now.
    pub(crate) caption: String,
    /// The step as its file has it.
    pub(crate) step: String,
    /// Who acts in it.
    pub(crate) who: Option<String>,
    /// Which step it is, from 1.
    pub(crate) at: usize,
    /// How many there are.
    pub(crate) of: usize,
    /// How far it is.
    pub(crate) stage: Stage,
    /// What went wrong.
    pub(crate) trouble: Option<String>,
}

/// How far a story is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Stage {
    /// It goes on by itself.
    Playing,
    /// Somebody holds it.
    Paused,
    /// It was told to its end.
    Done,
    /// It did not go as its file says.
    Failed,
}

/// How fast somebody wants it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Wish {
    paused: bool,
    /// To the end without a rest.
    skips: bool,
    /// How many single steps were asked for.
    steps: u64,
}

/// A story and its pace; there may be none.
#[derive(Debug)]
pub(crate) struct Telling {
    watched: watch::Sender<bool>,
    told: watch::Sender<Option<Narration>>,
    wish: watch::Sender<Wish>,
}

impl Default for Telling {
    fn default() -> Self {
        Self {
            watched: watch::channel(false).0,
            told: watch::channel(None).0,
            wish: watch::channel(Wish::default()).0,
        }
    }
}

impl Telling {
    /// What is told now; the stage says whether somebody holds it.
    pub(crate) fn told(&self) -> Option<Narration> {
        let mut told = self.told.borrow().clone()?;
        if told.stage == Stage::Playing && self.wish.borrow().paused {
            told.stage = Stage::Paused;
        }
        Some(told)
    }

    /// Whether a story goes on: its people read English, as its file does.
    pub(crate) fn goes_on(&self) -> bool {
        let told = self.told.borrow();
        told.as_ref().is_some_and(|told| told.stage == Stage::Playing)
    }

    /// Somebody opened the page.
    pub(super) fn is_watched(&self) {
        self.watched.send_replace(true);
    }

    /// Until somebody opened the page, but no longer than this.
    pub(super) async fn until_watched(&self, most: Duration) {
        let mut watched = self.watched.subscribe();
        let _ = tokio::time::timeout(most, watched.wait_for(|watched| *watched)).await;
    }

    /// Tells this.
    pub(crate) fn tell(&self, told: Narration) {
        self.told.send_replace(Some(told));
    }

    /// Holds it, or lets it go on.
    pub(crate) fn hold(&self, paused: bool) {
        self.wish.send_modify(|wish| wish.paused = paused);
    }

    /// One step now.
    pub(crate) fn next(&self) {
        self.wish.send_modify(|wish| wish.steps += 1);
    }

    /// To the end without a rest.
    pub(crate) fn skip(&self) {
        self.wish.send_modify(|wish| wish.skips = true);
    }

    /// Rests for so long, unless somebody wants it otherwise.
    pub(crate) async fn rest(&self, length: Duration) {
        let mut wishes = self.wish.subscribe();
        let steps = wishes.borrow_and_update().steps;
        let until = tokio::time::Instant::now() + length;
        loop {
            let wish = *wishes.borrow_and_update();
            let over = !wish.paused && tokio::time::Instant::now() >= until;
            if wish.skips || wish.steps > steps || over {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep_until(until), if !wish.paused => {}
                changed = wishes.changed() => if changed.is_err() { return },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_story_waits_for_whoever_opens_the_page_and_not_for_ever() {
        let telling = Telling::default();
        let began = tokio::time::Instant::now();
        telling.until_watched(Duration::from_secs(60)).await;
        assert_eq!(began.elapsed(), Duration::from_secs(60));
        let began = tokio::time::Instant::now();
        tokio::join!(telling.until_watched(LONG), async { telling.is_watched() });
        telling.until_watched(LONG).await;
        assert_eq!(began.elapsed(), Duration::ZERO);
    }

    const LONG: Duration = Duration::from_secs(3600);

    #[tokio::test(start_paused = true)]
    async fn a_rest_ends_by_itself_or_when_somebody_wants_the_next_step() {
        let telling = Telling::default();
        let began = tokio::time::Instant::now();
        telling.rest(Duration::from_secs(3)).await;
        assert_eq!(began.elapsed(), Duration::from_secs(3));
        telling.hold(true);
        let held = tokio::time::timeout(LONG, telling.rest(Duration::from_secs(3))).await;
        assert!(held.is_err(), "somebody holds it");
        let began = tokio::time::Instant::now();
        tokio::join!(telling.rest(LONG), async { telling.next() });
        tokio::join!(telling.rest(LONG), async { telling.skip() });
        telling.rest(LONG).await;
        assert_eq!(began.elapsed(), Duration::ZERO);
    }
}
