//! What happens to a panel as a whole: its database is copied and put back, another version of it is
//! installed.

use super::Server;
use crate::trouble::Trouble;
use nebulalinks_model_panel::PanelVersion;
use std::sync::PoisonError;

impl Server {
    /// Copies the panel's database; an older copy is forgotten.
    pub(crate) fn back_up(&self) {
        let copy = (self.panel.now_ms(), self.panel.backup());
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = copy;
    }

    /// Of when the copy is, on the panel's clock.
    pub(crate) fn backed_up_at(&self) -> i64 {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    /// Puts the copy back.
    pub(crate) fn put_back(&self) {
        let (_, copy) = &*self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        self.panel.restore(copy);
    }

    /// Installs another version of the panel's generation, and starts the panel anew with it.
    pub(crate) async fn install(&self, version: PanelVersion) -> Result<(), Trouble> {
        let now = self.panel.version();
        if version.generation() != now.generation() {
            let (from, to) = (now.label(), version.label());
            return Err(Trouble(format!(
                "from {from} to {to} the panel's database and its way in are other ones: start the \
                 sandbox with --fresh --panel {to}"
            )));
        }
        if let Some(serving) = self.take_listener() {
            serving.kill().await;
        }
        self.panel.install(version);
        let serving = self.panel.serve(self.panel_at).await;
        let serving = serving.map_err(Trouble::while_doing("start the panel again"))?;
        *self.serving.lock().unwrap_or_else(PoisonError::into_inner) = Some(serving);
        Ok(())
    }
}
