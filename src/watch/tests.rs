//! The watcher on real folders. Every wait is for a condition, with a deadline.

use super::*;
use crate::catalog::{Commit, DesiredFile, Files, Source, parse};
use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;

const NEVER: Duration = Duration::from_secs(3600);
const DEADLINE: Duration = Duration::from_secs(20);

const NOW_MS: u64 = 1_795_255_200_000;

/// A clock that stands.
fn at(now_ms: u64) -> NowMs {
    Arc::new(move || now_ms)
}

struct Shop {
    root: TempDir,
    settings: WatchSettings,
    shutdown: CancellationToken,
}

impl Shop {
    /// A folder with the shipped files; only file events wake the watcher.
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("desired");
        copy_shipped(&dir);
        let mut settings = WatchSettings::new(&dir, root.path().join("state"), at(NOW_MS));
        settings.settle = Duration::from_millis(30);
        settings.poll = NEVER;
        Self { root, settings, shutdown: CancellationToken::new() }
    }
    async fn start(&self) -> CatalogFeed {
        start(self.settings.clone(), self.shutdown.clone()).await.unwrap()
    }
    async fn stop(&self, feed: CatalogFeed) {
        self.shutdown.cancel();
        feed.task.await.unwrap();
    }
    fn plans(&self) -> PathBuf {
        self.settings.dir.join("plans.yaml")
    }
    fn with_price(&self, price: &str) -> String {
        shipped_plans().replace("100.00 EGP", price)
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

fn shipped_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("desired")
}

fn shipped_plans() -> String {
    fs::read_to_string(shipped_dir().join("plans.yaml")).unwrap()
}

fn copy_shipped(dir: &Path) {
    fs::create_dir_all(dir).unwrap();
    for file in DesiredFile::REQUIRED {
        fs::copy(shipped_dir().join(file.name()), dir.join(file.name())).unwrap();
    }
}

fn price(catalog: &Catalog) -> String {
    catalog.plans[0].prices[0].to_string()
}

async fn until_price(feed: &mut CatalogFeed, wanted: &str) {
    let wait = feed.catalog.wait_for(|c| price(c) == wanted);
    let seen = tokio::time::timeout(DEADLINE, wait).await;
    seen.unwrap_or_else(|_| panic!("{wanted} was never seen")).unwrap();
}

async fn until_invalid(feed: &mut CatalogFeed) -> Problems {
    let wait = feed.invalid.wait_for(Option::is_some);
    let invalid = tokio::time::timeout(DEADLINE, wait).await.unwrap().unwrap().clone().unwrap();
    assert_eq!(invalid.since_ms, NOW_MS);
    invalid.problems.clone()
}

async fn until_valid(feed: &mut CatalogFeed) {
    let wait = feed.invalid.wait_for(Option::is_none);
    tokio::time::timeout(DEADLINE, wait).await.unwrap().unwrap();
}

#[tokio::test]
async fn an_atomic_save_is_seen_every_time() {
    let shop = Shop::new();
    let mut feed = shop.start().await;
    for amount in ["101.00 EGP", "102.00 EGP", "103.00 EGP"] {
        let temporary = shop.settings.dir.join(".plans.yaml.swp");
        fs::write(&temporary, shop.with_price(amount)).unwrap();
        fs::rename(&temporary, shop.plans()).unwrap();
        until_price(&mut feed, amount).await;
    }
    shop.stop(feed).await;
}

#[tokio::test]
async fn with_the_usual_patience_a_save_is_seen_within_two_seconds() {
    let mut shop = Shop::new();
    let usual = WatchSettings::new(&shop.settings.dir, &shop.settings.state_dir, at(NOW_MS));
    shop.settings.settle = usual.settle;
    let mut feed = shop.start().await;
    fs::write(shop.plans(), shop.with_price("105.00 EGP")).unwrap();
    let wait = feed.catalog.wait_for(|c| price(c) == "105.00 EGP");
    assert!(tokio::time::timeout(Duration::from_secs(2), wait).await.is_ok());
}

#[tokio::test]
async fn a_write_in_place_is_seen_and_a_broken_one_changes_nothing() {
    let shop = Shop::new();
    let mut feed = shop.start().await;
    fs::write(shop.plans(), shop.with_price("111.00 EGP")).unwrap();
    until_price(&mut feed, "111.00 EGP").await;
    fs::write(shop.plans(), shop.with_price("111.00")).unwrap();
    let problems = until_invalid(&mut feed).await;
    let first = problems.iter().next().unwrap();
    assert!(first.file.ends_with("desired/plans.yaml"), "{}", first.file);
    assert_eq!((first.at.line, first.at.column), (7, 14));
    assert_eq!(price(&feed.catalog.borrow()), "111.00 EGP");
    fs::write(shop.plans(), shop.with_price("112.00 EGP")).unwrap();
    until_price(&mut feed, "112.00 EGP").await;
    until_valid(&mut feed).await;
}

#[tokio::test]
async fn an_emptied_and_a_deleted_file_change_nothing() {
    let shop = Shop::new();
    let mut feed = shop.start().await;
    let before = feed.catalog.borrow().clone();
    fs::write(shop.plans(), "").unwrap();
    let problems = until_invalid(&mut feed).await;
    assert!(problems.to_string().contains("the file is empty"), "{problems}");
    fs::remove_file(shop.plans()).unwrap();
    let gone = |i: &Option<Arc<Invalid>>| {
        i.as_ref().is_some_and(|i| i.problems.to_string().contains("missing"))
    };
    tokio::time::timeout(DEADLINE, feed.invalid.wait_for(gone)).await.unwrap().unwrap();
    assert_eq!(*feed.catalog.borrow(), before);
    fs::write(shop.plans(), shipped_plans()).unwrap();
    until_valid(&mut feed).await;
    assert_eq!(*feed.catalog.borrow(), before);
}

#[tokio::test]
async fn a_folder_that_went_and_came_back_is_watched_again() {
    let shop = Shop::new();
    let mut feed = shop.start().await;
    let away = shop.root.path().join("away");
    fs::rename(&shop.settings.dir, &away).unwrap();
    until_invalid(&mut feed).await;
    copy_shipped(&shop.settings.dir);
    until_valid(&mut feed).await;
    // The folder is a new one: its watch must be, too.
    fs::write(shop.plans(), shop.with_price("120.00 EGP")).unwrap();
    until_price(&mut feed, "120.00 EGP").await;
    // What happens in the old one no longer matters.
    fs::write(away.join("plans.yaml"), "").unwrap();
    fs::write(shop.plans(), shop.with_price("121.00 EGP")).unwrap();
    until_price(&mut feed, "121.00 EGP").await;
    assert!(feed.invalid.borrow().is_none());
}

#[cfg(unix)]
#[tokio::test]
async fn a_symlink_swap_is_seen_every_time() {
    use std::os::unix::fs::symlink;
    // As a ConfigMap is mounted: files lead through `..data` to a folder that is swapped.
    let shop = Shop::new();
    let dir = &shop.settings.dir;
    let swap = |version: &str, amount: &str| {
        let folder = dir.join(version);
        copy_shipped(&folder);
        fs::write(folder.join("plans.yaml"), shop.with_price(amount)).unwrap();
        symlink(version, dir.join("..data_tmp")).unwrap();
        fs::rename(dir.join("..data_tmp"), dir.join("..data")).unwrap();
    };
    swap("..v1", "130.00 EGP");
    for file in DesiredFile::REQUIRED {
        fs::remove_file(dir.join(file.name())).unwrap();
        symlink(Path::new("..data").join(file.name()), dir.join(file.name())).unwrap();
    }
    let mut feed = shop.start().await;
    assert_eq!(price(&feed.catalog.borrow()), "130.00 EGP");
    for (version, amount) in [("..v2", "131.00 EGP"), ("..v3", "132.00 EGP")] {
        swap(version, amount);
        until_price(&mut feed, amount).await;
    }
}

#[cfg(unix)]
#[tokio::test]
async fn without_file_events_the_poll_finds_the_change() {
    let mut shop = Shop::new();
    shop.settings.poll = Duration::from_millis(20);
    let real = shop.root.path().join("real");
    fs::create_dir(&real).unwrap();
    copy_shipped(&real.join("a/desired"));
    copy_shipped(&real.join("b/desired"));
    fs::write(real.join("b/desired/plans.yaml"), shop.with_price("140.00 EGP")).unwrap();
    // A swap two levels above gives no event at all.
    let current = shop.root.path().join("current");
    std::os::unix::fs::symlink(real.join("a"), &current).unwrap();
    shop.settings.dir = current.join("desired");
    let mut feed = shop.start().await;
    fs::remove_file(&current).unwrap();
    std::os::unix::fs::symlink(real.join("b"), &current).unwrap();
    until_price(&mut feed, "140.00 EGP").await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_taken_while_git_is_at_work() {
    let shop = Shop::new();
    let git = shop.root.path().join(".git");
    fs::create_dir(&git).unwrap();
    let mut settler = Settler::new(&shop.settings.dir, Duration::from_millis(500), at(NOW_MS));
    settler.first().await;
    assert!(settler.changed().await.is_none());
    fs::write(git.join("index.lock"), "").unwrap();
    fs::write(shop.plans(), shop.with_price("150.00 EGP")).unwrap();
    let early = tokio::time::timeout(Duration::from_secs(600), settler.changed()).await;
    assert!(early.is_err(), "it was taken under git's lock");
    fs::remove_file(git.join("index.lock")).unwrap();
    let taken = settler.changed().await.unwrap();
    assert_eq!(price(&parse(&taken).unwrap()), "150.00 EGP");
    assert!(settler.changed().await.is_none(), "once is enough");
}

#[tokio::test(start_paused = true)]
async fn files_that_do_not_hold_still_are_waited_for() {
    let shop = Shop::new();
    let mut settler = Settler::new(&shop.settings.dir, Duration::from_millis(500), at(NOW_MS));
    settler.first().await;
    let write = |amount: u32| {
        fs::write(shop.plans(), shop.with_price(&format!("{amount}.00 EGP"))).unwrap();
    };
    write(200);
    let writer = async {
        for amount in 201..=205 {
            tokio::time::sleep(Duration::from_millis(400)).await;
            write(amount);
        }
    };
    let (taken, ()) = tokio::join!(settler.changed(), writer);
    assert_eq!(price(&parse(&taken.unwrap()).unwrap()), "205.00 EGP");
}

#[tokio::test]
async fn a_restart_with_broken_files_goes_on_with_the_last_good_ones() {
    let mut shop = Shop::new();
    let mut feed = shop.start().await;
    fs::write(shop.plans(), shop.with_price("160.00 EGP")).unwrap();
    until_price(&mut feed, "160.00 EGP").await;
    let revision = feed.catalog.borrow().revision.clone();
    shop.stop(feed).await;
    for broken in ["plans: [", "", "plans:\n"] {
        fs::write(shop.plans(), broken).unwrap();
        shop.shutdown = CancellationToken::new();
        let feed = shop.start().await;
        assert_eq!(feed.catalog.borrow().revision, revision);
        assert!(feed.invalid.borrow().is_some());
        let before: Vec<String> = feed.history.iter().map(|c| price(c)).collect();
        assert_eq!(before, ["160.00 EGP", "100.00 EGP"]);
        shop.stop(feed).await;
    }
    // The rules against the last catalog hold across the restart, too.
    fs::write(shop.plans(), shipped_plans().replace("family: basic", "family: other")).unwrap();
    shop.shutdown = CancellationToken::new();
    let mut feed = shop.start().await;
    let problems = until_invalid(&mut feed).await;
    assert!(problems.to_string().contains("the family of plan `basic-30`"), "{problems}");
}

#[tokio::test]
async fn a_first_start_with_broken_files_says_every_problem() {
    let shop = Shop::new();
    fs::write(shop.plans(), "plans: []\n").unwrap();
    fs::remove_file(shop.settings.dir.join("shop.yaml")).unwrap();
    let problems = start(shop.settings.clone(), shop.shutdown.clone()).await.unwrap_err();
    assert_eq!(problems.count(), 2, "{problems}");
}

#[tokio::test]
async fn a_torn_copy_of_the_last_good_files_is_not_used() {
    let shop = Shop::new();
    let kept = LastGood::new(&shop.settings.state_dir);
    assert!(kept.read().is_empty());
    let mut files = read_files(&shop.settings.dir);
    let commit = Commit::of_id("0123456789abcdef0123456789abcdef01234567".into());
    files.commit = Some(commit.saying("Nadia", "Raise the price"));
    kept.write(&files).unwrap();
    assert_eq!(kept.read(), [files.clone()]);
    let folder = shop.settings.state_dir.join("last-good-catalog").join(files.revision());
    fs::write(folder.join("plans.yaml"), "plans: []\n").unwrap();
    assert!(kept.read().is_empty());
    kept.write(&files).unwrap();
    let next = Files { plans: shop.with_price("9.00 EGP").as_str().into(), ..files.clone() };
    kept.write(&next).unwrap();
    assert_eq!(kept.read(), [next, files.clone()]);
    for amount in 10..40 {
        let price = format!("{amount}.00 EGP");
        let plans = shop.with_price(&price).as_str().into();
        kept.write(&Files { plans, ..files.clone() }).unwrap();
    }
    assert_eq!(kept.read().len(), 20);
    assert!(!folder.exists(), "very old revisions are dropped");
}

/// A clock that goes with the runtime's.
fn runtime_clock() -> NowMs {
    let start = tokio::time::Instant::now();
    Arc::new(move || NOW_MS + u64::try_from(start.elapsed().as_millis()).unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_git_left_behind_is_said_after_a_minute_with_what_to_do_until_it_is_gone() {
    let shop = Shop::new();
    let git = shop.root.path().join(".git");
    fs::create_dir(&git).unwrap();
    let mut settler = Settler::new(&shop.settings.dir, Duration::from_millis(500), runtime_clock());
    let mut said = settler.not_taken_up();
    settler.first().await;
    fs::write(git.join("index.lock"), "").unwrap();
    fs::write(shop.plans(), shop.with_price("150.00 EGP")).unwrap();
    let since = tokio::time::Instant::now();
    {
        let taking = settler.changed();
        tokio::pin!(taking);
        tokio::select! {
            biased;
            _ = said.wait_for(Option::is_some) => {}
            _ = &mut taking => panic!("it was taken under git's lock"),
        }
        let waited = since.elapsed();
        assert_eq!(waited, Duration::from_secs(60), "no edit of a second is a trouble");
        let told = said.borrow_and_update().clone().unwrap();
        assert_eq!(told.since_ms, NOW_MS);
        let (detail, remedy) = told.in_words();
        assert!(detail.contains(".git/index.lock"), "{detail}");
        assert!(remedy.contains(&format!("rm {}", git.join("index.lock").display())), "{remedy}");
        fs::remove_file(git.join("index.lock")).unwrap();
        assert!(taking.await.is_some());
    }
    assert_eq!(*said.borrow(), None, "it is taken up");
}

#[tokio::test(start_paused = true)]
async fn a_file_that_never_holds_still_is_named_and_an_edit_taken_back_ends_the_trouble() {
    let shop = Shop::new();
    let mut settler = Settler::new(&shop.settings.dir, Duration::from_millis(500), runtime_clock());
    let mut said = settler.not_taken_up();
    settler.first().await;
    let (plans, shipped) = (shop.plans(), shipped_plans());
    let amount = AtomicU64::new(200);
    let write = || {
        let price = format!("{}.00 EGP", amount.fetch_add(1, Ordering::SeqCst));
        fs::write(&plans, shop.with_price(&price)).unwrap();
    };
    write();
    let writer = async {
        while said.borrow_and_update().is_none() {
            tokio::time::sleep(Duration::from_millis(400)).await;
            write();
        }
        let told = said.borrow().clone().unwrap();
        fs::write(&plans, &shipped).unwrap();
        told
    };
    let (taken, told) = tokio::join!(settler.changed(), writer);
    assert!(taken.is_none(), "what is there again is in force already");
    assert_eq!(told.why, Obstacle::Moving(vec!["plans.yaml"]));
    assert!(told.in_words().0.contains("plans.yaml"), "{:?}", told.in_words());
    assert_eq!(*said.borrow(), None);
}

#[tokio::test]
async fn another_mistake_in_invalid_files_is_the_same_trouble_since_the_first() {
    let mut shop = Shop::new();
    let moment = Arc::new(AtomicU64::new(NOW_MS));
    let clock = Arc::clone(&moment);
    shop.settings.now = Arc::new(move || clock.load(Ordering::SeqCst));
    let mut feed = shop.start().await;
    fs::write(shop.plans(), shop.with_price("5")).unwrap();
    until_invalid(&mut feed).await;
    moment.store(NOW_MS + 60_000, Ordering::SeqCst);
    fs::write(shop.plans(), "plans:\n").unwrap();
    let other = |i: &Option<Arc<Invalid>>| {
        i.as_ref().is_some_and(|i| i.problems.to_string().contains("null"))
    };
    let wait = feed.invalid.wait_for(other);
    let invalid = tokio::time::timeout(DEADLINE, wait).await.unwrap().unwrap().clone().unwrap();
    assert_eq!(invalid.since_ms, NOW_MS);
}

#[test]
fn a_check_names_the_files_as_they_were_asked_for() {
    let shop = Shop::new();
    assert!(check(&shop.settings.dir, &Options::default()).is_ok());
    fs::write(shop.plans(), "plans:\n").unwrap();
    let problems = check(&shop.settings.dir, &Options::default()).unwrap_err();
    let place = format!("{}:1:1: ", shop.plans().display());
    assert!(problems.iter().all(|p| p.to_string().starts_with(&place)), "{problems}");
}

#[test]
fn what_is_no_file_is_a_problem_and_not_a_hang() {
    let shop = Shop::new();
    fs::remove_file(shop.plans()).unwrap();
    fs::create_dir(shop.plans()).unwrap();
    fs::write(shop.settings.dir.join("shop.yaml"), vec![b'#'; 2 << 20]).unwrap();
    fs::write(shop.settings.dir.join("servers.yaml"), [0xff, 0xfe]).unwrap();
    let problems = parse(&read_files(&shop.settings.dir)).unwrap_err().to_string();
    for part in ["not a regular file", "larger than 1 MiB", "not UTF-8"] {
        assert!(problems.contains(part), "{problems}");
    }
    assert_eq!(parse(&read_files(Path::new("/nowhere"))).unwrap_err().count(), 4);
}

#[test]
fn a_link_that_leads_nowhere_is_no_file_that_was_taken_away() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(read_files(dir.path()).promos, Source::Missing);
    std::os::unix::fs::symlink("nowhere", dir.path().join("promos.yaml")).unwrap();
    let Source::Unreadable(why) = read_files(dir.path()).promos else { panic!() };
    assert!(why.contains("leads nowhere"), "{why}");
}
