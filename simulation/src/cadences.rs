//! How often the loop looks, told to all who go by it, one after the other.

use nebulalinks::controller::Cadence;
use std::sync::Mutex;
use tokio::sync::watch;

/// The cadence in force. Each follower has a channel of its own: one channel wakes those who wait on
/// it in an order that is drawn anew in each process, and no seed decides that.
#[derive(Default)]
pub struct Cadences {
    followers: Mutex<(Cadence, Vec<watch::Sender<Cadence>>)>,
}

impl Cadences {
    /// One follower more, which hears of each change after all who came before.
    pub fn follow(&self) -> watch::Receiver<Cadence> {
        let (now, followers) = &mut *self.followers.lock().unwrap();
        let (sender, receiver) = watch::channel(*now);
        followers.push(sender);
        receiver
    }

    /// From now on this is in force.
    pub fn set(&self, cadence: Cadence) {
        let (now, followers) = &mut *self.followers.lock().unwrap();
        if std::mem::replace(now, cadence) == cadence {
            return;
        }
        followers.retain(|follower| follower.send(cadence).is_ok());
    }
}
