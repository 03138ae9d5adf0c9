//! `/admin export`: a list as a file that only who asked sees.

use super::shop::{SOON, World};
use async_trait::async_trait;
use nebulalinks::model::Identity;
use nebulalinks::ports::Exports;
use nebulalinks::view::{ExportAsked, ExportFailure, Exported};
use nebulalinks_model_discord::{Audience, Emulator};
use std::sync::{Arc, Mutex};

/// Writes lists of so many bytes, and remembers for whom.
struct Lists {
    bytes: usize,
    asked: Mutex<Vec<(String, Identity)>>,
}

#[async_trait]
impl Exports for Lists {
    async fn export(
        &self,
        asked: &ExportAsked,
        by: Identity,
        most: usize,
    ) -> Result<Exported, ExportFailure> {
        self.asked.lock().unwrap().push((asked.words(), by));
        if self.bytes > most {
            return Err(ExportFailure::TooLarge);
        }
        Ok(Exported { rows: 7, content: vec![b'x'; self.bytes] })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_comes_as_a_file_for_one_and_one_that_is_too_large_as_the_command_that_writes_it() {
    for (bytes, given) in [(1_000, true), (9 << 20, true), ((10 << 20) + 1, false)] {
        let mut world = World::start().await;
        let lists = Arc::new(Lists { bytes, asked: Mutex::default() });
        world.bot.tell_exports(lists.clone());
        let ready = |e: &Emulator| (e.commands().len() >= 3).then_some(());
        world.emulator.wait_for("the commands", SOON, ready).await.unwrap();
        let (omar, sam) =
            (world.emulator.staff("omar", "admin"), world.emulator.staff("sam", "support"));
        let options = [("what", "orders"), ("from", "2026-11-01")];
        let refused = sam.slash("/admin export", &options, None).await.unwrap();
        assert!(refused.text().contains("owners and admins"), "{refused:?}");
        let bad = omar.slash("/admin export", &[("what", "orders"), ("to", "tomorrow-x")], None);
        let bad = bad.await.unwrap();
        assert!(bad.text().contains("Write days as"), "{bad:?}");
        assert!(lists.asked.lock().unwrap().is_empty(), "nothing is written for either");

        let shown = omar.slash("/admin export", &options, None).await.unwrap();
        let words = "orders --format csv --from 2026-11-01 -o orders-2026-11-01.csv";
        let asked = lists.asked.lock().unwrap().clone();
        assert_eq!(asked, [(words.to_owned(), Identity::Discord(omar.id()))]);
        let message = world.emulator.messages().pop().unwrap();
        assert_eq!(message.audience, Audience::Only("omar".to_owned()));
        if given {
            assert_eq!(message.files[0].name, "orders-2026-11-01.csv");
            assert_eq!(message.files[0].bytes.len(), bytes);
        } else {
            assert!(message.files.is_empty());
            assert!(shown.text().contains(&format!("nebulalinks export {words}")), "{shown:?}");
        }
        world.emulator.assert_clean();
        world.end().await.unwrap();
    }
}
