//! What customers' VPN apps do.

/// What an app does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AppAct {
    /// It asks at the address that it has, as the app of this name; any that reads links, where none is
    /// named.
    Fetches(Option<String>),
    /// Its owner puts the newest address into it that they were shown.
    TakesAddress,
}

/// Reads an act of an app, and whose it is; nothing where these words are none.
pub(super) fn parse(row: &[&str]) -> Option<(String, AppAct)> {
    let [whose, "app", act @ ..] = row else { return None };
    let who = whose.strip_suffix("'s")?.to_owned();
    let act = match act {
        ["fetches", "her" | "his" | "their", "subscription"] => AppAct::Fetches(None),
        ["fetches", "her" | "his" | "their", "subscription", "as", app] => {
            AppAct::Fetches(Some((*app).to_owned()))
        }
        ["gets", "the", "newest", "address"] => AppAct::TakesAddress,
        _ => return None,
    };
    Some((who, act))
}
