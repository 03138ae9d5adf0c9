//! One clock for all processes: the machine's, moved by an offset that stands in a file. `wait 30d`
//! writes the file, and everybody's time jumps at once, wall and monotonic together. Beside it a
//! party may have a file of its own, by which its wall clock is wrong, or it has slept.

use async_trait::async_trait;
use nebulalinks::model::{DurationMs, Moment, UnixMs};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How often a sleeper looks whether time was moved.
const LOOK: Duration = Duration::from_millis(50);

/// A clock that its file moves; clones share the file.
#[derive(Debug, Clone)]
pub(crate) struct SharedClock {
    path: PathBuf,
    /// Whose clock it is, where one may be set apart from the others.
    of: Option<String>,
    /// What was read last: a reader may meet the moment between two files.
    last: Arc<AtomicI64>,
    since: Arc<Since>,
}

/// Where monotonic time begins.
#[derive(Debug)]
struct Since {
    opened: Instant,
    offset: i64,
    slept: i64,
}

/// How one party's clock differs from everybody's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Apart {
    /// Its wall clock is ahead by so many ms.
    ahead: i64,
    /// It has slept so many ms: its monotonic clock stood still.
    slept: i64,
}

impl SharedClock {
    /// The clock of this file; without the file it is the machine's.
    pub(crate) fn open(path: impl Into<PathBuf>) -> Self {
        Self::opened(path.into(), None)
    }

    /// The same, as this party sees it.
    pub(crate) fn open_as(path: impl Into<PathBuf>, party: &str) -> Self {
        Self::opened(path.into(), Some(party.to_owned()))
    }

    #[allow(clippy::disallowed_methods, reason = "this is the adapter that reads the real clock")]
    fn opened(path: PathBuf, of: Option<String>) -> Self {
        let since = Since { opened: Instant::now(), offset: 0, slept: 0 };
        let mut clock =
            Self { path, of, last: Arc::new(AtomicI64::new(0)), since: Arc::new(since) };
        let (offset, slept) = (clock.offset(), clock.apart().slept);
        clock.since = Arc::new(Since { opened: Instant::now(), offset, slept });
        clock
    }

    /// The clock of this file, now showing this moment.
    pub(crate) fn starting_at(path: impl Into<PathBuf>, moment: u64) -> std::io::Result<Self> {
        let clock = Self::open(path);
        clock.set(signed(moment) - signed(machine_ms()))?;
        Ok(clock)
    }

    /// Where the offset stands.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn offset(&self) -> i64 {
        let read = std::fs::read_to_string(&self.path).ok().and_then(|t| t.trim().parse().ok());
        if let Some(offset) = read {
            self.last.store(offset, Ordering::Relaxed);
        }
        self.last.load(Ordering::Relaxed)
    }

    /// By how many ms it is ahead of the machine's.
    pub(crate) fn ahead_ms(&self) -> i64 {
        self.offset()
    }

    fn set(&self, offset: i64) -> std::io::Result<()> {
        write(&self.path, &offset.to_string())?;
        self.last.store(offset, Ordering::Relaxed);
        Ok(())
    }

    /// The file of a party of its own; a missing one says that it has everybody's time.
    fn apart_of(&self, party: &str) -> PathBuf {
        self.path.with_extension(format!("of-{party}"))
    }

    fn apart(&self) -> Apart {
        let read = || {
            let text = std::fs::read_to_string(self.apart_of(self.of.as_deref()?)).ok()?;
            let (ahead, slept) = text.trim().split_once(' ')?;
            Some(Apart { ahead: ahead.parse().ok()?, slept: slept.parse().ok()? })
        };
        read().unwrap_or_default()
    }

    /// Sets a party's wall clock so many ms ahead of everybody's; 0 sets it right.
    pub(crate) fn set_apart(&self, party: &str, ahead: i64) -> std::io::Result<()> {
        let slept = self.clone().of_party(party).apart().slept;
        write(&self.apart_of(party), &format!("{ahead} {slept}"))
    }

    /// A party's machine sleeps: so much time passes for everybody, and its monotonic clock stands
    /// still meanwhile.
    pub(crate) fn sleep_of(&self, party: &str, ms: u64) -> std::io::Result<()> {
        let Apart { ahead, slept } = self.clone().of_party(party).apart();
        write(&self.apart_of(party), &format!("{ahead} {}", slept + signed(ms)))?;
        self.jump_to(self.now_ms() + ms)
    }

    /// So many bytes are free on a party's disk; `None` is what is so.
    pub(crate) fn set_room(&self, party: &str, free: Option<u64>) -> std::io::Result<()> {
        let path = self.room_of(party);
        match free {
            Some(free) => write(&path, &free.to_string()),
            None => std::fs::remove_file(path),
        }
    }

    /// How much room its party believes that its disk has, where a scenario says so.
    pub(crate) fn room(&self) -> Option<u64> {
        std::fs::read_to_string(self.room_of(self.of.as_deref()?)).ok()?.trim().parse().ok()
    }

    fn room_of(&self, party: &str) -> PathBuf {
        self.path.with_extension(format!("room-of-{party}"))
    }

    fn of_party(mut self, party: &str) -> Self {
        self.of = Some(party.to_owned());
        self
    }

    /// Milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> u64 {
        let offset = self.offset();
        u64::try_from(signed(machine_ms()) + offset + self.apart().ahead).unwrap_or(0)
    }

    /// Both clocks, of one reading of the files.
    fn moment(&self) -> Moment {
        let (offset, apart) = (self.offset(), self.apart());
        let wall = signed(machine_ms()) + offset + apart.ahead;
        let since = &*self.since;
        let elapsed = i64::try_from(since.opened.elapsed().as_millis()).unwrap_or(i64::MAX);
        let monotonic = elapsed + (offset - since.offset) - (apart.slept - since.slept);
        let ms = |n: i64| u64::try_from(n).unwrap_or(0);
        Moment { wall: UnixMs(ms(wall)), monotonic: DurationMs(ms(monotonic)) }
    }

    /// Moves everybody's time on to this moment; never back.
    pub(crate) fn jump_to(&self, moment: u64) -> std::io::Result<()> {
        let ahead = signed(moment) - signed(self.now_ms());
        if ahead > 0 { self.set(self.offset() + ahead) } else { Ok(()) }
    }
}

/// Writes a file so that a reader finds the old text or the new one.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let mut file = std::fs::File::create(&beside)?;
    file.write_all(text.as_bytes())?;
    drop(file);
    std::fs::rename(beside, path)
}

fn signed(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

/// The machine's own time, which nobody moves.
#[allow(clippy::disallowed_methods, reason = "this is the adapter that reads the real clock")]
pub(crate) fn machine_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX))
}

/// Where a process of the sandbox is to end itself, as a power cut would: the name of a crash
/// point in a file, which is taken away as it fires.
#[derive(Debug, Clone)]
pub(crate) struct Fuse {
    path: PathBuf,
    /// How often this process passed the point.
    passed: Arc<AtomicU32>,
}

impl Fuse {
    /// The fuse that lies there, if any.
    pub(crate) fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), passed: Arc::default() }
    }

    /// Lays it: the process ends the next time it passes this point.
    pub(crate) fn lay(&self, point: &str) -> std::io::Result<()> {
        self.lay_for(point, 1)
    }

    /// Lays it: a process ends when it passes this point for the `time`th time since it was laid.
    pub(crate) fn lay_for(&self, point: &str, time: u32) -> std::io::Result<()> {
        std::fs::write(&self.path, format!("{point} {time}"))
    }

    /// Whether it lies there still.
    pub(crate) fn is_laid(&self) -> bool {
        self.path.exists()
    }

    /// Called at every crash point.
    pub(crate) fn pass(&self, point: &str) {
        let Ok(text) = std::fs::read_to_string(&self.path) else { return };
        let mut words = text.split_whitespace();
        if words.next() != Some(point) {
            return;
        }
        let time = words.next().and_then(|time| time.parse().ok()).unwrap_or(1);
        let passed = self.passed.fetch_add(1, Ordering::Relaxed) + 1;
        // Of two threads at once only one takes the file away.
        if passed >= time && std::fs::remove_file(&self.path).is_ok() {
            complain!("crash point {point}: the process ends here");
            std::process::abort();
        }
    }
}

/// The clock and the crash points as the parts of the system know them.
#[derive(Debug, Clone)]
pub(crate) struct SharedEnv {
    /// The time that all processes share.
    pub(crate) clock: SharedClock,
    /// The crash point at which this process ends itself.
    pub(crate) fuse: Fuse,
}

#[async_trait]
impl nebulalinks::ports::Clock for SharedEnv {
    fn now(&self) -> UnixMs {
        UnixMs(self.clock.now_ms())
    }

    fn moment(&self) -> Moment {
        self.clock.moment()
    }

    async fn sleep_until(&self, moment: UnixMs) {
        loop {
            let left = moment.0.saturating_sub(self.clock.now_ms());
            if left == 0 {
                return;
            }
            tokio::time::sleep(LOOK.min(Duration::from_millis(left))).await;
        }
    }

    fn crash_point(&self, point: &'static str) {
        self.fuse.pass(point);
    }
}

impl nebulalinks_gateway::Clock for SharedEnv {
    fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nebulalinks::ports::Clock as _;

    #[test]
    fn a_moved_clock_is_moved_for_whoever_reads_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clock");
        let (mine, theirs) =
            (SharedClock::starting_at(&path, 5_000_000).unwrap(), SharedClock::open(&path));
        assert!((5_000_000..5_060_000).contains(&theirs.now_ms()));
        mine.jump_to(9_000_000).unwrap();
        assert!((9_000_000..9_060_000).contains(&theirs.now_ms()));
        mine.jump_to(1_000_000).unwrap();
        assert!(theirs.now_ms() >= 9_000_000, "time never goes back");
    }

    #[test]
    fn one_party_is_set_wrong_and_sleeps_and_the_others_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clock");
        let all = SharedClock::starting_at(&path, 5_000_000).unwrap();
        let (one, other) =
            (SharedClock::open_as(&path, "one"), SharedClock::open_as(&path, "other"));
        all.set_apart("one", 9_000_000).unwrap();
        assert!((14_000_000..14_060_000).contains(&one.now_ms()));
        assert!((5_000_000..5_060_000).contains(&other.now_ms()));
        assert!(one.moment().monotonic < DurationMs(60_000), "it was set, and no time passed");
        all.set_apart("one", 0).unwrap();
        all.sleep_of("one", 7_000_000).unwrap();
        for clock in [&all, &one, &other] {
            assert!((12_000_000..12_060_000).contains(&clock.now_ms()));
        }
        assert!(one.moment().monotonic < DurationMs(60_000), "it slept");
        assert!(other.moment().monotonic >= DurationMs(7_000_000));
    }

    #[test]
    fn a_lost_file_does_not_move_time() {
        let folder = tempfile::tempdir().unwrap();
        let clock = SharedClock::starting_at(folder.path().join("clock"), 5_000_000).unwrap();
        std::fs::remove_file(clock.path()).unwrap();
        assert!((5_000_000..5_060_000).contains(&clock.now_ms()));
    }

    #[tokio::test]
    async fn a_sleeper_wakes_when_time_is_moved_past_its_moment() {
        let folder = tempfile::tempdir().unwrap();
        let clock = SharedClock::starting_at(folder.path().join("clock"), 5_000_000).unwrap();
        let fuse = Fuse::at(folder.path().join("fuse"));
        let sleeper = SharedEnv { clock: clock.clone(), fuse };
        let sleep = sleeper.sleep_until(UnixMs(90_000_000));
        clock.jump_to(90_000_000).unwrap();
        tokio::time::timeout(Duration::from_secs(20), sleep).await.unwrap();
    }

    #[test]
    fn a_fuse_for_another_point_stays() {
        let folder = tempfile::tempdir().unwrap();
        let fuse = Fuse::at(folder.path().join("fuse"));
        fuse.pass("a");
        fuse.lay("b").unwrap();
        fuse.pass("a");
        assert!(fuse.is_laid());
        fuse.lay_for("b", 3).unwrap();
        fuse.pass("b");
        fuse.pass("b");
        assert!(fuse.is_laid(), "the third time is the one");
    }
}
