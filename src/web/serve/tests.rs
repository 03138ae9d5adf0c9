use super::*;
use crate::catalog::SubscriptionSettings;
use crate::model::{DAY_MS, DurationMs, HOUR_MS, TimeReading, UnixMs, Witness};
use crate::store::MemoryStore;
use crate::view::sample::{self, NOW, served_account};
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use tower::ServiceExt as _;

/// What the account's address ends with.
fn end_of_address() -> String {
    format!("{}TOKENSECRET", sample::account_id(1))
}

/// It is always this time.
struct Stopped(UnixMs);

impl Timekeeper for Stopped {
    fn expect_discord(&self) {}
    fn heard(&self, _: Witness, _: UnixMs, _: DurationMs) {}
    fn reading(&self) -> TimeReading {
        TimeReading::vouched(self.0)
    }
    fn changes(&self) -> watch::Receiver<TimeReading> {
        watch::Sender::new(self.reading()).subscribe()
    }
    fn differences(&self) -> BTreeMap<Witness, i64> {
        BTreeMap::new()
    }
}

async fn web_at(now: UnixMs) -> (Web, Arc<SubscriptionStats>) {
    web(now, None).await
}

async fn web_named(title: &str) -> (Web, Arc<SubscriptionStats>) {
    web(NOW, Some(sample::text(title))).await
}

async fn web(now: UnixMs, title: Option<crate::catalog::Text>) -> (Web, Arc<SubscriptionStats>) {
    let store = Arc::new(MemoryStore::new());
    store.txn(served_account(1, true)).await.unwrap();
    let mut catalog = sample::catalog();
    catalog.shop.languages = ["en", "ar"].map(str::to_owned).to_vec();
    catalog.shop.subscription = Some(SubscriptionSettings {
        url: "https://vpn.example.net".into(),
        update_every: DurationMs(6 * HOUR_MS),
        title,
        support: Some("https://discord.gg/example".into()),
    });
    let stats = Arc::new(SubscriptionStats::default());
    let catalog = watch::Sender::new(Arc::new(catalog)).subscribe();
    let proxies = "127.0.0.0/8".parse().unwrap();
    let web = Web::new(store, Arc::new(Stopped(now)), catalog, Arc::clone(&stats), proxies);
    (web, stats)
}

/// Status, headers and body of what an app gets that sends these headers.
async fn get(web: &Web, path: &str, headers: &[(&str, &str)]) -> (u16, HeaderMap, String) {
    let peer: SocketAddr = ([127, 0, 0, 1], 4711).into();
    let mut request = Request::get(path).extension(ConnectInfo(peer));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).unwrap();
    let (head, body) = web.clone().router().oneshot(request).await.unwrap().into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    (head.status.as_u16(), head.headers, String::from_utf8(body.to_vec()).unwrap())
}

fn address(more: &str) -> String {
    format!("/sub/{}{more}", end_of_address())
}

#[tokio::test]
async fn an_app_reads_its_links_and_what_is_left_of_them() {
    let (web, stats) = web_at(NOW).await;
    let (status, headers, body) = get(&web, &address(""), &[("user-agent", "v2rayNG/1.9")]).await;
    let links = String::from_utf8(STANDARD.decode(body).unwrap()).unwrap();
    assert!(status == 200 && links.starts_with("vless://"), "{status} {links}");
    let said = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap());
    let end = NOW.0 / 1_000 + 30 * DAY_MS / 1_000;
    let usage = format!("upload=0; download={}; total={}; expire={end}", 5_u64 << 30, 50_u64 << 30);
    assert_eq!(said("subscription-userinfo"), usage);
    assert_eq!(said("profile-update-interval"), "6");
    assert_eq!(said("profile-title"), format!("base64:{}", STANDARD.encode("Basic")));
    assert_eq!(said("support-url"), "https://discord.gg/example");
    assert_eq!(
        said("profile-web-page-url"),
        format!("https://vpn.example.net/sub/{}", end_of_address())
    );
    assert_eq!(said("content-disposition"), "attachment; filename*=UTF-8''Basic");
    assert_eq!(said("cache-control"), "private, no-cache");
    assert_eq!(said("content-type"), "text/plain; charset=utf-8");

    let tag = said("etag").to_owned();
    let known = [("if-none-match", format!("\"x\", W/{tag}"))];
    let known: Vec<(&str, &str)> = known.iter().map(|(name, tag)| (*name, tag.as_str())).collect();
    let (status, headers, body) = get(&web, &address(""), &known).await;
    assert_eq!((status, body.as_str()), (304, ""));
    assert_eq!(headers["subscription-userinfo"], usage.as_str());
    assert_eq!(stats.counted(), [("base64", "served", 1), ("base64", "unchanged", 1)]);
}

#[tokio::test]
async fn what_an_app_holds_is_unchanged_only_while_it_is() {
    let (before, _) = web_at(NOW).await;
    let (_, headers, _) = get(&before, &address(""), &[]).await;
    let tag = headers["etag"].to_str().unwrap().to_owned();
    // It has ended meanwhile.
    let (after, _) = web_at(NOW + DurationMs(40 * DAY_MS)).await;
    let (status, headers, _) = get(&after, &address(""), &[("if-none-match", &tag)]).await;
    assert_eq!(status, 200);
    assert_ne!(headers["etag"].to_str().unwrap(), tag);
}

#[tokio::test]
async fn each_app_gets_the_form_that_it_reads_or_asks_for() {
    let (web, _) = web_at(NOW).await;
    for (more, agent, kind, begins) in [
        ("", "SFA/1.12.0 (1; sing-box 1.12.0)", "application/json; charset=utf-8", "{"),
        ("?format=sing-box", "v2rayNG/1.9", "application/json; charset=utf-8", "{"),
        ("", "mihomo/1.19.0", "text/yaml; charset=utf-8", "mode:"),
        ("?x=1&format=clash", "", "text/yaml; charset=utf-8", "mode:"),
        ("?format=links", "mihomo/1.19.0", "text/plain; charset=utf-8", "vless://"),
    ] {
        let (status, headers, body) = get(&web, &address(more), &[("user-agent", agent)]).await;
        assert_eq!((status, headers["content-type"].to_str().unwrap()), (200, kind));
        assert!(body.starts_with(begins), "{more} {agent}: {body}");
    }
    let (status, _, body) = get(&web, &address("?format=exe"), &[]).await;
    let says = "there is no such format; there are base64, links, sing-box, clash, html\n";
    assert_eq!((status, body.as_str()), (400, says));
}

#[tokio::test]
async fn who_has_ended_reads_one_entry_that_says_so() {
    let (web, stats) = web_at(NOW + DurationMs(40 * DAY_MS)).await;
    let (status, _, body) = get(&web, &address("?format=links"), &[]).await;
    assert_eq!((status, body.lines().count()), (200, 1));
    assert!(
        body.starts_with("vless://00000000-0000-0000-0000-000000000000@127.0.0.1:1?"),
        "{body}"
    );
    assert!(body.contains("#Ended.%20Renew"), "{body}");
    assert_eq!(stats.counted(), [("links", "told", 1)]);
}

#[tokio::test]
async fn whoever_knows_no_token_learns_nothing() {
    let (web, stats) = web_at(NOW).await;
    let unknown = get(&web, "/sub/nobody", &[]).await;
    assert_eq!((unknown.0, unknown.2.as_str()), (404, "not found\n"));
    let long = format!("/sub/{}", "a".repeat(5_000));
    let whole = address("");
    let short = whole.strip_suffix('T').unwrap();
    for path in [
        "/sub/",
        "/sub",
        "/",
        "/sub/TOKENSECRET",
        short,
        &format!("/sub/{}", end_of_address().to_lowercase()),
        &format!("/sub/{}/", end_of_address()),
        "/metrics",
        "/sub/%ff%fe",
        "/sub/..%2f..%2fetc",
        "/sub/nobody?format=exe",
        "/favicon.ico",
        &long,
    ] {
        assert_eq!(get(&web, path, &[]).await, unknown, "{path}");
    }
    let peer: SocketAddr = ([127, 0, 0, 1], 4711).into();
    let post = Request::post(address("")).extension(ConnectInfo(peer)).body(Body::empty()).unwrap();
    let response = web.clone().router().oneshot(post).await.unwrap();
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_eq!(stats.counted(), [("none", "unknown", 15)]);
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_back_and_nobody_else_waits() {
    let (web, stats) = web_at(NOW).await;
    let one = [("x-forwarded-for", "203.0.113.7")];
    let mut answers = 0;
    let late = loop {
        let (status, headers, body) = get(&web, &address(""), &one).await;
        if status == 429 {
            break (headers["retry-after"].to_str().unwrap().to_owned(), body);
        }
        answers += 1;
        assert!(answers < 500);
    };
    // A slow machine saves some up meanwhile.
    assert!((120..200).contains(&answers), "{answers}");
    assert_eq!(late, ("1".to_owned(), "too many requests\n".to_owned()));
    assert!(stats.counted().contains(&("none", "limited", 1)));
    let (status, ..) = get(&web, &address(""), &[("x-forwarded-for", "198.51.100.9")]).await;
    assert_eq!(status, 200);
}

const BROWSER: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

#[tokio::test]
async fn a_browser_gets_a_page_that_loads_nothing_and_needs_no_script() {
    let (web, stats) = web_at(NOW).await;
    let (status, headers, html) = get(&web, &address(""), &[BROWSER]).await;
    assert_eq!(
        (status, headers["content-type"].to_str().unwrap()),
        (200, "text/html; charset=utf-8")
    );
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert_eq!(headers["referrer-policy"], "no-referrer");
    for part in [
        "<html lang=\"en\" dir=\"ltr\">",
        "<h1>Your access: Basic</h1>",
        "<p class=\"state on\">Active</p>",
        "<progress value=\"5120\" max=\"51200\"",
        "5GiB of 50GiB used",
        &format!("happ://add/https://vpn.example.net/sub/{}", end_of_address()),
        "src=\"data:image/png;base64,",
        "href=\"https://discord.gg/example\"",
    ] {
        assert!(html.contains(part), "{part} is not in\n{html}");
    }
    for never in ["<script", "src=\"http", "@import", "url(", "style=\"", "onclick", "vless://"] {
        assert!(!html.contains(never), "{never} is in\n{html}");
    }
    assert_eq!(stats.counted(), [("html", "served", 1)]);
    let (.., links) = get(&web, &address("?format=links"), &[BROWSER]).await;
    assert!(links.starts_with("vless://"), "what is asked for comes first");
}

#[tokio::test]
async fn whatever_a_shop_is_called_the_page_stays_a_page() {
    let (web, _) = web_named("<script>\"&'").await;
    let (_, _, html) = get(&web, &address(""), &[BROWSER]).await;
    assert!(!html.contains("<script") && html.contains("&#60;script&#62;"), "{html}");
}

#[tokio::test]
async fn the_page_is_in_the_browsers_language_where_the_customer_has_none() {
    let (web, _) = web_at(NOW).await;
    let (_, _, html) =
        get(&web, &address(""), &[BROWSER, ("accept-language", "ar-EG,ar;q=0.9")]).await;
    assert!(
        html.contains("<html lang=\"ar\" dir=\"rtl\">") && html.contains("أضف اشتراكك إلى تطبيقك"),
        "{html}"
    );
    let (_, _, html) = get(&web, &address(""), &[BROWSER, ("accept-language", "fr")]).await;
    assert!(html.contains("<html lang=\"en\" dir=\"ltr\">"));
}
