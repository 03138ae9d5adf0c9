//! What `/admin setup` says of the server, by the emulator's own answers.

use super::post_panel;
use super::shop::{SOON, World};
use nebulalinks::model::{Surface, SurfaceKey};
use nebulalinks::ports::Hint;
use nebulalinks_model_discord::{Actor, Effect, Emulator, Fault};
use nebulalinks_testkit::store::put_now;
use std::sync::Arc;

async fn connected(world: &World) {
    let connected = |e: &Emulator| (e.commands().len() >= 3).then_some(());
    world.emulator.wait_for("the commands", SOON, connected).await.unwrap();
}

async fn says(who: &Actor) -> String {
    who.slash("/admin setup", &[], None).await.unwrap().text().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_and_admins_read_what_the_server_lacks_and_nobody_else() {
    let mut world = World::start().await;
    connected(&world).await;
    let (emulator, layout) = (&world.emulator, world.emulator.layout());
    let (omar, olga) = (emulator.staff("omar", "admin"), emulator.staff("olga", "owner"));
    for (who, said) in [
        (emulator.staff("sam", "support"), "admin"),
        (emulator.user("alice"), "Only staff can do that"),
    ] {
        let refused = says(&who).await;
        assert!(refused.contains(said) && !refused.contains("Set-up"), "{refused}");
    }

    // The panel that the controller would have posted is not there.
    let said = says(&olga).await;
    assert!(said.contains("message of the shop in #store"), "{said}");
    let panel = post_panel(&world).await;
    let mut surface = Surface::new(SurfaceKey::StorePanel);
    (surface.channel, surface.message) = (Some(panel.channel), Some(panel.message));
    put_now(&world.records, surface);
    let mut hints = world.bot.hints();
    let well = says(&omar).await;
    assert!(well.contains("has what it needs") && !well.contains("see below"), "{well}");
    assert_eq!(hints.try_recv(), Ok(Hint::Panels), "the controller looks, too");
    assert_eq!(says(&omar).await, well, "and again");

    emulator.deny_writing(layout.review, true);
    emulator.hide_channel(layout.orders, true);
    let said = says(&omar).await;
    for wanted in ["switch on: Send Messages, Attach Files", "Create Private Threads", "`orders`"] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    assert!(said.contains("`store` · #store · as it should be"), "{said}");
    emulator.clear_faults();

    emulator.show_to_everybody(layout.review);
    assert!(emulator.delete_message(panel.channel, panel.message));
    assert!(emulator.delete_channel(layout.orders));
    let said = says(&omar).await;
    for wanted in ["Everybody sees #review", "There is no channel `orders`", "shop in #store"] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    world.emulator.assert_clean();
    world.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_is_said_to_be_unknown_and_another_server_to_be_another() {
    let mut world = World::start().await;
    connected(&world).await;
    let omar = world.emulator.staff("omar", "admin");
    let down = Effect::Refuse(503, 0, "down".to_owned());
    world.emulator.fault(Fault::on("GET", "/guilds/{guild_id}", down));
    let said = says(&omar).await;
    assert!(said.contains("could not be asked just now"), "{said}");
    world.emulator.clear_faults();
    let mut edited = nebulalinks::catalog::Catalog::clone(&world.catalog);
    edited.shop.roles.support.insert(4_711);
    world.edits.send_replace(Arc::new(edited));
    let said = says(&omar).await;
    assert!(said.contains("`discord.roles.support`") && said.contains("`4711`"), "{said}");
    world.end().await.unwrap();
}
