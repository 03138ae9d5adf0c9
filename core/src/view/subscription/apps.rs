//! The apps of the page: where each is got, and the address by which it takes a subscription. Buttons are
//! made of this table alone, so that no request leads anybody anywhere else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nebulalinks_protocol::percent_encoded;

/// An app on the page.
#[derive(Clone, PartialEq, Eq)]
pub struct AppButton {
    /// Its name.
    pub name: &'static str,
    /// What it runs on.
    pub platforms: &'static str,
    /// Where it is got.
    pub install: &'static str,
    /// What puts the subscription into it. It opens the door: it never goes into a log.
    pub open: String,
}

impl std::fmt::Debug for AppButton {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AppButton({}, redacted)", self.name)
    }
}

/// How an app is told of an address.
#[derive(Clone, Copy)]
enum Takes {
    /// Behind this, as it is.
    Raw(&'static str),
    /// Behind this, percent-encoded.
    Encoded(&'static str),
    /// Behind this, as it is, and the name as the fragment.
    RawNamed(&'static str),
    /// Behind this as a parameter, and the name as the fragment.
    EncodedNamed(&'static str),
    /// Behind this as a parameter, and the name as another.
    Parameters(&'static str),
    /// Behind this in base64, and the name as a remark.
    Base64(&'static str),
}

struct App {
    name: &'static str,
    platforms: &'static str,
    install: &'static str,
    takes: Takes,
}

const fn app(
    name: &'static str,
    platforms: &'static str,
    install: &'static str,
    takes: Takes,
) -> App {
    App { name, platforms, install, takes }
}

/// The apps, those for most people first.
#[rustfmt::skip]
const APPS: &[App] = &[
    app("Hiddify", "Android, iOS, Windows, macOS, Linux",
        "https://github.com/hiddify/hiddify-app/releases/latest", Takes::RawNamed("hiddify://import/")),
    app("Happ", "Android, iOS, Windows, macOS",
        "https://www.happ.su/main", Takes::Raw("happ://add/")),
    app("v2rayNG", "Android",
        "https://github.com/2dust/v2rayNG/releases/latest", Takes::Parameters("v2rayng://install-config")),
    app("Streisand", "iOS, macOS",
        "https://apps.apple.com/app/streisand/id6450534064", Takes::Encoded("streisand://import/")),
    app("Shadowrocket", "iOS",
        "https://apps.apple.com/app/shadowrocket/id932747118", Takes::Base64("shadowrocket://add/sub://")),
    app("sing-box", "Android, iOS, macOS",
        "https://sing-box.sagernet.org/clients/", Takes::EncodedNamed("sing-box://import-remote-profile")),
    app("Clash Meta", "Android",
        "https://github.com/MetaCubeX/ClashMetaForAndroid/releases/latest",
        Takes::Parameters("clashmeta://install-config")),
    app("Clash Verge", "Windows, macOS, Linux",
        "https://github.com/clash-verge-rev/clash-verge-rev/releases/latest",
        Takes::Parameters("clash://install-config")),
];

/// A button for each app, for this address under this name.
pub(crate) fn buttons(address: &str, name: &str) -> Vec<AppButton> {
    let (url, label) = (percent_encoded(address), percent_encoded(name));
    let open = |takes| match takes {
        Takes::Raw(scheme) => format!("{scheme}{address}"),
        Takes::Encoded(scheme) => format!("{scheme}{url}"),
        Takes::RawNamed(scheme) => format!("{scheme}{address}#{label}"),
        Takes::EncodedNamed(scheme) => format!("{scheme}?url={url}#{label}"),
        Takes::Parameters(scheme) => format!("{scheme}?url={url}&name={label}"),
        Takes::Base64(scheme) => format!("{scheme}{}?remark={label}", STANDARD.encode(address)),
    };
    let button = |app: &App| AppButton {
        name: app.name,
        platforms: app.platforms,
        install: app.install,
        open: open(app.takes),
    };
    APPS.iter().map(button).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_app_is_told_of_the_address_in_its_own_way_and_got_over_tls() {
        let all = buttons("https://v.example/sub/T", "A b");
        let open: Vec<&str> = all.iter().map(|app| app.open.as_str()).collect();
        let url = "https%3A%2F%2Fv.example%2Fsub%2FT";
        assert_eq!(
            open,
            [
                "hiddify://import/https://v.example/sub/T#A%20b",
                "happ://add/https://v.example/sub/T",
                &format!("v2rayng://install-config?url={url}&name=A%20b"),
                &format!("streisand://import/{url}"),
                "shadowrocket://add/sub://aHR0cHM6Ly92LmV4YW1wbGUvc3ViL1Q=?remark=A%20b",
                &format!("sing-box://import-remote-profile?url={url}#A%20b"),
                &format!("clashmeta://install-config?url={url}&name=A%20b"),
                &format!("clash://install-config?url={url}&name=A%20b"),
            ]
        );
        assert!(all.iter().all(|app| app.install.starts_with("https://")));
    }
}
