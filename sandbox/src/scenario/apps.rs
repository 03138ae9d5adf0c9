//! Customers' VPN apps: they hold an address, fetch it as an app would, and show what they got.

use super::grammar::AppAct;
use super::grammar::quantity::{spell_bytes, spell_length};
use super::player::{App, Player};
use crate::trouble::Trouble;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nebulalinks_model_discord::Audience;
use percent_encoding::percent_decode_str;
use reqwest::header::{HeaderMap, USER_AGENT};
use serde_json::Value;

/// What apps call themselves.
const AGENTS: [(&str, &str); 3] = [
    ("links", "v2rayNG/1.10.2"),
    ("sing-box", "SFA/1.12.0 (1; sing-box 1.12.0; language en)"),
    ("clash", "ClashMetaForAndroid/2.11.5.Meta"),
];

impl Player<'_> {
    /// What an app does; what its owner sees of it.
    pub(super) async fn app(&mut self, who: &str, act: &AppAct) -> Result<Vec<String>, Trouble> {
        let newest = || self.newest_address(who);
        match act {
            AppAct::TakesAddress => {
                let path = newest()?;
                self.apps.entry(who.to_owned()).or_default().path = path;
                Ok(Vec::new())
            }
            AppAct::Fetches(name) => {
                if !self.apps.contains_key(who) {
                    let app = App { path: newest()?, ..App::default() };
                    self.apps.insert(who.to_owned(), app);
                }
                self.fetch(who, name.as_deref().unwrap_or("links")).await
            }
        }
    }

    /// The path of the newest address in a message that only they see.
    fn newest_address(&self, who: &str) -> Result<String, Trouble> {
        let theirs = |audience: &Audience| match audience {
            Audience::Direct(user) | Audience::Only(user) => user == who,
            _ => false,
        };
        let messages = self.system.emulator.messages();
        let shown = messages.iter().filter(|message| theirs(&message.audience)).rev();
        let token = shown.filter_map(|message| {
            let (_, token) = message.text.split_once("/sub/")?;
            token.split_whitespace().next()
        });
        let token = token.map(|token| format!("/sub/{token}")).next();
        token.ok_or_else(|| Trouble(format!("{who} was shown no address")))
    }

    async fn fetch(&mut self, who: &str, name: &str) -> Result<Vec<String>, Trouble> {
        let agent = AGENTS.iter().find(|(app, _)| *app == name).map(|(_, agent)| *agent);
        let agent = agent.ok_or_else(|| Trouble(format!("there is no app {name}")))?;
        let path = self.apps.get(who).map(|app| app.path.clone()).unwrap_or_default();
        let url = format!("http://{}{path}", self.system.settings.public);
        let cannot = |error: reqwest::Error| {
            Trouble::while_doing("fetch a subscription")(error.without_url().to_string())
        };
        let request = reqwest::Client::new().get(url).header(USER_AGENT, agent);
        let answer = request.send().await.map_err(cannot)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.text().await.map_err(cannot)?;
        if !status.is_success() {
            return Ok(vec![format!("{who}'s app gets: {status}")]);
        }
        let entries = match name {
            "sing-box" => of_json(&body),
            "clash" => of_yaml(&body),
            _ => of_links(&body),
        };
        let entries = entries.ok_or_else(|| Trouble(format!("no app reads this as {name}")))?;
        if let Some(app) = self.apps.get_mut(who) {
            app.uuids.extend(entries.iter().filter_map(|entry| entry.uuid.clone()));
        }
        let now = self.system.clock.now_ms();
        let lines =
            entries.into_iter().map(|e| format!("{who}'s app gets: {} ({})", e.name, e.kind));
        Ok(lines.chain([format!("{who}'s app reads: {}", usage(&headers, now))]).collect())
    }
}

/// A way in, as an app lists it.
struct Entry {
    name: String,
    kind: String,
    uuid: Option<String>,
}

fn of_links(body: &str) -> Option<Vec<Entry>> {
    let text = String::from_utf8(STANDARD.decode(body).ok()?).ok()?;
    let links = text.lines().map(|link| {
        let (kind, rest) = link.split_once("://")?;
        let (before, label) = rest.split_once('#')?;
        let name = percent_decode_str(label).decode_utf8().ok()?.into_owned();
        let uuid = before.split_once('@').map(|(uuid, _)| uuid.to_owned());
        Some(Entry { name, kind: kind.to_owned(), uuid })
    });
    links.collect()
}

fn of_json(body: &str) -> Option<Vec<Entry>> {
    let profile: Value = serde_json::from_str(body).ok()?;
    let chosen = profile.pointer("/outbounds/0/outbounds")?.as_array()?;
    let outbounds = profile.get("outbounds")?.as_array()?;
    let named = chosen.iter().map(|tag| outbounds.iter().find(|out| out.get("tag") == Some(tag)));
    named.map(|out| entry(out?, "tag")).collect()
}

fn of_yaml(body: &str) -> Option<Vec<Entry>> {
    let profile: Value = serde_yaml::from_str(body).ok()?;
    profile.get("proxies")?.as_array()?.iter().map(|proxy| entry(proxy, "name")).collect()
}

fn entry(of: &Value, name: &str) -> Option<Entry> {
    let text = |key: &str| Some(of.get(key)?.as_str()?.to_owned());
    Some(Entry { name: text(name)?, kind: text("type")?, uuid: text("uuid") })
}

/// What an app shows of the headers.
fn usage(headers: &HeaderMap, now: u64) -> String {
    let said = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let usage = said("subscription-userinfo");
    let number = |key: &str| {
        usage
            .split("; ")
            .find_map(|part| part.strip_prefix(key)?.strip_prefix('=')?.parse::<u64>().ok())
    };
    let bytes = |n: u64| spell_bytes(i64::try_from(n).unwrap_or(i64::MAX));
    let used = bytes(number("download").unwrap_or_default());
    let total = number("total").map_or_else(|| "no limit".to_owned(), bytes);
    let end = match number("expire").map(|end| end.saturating_mul(1_000)) {
        Some(end) if end > now => {
            format!("ends in {}", spell_length(i64::try_from(end - now).unwrap_or(i64::MAX)))
        }
        Some(_) => "ended".to_owned(),
        None => "never bought".to_owned(),
    };
    format!("{used} of {total}, {end}, asks again in {}h", said("profile-update-interval"))
}
