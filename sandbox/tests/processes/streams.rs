//! What a tab is told while scenarios follow each other, and what it may not do meanwhile.

use crate::page::Page;
use serde_json::{Value, json};
use std::path::Path;

/// Two scenarios, shown one after the other.
async fn two(folder: &Path) -> Page {
    let [one, two] = ["one.scn", "two.scn"].map(|name| folder.join(name));
    for file in [&one, &two] {
        std::fs::write(file, "# Nothing happens.\ncheck no DM twice\n").unwrap();
    }
    Page::of(&["--watch", &one.to_string_lossy(), &two.to_string_lossy()], "The page: ").await
}

/// Reads on until the first event of a topic that fits; with the id that was had last.
async fn until<T>(
    page: &Page,
    last: &mut String,
    topic: &str,
    find: impl Fn(&Value) -> Option<T>,
) -> T {
    loop {
        let mut events =
            page.events("alice", Some(last.as_str()).filter(|id| !id.is_empty())).await;
        while let Some(event) = events.next().await {
            if !event.id.is_empty() {
                event.id.clone_into(last);
            }
            if event.topic == topic
                && let Some(found) = find(&event.data)
            {
                return found;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_of_the_next_scenario_begins_at_its_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let page = two(folder.path()).await;
    let mut last = String::new();
    let world = |data: &Value| data["world"].as_u64();
    let first = until(&page, &mut last, "world", world).await;
    let numbers = |log: &Value| Some((log[0]["n"].as_u64()?, log.as_array()?.len()));
    assert_eq!(until(&page, &mut last, "log", numbers).await.0, 1);
    page.act(json!({ "act": "story.skip" })).await.unwrap();
    // The browser comes back by itself, with the last id that it had.
    let another = |data: &Value| world(data).filter(|world| *world != first);
    until(&page, &mut last, "world", another).await;
    assert_eq!(until(&page, &mut last, "log", numbers).await.0, 1, "after {last}");
    // In the same world it goes on behind the last one.
    let (from, _) = until(&page, &mut last, "log", numbers).await;
    assert!(from > 1, "{from} after {last}");
    page.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_moves_the_clock_while_a_story_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let page = two(folder.path()).await;
    let day = json!({ "act": "clock.wait", "ms": 86_400_000 });
    let mut last = String::new();
    until(&page, &mut last, "story", |story| story["at"].as_u64().filter(|at| *at == 1)).await;
    let led = |clock: &Value| clock["story"].as_bool().filter(|leads| *leads);
    until(&page, &mut last, "clock", led).await;
    page.act(json!({ "act": "story.pause" })).await.unwrap();
    let refused = page.act(day.clone()).await.unwrap_err();
    assert!(refused.contains("story"), "{refused}");
    page.stop().await;
}
